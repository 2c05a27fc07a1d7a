import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, request, Server } from "node:http";
import { AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../local/platform/paths";
import { BackupCommands } from "../support/backup-commands";
import { LocalStack } from "../support/local-stack";

/** What goes wrong half-way: nothing is left that looks like a backup, and nothing in clear. */
describe("a backup that fails", () => {
  let stack: LocalStack;
  let commands: BackupCommands;
  let before: string[];

  beforeAll(async () => {
    stack = await LocalStack.open("failing");
    await stack.up();
    commands = new BackupCommands(stack);
    // Does not compress: some parts of an upload, and time enough to interfere.
    await stack.as("migrate", (client) =>
      client.query(
        `CREATE TABLE noise AS SELECT string_agg(sha512((g::text || random()::text || h::text)::bytea), '') AS bytes
         FROM generate_series(1, 90000) g, generate_series(1, 16) h GROUP BY g`,
      ),
    );
    await commands.backUp();
    before = await commands.keys();
  });
  afterAll(() => stack.close());

  afterEach(async () => {
    expect(await commands.keys()).toEqual(before);
  });

  async function start(environment: NodeJS.ProcessEnv = {}): Promise<{ child: ChildProcess; said: () => string }> {
    const { cwd, env } = await commands.environment();
    const child = spawn(path.join(ROOT, "ops", "backup"), ["--stack", stack.name], {
      cwd,
      env: { ...env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    return { child, said: () => text };
  }

  /** Waits until the upload has begun. */
  async function half(): Promise<void> {
    while ((await commands.unfinishedUploads()) === 0) {
      await wait(20);
    }
  }

  const dumpers = async () => {
    const { rows } = await stack.as("master", (client) =>
      client.query<{ pid: number }>("SELECT pid FROM pg_stat_activity WHERE usename LIKE 'markenmate_backup%'"),
    );
    return rows.map(({ pid }) => pid);
  };

  it.each(["SIGTERM", "SIGINT"] as const)(
    "for it is ended by %s takes back what it had uploaded, and its sessions",
    async (signal) => {
      const { child, said } = await start();
      await half();
      child.kill(signal);
      const [code] = (await once(child, "close")) as [number | null];
      expect([code, said()]).toEqual([1, expect.stringContaining(`Ended by ${signal}`)]);
      expect(await commands.unfinishedUploads()).toBe(0);
      await expect.poll(dumpers, { timeout: 10_000 }).toEqual([]);
    },
  );

  it("for its connections to the database are cut", async () => {
    const { child, said } = await start();
    await half();
    await stack.as("master", (client) =>
      client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'markenmate_backup%'"),
    );
    const [code] = (await once(child, "close")) as [number | null];
    expect([code, said()]).toEqual([1, expect.stringMatching(/The backup has failed|pg_dump has failed/)]);
    expect(await commands.unfinishedUploads()).toBe(0);
  });

  it("for pg_dump cannot go on, a full disk of the server's say, does not end as if it were whole", async () => {
    const { env } = await commands.environment();
    const folder = path.join(stack.platform.dir, "half-a-dump");
    await mkdir(folder);
    const real = await stack.platform.clientProgram("pg_dump");
    await writeFile(
      path.join(folder, "pg_dump"),
      `#!/bin/bash
if [ "$1" = --version ]; then exec ${real} --version; fi
${real} "$@" 2>/dev/null | head --bytes 40000000
echo 'pg_dump: error: query failed: ERROR:  could not write to file: No space left on device' >&2
exit 1
`,
    );
    await chmod(path.join(folder, "pg_dump"), 0o755);
    const { child, said } = await start({ PATH: `${folder}:${env.PATH}` });
    const [code] = (await once(child, "close")) as [number | null];
    expect([code, said()]).toEqual([1, expect.stringContaining("could not write to file: No space left on device")]);
    expect(await commands.unfinishedUploads()).toBe(0);
  });

  describe("for S3 fails", () => {
    let front: Server;
    let fails: (method: string, url: string) => boolean;
    let count: number;
    let url: string;

    /** The emulator, which answers some requests with an error. */
    beforeAll(async () => {
      const target = new URL(stack.platform.environment.AWS_ENDPOINT_URL as string);
      front = createServer((incoming, outgoing) => {
        const { method = "", url: at = "", headers } = incoming;
        if (fails(method, at)) {
          count += 1;
          const body = "<Error><Code>InternalError</Code><Message>broken</Message></Error>";
          incoming.resume().on("end", () => outgoing.writeHead(500).end(body));
          return;
        }
        const forwarded = request(
          {
            host: target.hostname,
            port: target.port,
            method,
            path: at,
            headers: { ...headers, "x-forwarded-proto": "https" },
          },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(outgoing);
          },
        );
        incoming.pipe(forwarded);
      });
      await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
      url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
    });
    afterAll(() => front.close());

    it.each<[string, (method: string, url: string) => boolean]>([
      ["to take the third part", (method, at) => method === "PUT" && at.includes("partNumber=3")],
      ["to put the parts together", (method, at) => method === "POST" && at.includes("uploadId=")],
      ["to take the manifest", (method, at) => method === "PUT" && at.includes("/manifest")],
    ])("%s", async (_, when) => {
      [fails, count] = [when, 0];
      const { child, said } = await start({ AWS_ENDPOINT_URL_S3: url });
      const [code] = (await once(child, "close")) as [number | null];
      expect([code, said()]).toEqual([1, expect.stringContaining("The backup has failed: broken")]);
      expect(count).toBeGreaterThan(1); // the SDK tries again
      expect(await commands.unfinishedUploads()).toBe(0);
      // A dump without its manifest is no backup: it counts as none, and S3 deletes it in time.
      const left = (await commands.keys()).filter((key) => !before.includes(key));
      before.push(...left);
      before.sort();
      expect(left.filter((key) => key.endsWith("/manifest"))).toEqual([]);
      const { stdout } = await commands.run("restore", ["--list", "--json"]);
      expect((JSON.parse(stdout) as { backups: string[] }).backups).toHaveLength(1);
    });

    it("once only, goes on", async () => {
      [fails, count] = [(method, at) => method === "PUT" && at.includes("partNumber=2") && count === 0, 0];
      const { child, said } = await start({ AWS_ENDPOINT_URL_S3: url });
      const [code] = (await once(child, "close")) as [number | null];
      expect([code, said()]).toEqual([0, expect.stringContaining("Backed up as")]);
      before = await commands.keys();
      const { code: verified } = await commands.run("verify-backup");
      expect(verified).toBe(0);
    });
  });

  it("writes nothing to a disk, and keeps the password out of what ps shows", async () => {
    const { child } = await start();
    await half();
    const family = await processesBelow(child.pid as number);
    const lines = await Promise.all(family.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
    const written = await Promise.all(
      family.map(async (pid) => {
        const io = await readFile(`/proc/${pid}/io`, "utf8").catch(() => "");
        return Number(/^write_bytes: (\d+)$/m.exec(io)?.[1] ?? 0);
      }),
    );
    const [code] = (await once(child, "close")) as [number | null];
    expect(code).toBe(0);
    before = await commands.keys();
    expect(lines.some((line) => line.includes("pg_dump"))).toBe(true);
    const { password } = await stack.secret((await stack.outputs()).secretArns.backup as string);
    expect(lines.join("\n")).not.toContain(password);
    // What tsx caches of the program itself.
    expect(Math.max(...written)).toBeLessThan(2_000_000);
  });

  it("for it is killed outright shows nothing, and the next one is whole", async () => {
    const { child } = await start();
    await half();
    for (const pid of await processesBelow(child.pid as number)) {
      process.kill(pid, "SIGKILL");
    }
    await once(child, "close");
    expect(await commands.keys()).toEqual(before);
    // S3 throws away what was never completed (lifecycle rule of the bucket).
    expect(await commands.unfinishedUploads()).toBe(1);
    const name = await commands.backUp();
    expect(await commands.problems(name)).toEqual([]);
    before = await commands.keys();
  });

  describe("a verification that fails half-way leaves nothing of the data", () => {
    const folders = () => commands.leftBehind();

    it("for it is ended", async () => {
      const child = await verifying();
      child.kill("SIGTERM");
      const [code] = (await once(child, "close")) as [number | null];
      expect([code, await folders()]).toEqual([1, []]);
    });

    it("for it is killed: the next one cleans up, server and all", async () => {
      const child = await verifying();
      const [folder = ""] = await folders();
      for (const pid of await processesBelow(child.pid as number)) {
        process.kill(pid, "SIGKILL");
      }
      await once(child, "close");
      const postmaster = Number(
        (await readFile(path.join(commands.temporaryFolder, folder, "data", "postmaster.pid"), "utf8")).split("\n")[0],
      );
      expect((await commands.run("verify-backup")).code).toBe(0);
      expect(await folders()).toEqual([]);
      expect(() => process.kill(postmaster, 0)).toThrowError("ESRCH");
    });

    it("for its disk is full", async () => {
      const { cwd, env } = await commands.environment();
      const script = `ulimit -f 40000; exec ${path.join(ROOT, "ops", "verify-backup")} --stack ${stack.name}`;
      const child = spawn("bash", ["-c", script], { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const [code] = (await once(child, "close")) as [number | null];
      expect([code, said]).toEqual([
        1,
        expect.stringMatching(/NOT RESTORED.*\n.*pg_restore has failed[^]*File too large/),
      ]);
      expect(await folders()).toEqual([]);
    });

    /** One that has begun to restore. */
    async function verifying(): Promise<ChildProcess> {
      const { cwd, env } = await commands.environment();
      const child = spawn(path.join(ROOT, "ops", "verify-backup"), ["--stack", stack.name], {
        cwd,
        env,
        stdio: "ignore",
      });
      // The restoring itself: before there is a server, pg_restore is asked for its version.
      const restores = (line: string) => line.includes("pg_restore") && line.includes("--single-transaction");
      while (!(await commandLines(child.pid as number)).some(restores)) {
        await wait(20);
      }
      return child;
    }
  });

  const commandLines = async (pid: number) =>
    Promise.all((await processesBelow(pid)).map((one) => readFile(`/proc/${one}/cmdline`, "utf8").catch(() => "")));

  /** A process and what it has started, by what the kernel knows. */
  async function processesBelow(pid: number): Promise<number[]> {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
    const below = await Promise.all(
      children
        .split(" ")
        .filter(Boolean)
        .map((child) => processesBelow(Number(child))),
    );
    return [pid, ...below.flat()];
  }
});
