import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, Server } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { RunError } from "@pulumi/pulumi";
import { generate } from "selfsigned";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPortForwarding, Patience } from "../../components/admin-access/port-forwarding";
import { probePostgres, Forwarding } from "../../lib/port-forwarding-session";
import { ROOT, RUNS_TYPESCRIPT, TOOLS_DIR } from "../../platform/shared/paths";
import { freePort } from "../../platform/shared/ports";
import { ensureDistribution } from "../../platform/rds/distribution";
import { temporaryFolder } from "../support/engine";
import { PlainPostgres, startPlainPostgres } from "../support/plain-postgres";
import { EngineStandIn, SessionManager } from "../support/session-manager";

/**
 * The session that every update opens, with a stand-in for AWS's command that forwards to a real PostgreSQL: as the one
 * in the VPC, its certificate is for its own name and not for 127.0.0.1.
 */
let database: PlainPostgres;
let manager: SessionManager;
let engine: EngineStandIn;
let forwarding: Forwarding;
let caFile: string;
let psql: string;
let news: string[];

const NOT_CONNECTED =
  "An error occurred (TargetNotConnected) when calling the StartSession operation: i-0abc is not connected.";
/** Tries again soon, tells everything, and waits for the port as long as a slow machine needs. */
const EAGER: Partial<Patience> = { portFree: 120_000, betweenTries: 50, betweenNews: 0, retries: 2 };

const say = (line: string) => void news.push(line);
const open = (patience: Partial<Patience> = {}) =>
  openPortForwarding(forwarding, { engine: engine.address, log: say, warn: say, patience: { ...EAGER, ...patience } });
const refusal = (patience: Partial<Patience> = {}) =>
  open(patience).then(
    () => "opened",
    (error: Error) => {
      expect(RunError.isInstance(error)).toBe(true);
      return error.message;
    },
  );

const until = (condition: () => boolean | Promise<boolean>) => expect.poll(async () => condition()).toBe(true);
const answers = async () => (await probePostgres(forwarding.localPort)) === "postgresql";
const said = (pattern: RegExp) => news.filter((line) => pattern.test(line));
const hasComeBack = (times: number) => () => said(/^The way to the database is open again$/).length === times;

/** What libpq makes of the connection. */
async function query(sslmode: string): Promise<string> {
  const target = `host=127.0.0.1 port=${forwarding.localPort} dbname=postgres user=${database.superuser.user}`;
  const env = { ...process.env, PGPASSWORD: database.superuser.password };
  const sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
  return promisify(execFile)(
    psql,
    ["-XAtc", sql, `${target} sslmode=${sslmode} sslrootcert=${caFile} connect_timeout=10`],
    { env },
  ).then(
    ({ stdout }) => stdout.trim(),
    (error: { stderr: string }) => error.stderr,
  );
}

beforeAll(async () => {
  const extensions = [{ name: "subjectAltName" as const, altNames: [{ type: 2 as const, value: "db.internal" }] }];
  const made = await generate([{ name: "commonName", value: "db.internal" }], { extensions });
  caFile = path.join(await temporaryFolder("admin-access"), "ca.pem");
  writeFileSync(caFile, made.cert);
  database = await startPlainPostgres(17, { tls: { certificate: made.cert, key: made.private } });
  const { binDir } = await ensureDistribution({ toolsDir: TOOLS_DIR, engineVersion: "17", log: () => undefined });
  psql = path.join(binDir, "psql");
  manager = await SessionManager.start(); // last: what was started before does not count as a session's
});
afterAll(async () => {
  manager?.stop();
  await database?.stop();
});

beforeEach(async () => {
  news = [];
  engine = await EngineStandIn.start();
  const localPort = await freePort();
  forwarding = { instanceId: "i-0abc", region: "eu-central-1", host: "db.internal", port: 5432, localPort };
  manager.behave({ forwardTo: database.port });
});
afterEach(async () => {
  await engine.end();
  await manager.untilGone(forwarding.localPort);
});

describe("opening", () => {
  it("asks AWS for the port and returns when PostgreSQL answers", async () => {
    await open();
    expect(await probePostgres(forwarding.localPort)).toBe("postgresql");
    const parameters = `{"host":["db.internal"],"portNumber":["5432"],"localPortNumber":["${forwarding.localPort}"]}`;
    expect(manager.calls()).toEqual([
      [
        ...["ssm", "start-session", "--target", "i-0abc"],
        ...["--document-name", "AWS-StartPortForwardingSessionToRemoteHost"],
        ...["--parameters", parameters, "--region", "eu-central-1"],
      ],
    ]);
    expect(news[0]).toEqual(`Opening a session to db.internal:5432 on 127.0.0.1:${forwarding.localPort}`);
    // The authority is verified through it; the name is another's.
    expect(await query("verify-ca")).toBe("t");
    expect(await query("verify-full")).toMatch(/server certificate for "db.internal" .*does not match host name/);
  });

  it("waits for the session of an update that has just ended, and for a host that has not registered yet", async () => {
    const server = await listen(forwarding.localPort);
    manager.behave({ forwardTo: database.port, failures: [NOT_CONNECTED, NOT_CONNECTED] });
    const opening = open({ retries: 0 });
    await until(() => said(/^Waiting since \d+ s: another process .* listens on 127\.0\.0\.1:\d+$/).length > 0);
    expect(manager.calls()).toEqual([]);
    server.close();
    await opening;
    expect(await answers()).toBe(true);
    expect(manager.calls()).toHaveLength(3);
    expect(news.join("\n")).toMatch(/^Waiting since \d+ s: the host i-0abc has not registered with Systems Manager/m);
  });
});

describe("failing", () => {
  it("names the setting when another process has the port", async () => {
    const server = await listen(forwarding.localPort);
    expect(await refusal({ portFree: 0 })).toBe(
      "No way to the database: another process (perhaps the update of another stack) listens on " +
        `127.0.0.1:${forwarding.localPort}; end it, or set access.localPort to a free port`,
    );
    expect(manager.calls()).toEqual([]);
    await new Promise((closed) => server.close(closed));
  });

  it("says how to get a missing `aws`", async () => {
    const before = process.env.PATH;
    process.env.PATH = path.join(ROOT, "docs"); // nothing to be run there
    try {
      expect(await refusal()).toMatch(/^No way to the database: `aws` is not on the PATH; install the AWS CLI.*https:/);
    } finally {
      process.env.PATH = before;
    }
  });

  it.each([
    [
      "a missing plugin",
      "SessionManagerPlugin is not found. Please refer to SessionManager Documentation here: http://docs.aws.amazon.com",
      /the AWS CLI lacks its Session Manager plugin; install it: https:/,
    ],
    [
      "missing rights",
      "An error occurred (AccessDeniedException) when calling the StartSession operation: User: arn:x is not authorized",
      /AWS denies the session; allow whoever deploys ssm:StartSession on the instance i-0abc .*arn:x is not authorized/,
    ],
    [
      "missing credentials",
      "Unable to locate credentials. You can configure credentials by running",
      /no valid credential/,
    ],
  ])("says at once how to cure %s", async (_what, failure, message) => {
    manager.behave({ forwardTo: database.port, failures: [failure, failure] });
    expect(await refusal()).toMatch(message);
    expect(manager.calls()).toHaveLength(1);
  });

  it("gives up on a host that never comes", async () => {
    manager.behave({ forwardTo: database.port, failures: Array<string>(200).fill(NOT_CONNECTED) });
    expect(await refusal({ registered: 500 })).toMatch(
      /the host i-0abc has not registered .* see that it runs, and that its subnet has the interface endpoints ssm and ssmmessages$/,
    );
  });

  it("gives up on what does not pass", async () => {
    manager.behave({ forwardTo: database.port, failures: ["Internal error", "Internal error", "Internal error"] });
    expect(await refusal()).toBe("No way to the database: the session ended with exit code 254 (Internal error)");
    expect(manager.calls()).toHaveLength(3);
  });

  it("tells a session from a database that answers", async () => {
    manager.behave({ forwardTo: await freePort() });
    expect(await refusal({ answer: 1_500 })).toMatch(
      /the session is open, but db.internal:5432 does not answer through it; see whether the database is running and/,
    );
  });

  it("does without a server that offers no TLS", async () => {
    const plain = await listen(0, "N");
    manager.behave({ forwardTo: (plain.address() as { port: number }).port });
    expect(await refusal()).toMatch(/db.internal:5432 does not offer TLS/);
    plain.close();
  });

  it("opens nothing outside of an update, which alone would end it", async () => {
    const opening = openPortForwarding(forwarding, { engine: "", log: say, warn: say });
    await expect(opening).rejects.toThrow("opened by Pulumi's engine only");
    expect(manager.running()).toEqual([]);
  });
});

describe("lasting", () => {
  it("comes back when its aws or its plugin dies half-way, though not for ever, and leaves nothing", async () => {
    // What may pass is tried again, too.
    manager.behave({ forwardTo: database.port, failures: ["An error occurred (ThrottlingException): Rate exceeded"] });
    await open();
    expect(manager.calls()).toHaveLength(2);
    for (const [before, which] of (["aws", "plugin"] as const).entries()) {
      process.kill(manager.session()[which], "SIGKILL");
      await until(hasComeBack(before + 1));
      expect(await query("verify-ca")).toBe("t");
      expect(said(/^The way to the database broke: .*; opening it again$/)).toHaveLength(before + 1);
      expect(manager.running()).toHaveLength(3);
    }
    process.kill(manager.session().plugin, "SIGKILL");
    await manager.untilGone(forwarding.localPort);
    await until(() => said(/^The way to the database broke 3 times, at last because/).length > 0);
  });
});

describe("ending", () => {
  it.each(["SIGKILL", "SIGINT", "SIGTERM"] as const)("goes with the engine when that ends by %s", async (signal) => {
    await open();
    expect(manager.running()).toHaveLength(3);
    await engine.end(signal);
    await manager.untilGone(forwarding.localPort);
    expect(manager.terminated()).toBe(1);
  });

  it("goes even when AWS's command takes no notice of signals", async () => {
    manager.behave({ forwardTo: database.port, ignoresSignals: true });
    await open();
    await engine.end();
    await manager.untilGone(forwarding.localPort);
    expect(manager.terminated()).toBe(0);
  });

  it("goes with the engine while it is still being opened", async () => {
    manager.behave({ forwardTo: database.port, failures: Array<string>(200).fill(NOT_CONNECTED) });
    const opening = refusal();
    await until(() => manager.calls().length > 1);
    await engine.end();
    expect(await opening).toBe("The process that keeps the session has ended");
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("goes with its keeper when that gets %s", async (signal) => {
    await open();
    manager.keepers().forEach((pid) => process.kill(pid, signal));
    await manager.untilGone(forwarding.localPort);
    expect(manager.terminated()).toBe(1);
  });

  it("outlives the program, killed or not, as long as the engine lives", async () => {
    const program = `
      const { openPortForwarding } = require("${path.join(ROOT, "components", "admin-access", "port-forwarding.ts")}");
      openPortForwarding(${JSON.stringify(forwarding)}, { engine: "${engine.address}", log() {}, warn() {} })
        .then(() => console.log("open"))
        .then(() => setInterval(() => undefined, 60_000));
    `;
    const args = [...RUNS_TYPESCRIPT, "-e", program];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    await once(createInterface({ input: child.stdout }), "line");
    child.kill("SIGKILL");
    await once(child, "close"); // nobody holds its output open
    // The session is still minded: it comes back, and nobody is left to be told.
    process.kill(manager.session().plugin, "SIGKILL");
    await until(() => manager.calls().length === 2);
    await until(answers);
    expect(await query("verify-ca")).toBe("t");
    await engine.end();
    await manager.untilGone(forwarding.localPort);
    expect(manager.terminated()).toBe(1);
  });
});

/** A server that is no PostgreSQL. */
async function listen(port: number, says = ""): Promise<Server> {
  const server = createServer((socket) => socket.once("data", () => socket.end(says))).listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}
