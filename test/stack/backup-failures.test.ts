import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../platform/shared/paths";
import { isRunning } from "../../ops/backups/scratch-server";
import { BackupCommands } from "../support/backup-commands";
import { LocalStack } from "../support/local-stack";
import { Held, S3Front } from "../support/s3-front";

/** The restoring itself: before there is a server, pg_restore is asked for its version. */
const RESTORES = /pg_restore.*--single-transaction/;

/** What goes wrong half-way: nothing is left that looks like a backup, and nothing in clear. */
describe("a backup that fails", () => {
  let stack: LocalStack;
  let commands: BackupCommands;
  let before: string[];
  let BACKUPS: string;
  /** The one that was made when S3 had failed once, beside what one had left that was killed. */
  let newest: string;
  /** Between the commands and the emulator. */
  let s3: S3Front;

  beforeAll(async () => {
    stack = await LocalStack.prepared();
    commands = new BackupCommands(stack);
    s3 = await S3Front.start(stack.platform.environment.AWS_ENDPOINT_URL as string);
    BACKUPS = JSON.stringify(await commands.config());
    await stack.as("migrate", async (client) => {
      // Does not compress: two parts of an upload, of 16 MiB and the rest. Letters take pg_dump a third of the time of as many bytes.
      await client.query(
        `CREATE TABLE noise AS SELECT translate(encode(string_agg(sha512((g::text || random()::text || h::text)::bytea), ''), 'base64'),
           E'\\n', '') AS letters FROM generate_series(1, 1800) g, generate_series(1, 160) h GROUP BY g`,
      );
      await client.query("CREATE TYPE pair AS (one int, other int)");
      await client.query("CREATE TABLE pairs AS SELECT ROW (1, 2)::pair AS pair");
    });
    before = [];
  });
  afterAll(async () => {
    s3.close();
    await stack.close();
  });

  afterEach(async () => {
    s3.fails = () => false;
    expect(await commands.keys()).toEqual(before);
  });

  /** Where there is no Pulumi the environment says what `--stack` does, and sooner. */
  async function start(environment: NodeJS.ProcessEnv = {}): Promise<{ child: ChildProcess; said: () => string }> {
    const { cwd, env } = await commands.environment();
    const child = spawn(path.join(ROOT, "ops", "backup"), {
      cwd,
      env: { ...env, BACKUPS, AWS_ENDPOINT_URL_S3: s3.url, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    return { child, said: () => text };
  }

  /** Starts a backup and holds it when a part of the dump is uploaded: pg_dump waits for the type of what comes last. */
  async function half() {
    const inTheWay = new Client(await stack.connection("migrate"));
    await inTheWay.connect();
    await inTheWay.query("BEGIN; ALTER TYPE pair RENAME ATTRIBUTE one TO another");
    const uploaded = s3.taken((method, url) => method === "PUT" && url.includes("partNumber=1"));
    const backup = await start();
    await uploaded;
    return { ...backup, release: () => inTheWay.end() };
  }

  const dumpers = async () => {
    const { rows } = await stack.as("master", (client) =>
      client.query<{ pid: number }>("SELECT pid FROM pg_stat_activity WHERE usename LIKE 'markenmate_backup%'"),
    );
    return rows.map(({ pid }) => pid);
  };

  // The first: what the others find beside what they leave.
  it("writes nothing to a disk, and keeps the password out of what ps shows", async () => {
    const { child, release } = await half();
    const family = await processesBelow(child.pid as number);
    const lines = await Promise.all(family.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
    const written = await Promise.all(
      family.map(async (pid) => {
        const io = await readFile(`/proc/${pid}/io`, "utf8").catch(() => "");
        return Number(/^write_bytes: (\d+)$/m.exec(io)?.[1] ?? 0);
      }),
    );
    await release();
    const [code] = (await once(child, "close")) as [number | null];
    expect(code).toBe(0);
    before = await commands.keys();
    expect(lines.some((line) => line.includes("pg_dump"))).toBe(true);
    const { password } = await stack.secret((await stack.outputs()).secretArns.backup as string);
    expect(lines.join("\n")).not.toContain(password);
    // What is kept of the compiled program itself.
    expect(Math.max(...written)).toBeLessThan(2_000_000);
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "for it is ended by %s takes back what it had uploaded, and its sessions",
    async (signal) => {
      const { child, said, release } = await half();
      child.kill(signal);
      await release();
      const [code] = (await once(child, "close")) as [number | null];
      expect([code, said()]).toEqual([1, expect.stringContaining(`Ended by ${signal}`)]);
      expect(await commands.unfinishedUploads()).toBe(0);
      await expect.poll(dumpers).toEqual([]);
    },
  );

  it("for its connections to the database are cut", async () => {
    const { child, said, release } = await half();
    await stack.as("master", (client) =>
      client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'markenmate_backup%'"),
    );
    await release();
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
${real} "$@" 2>/dev/null | head --bytes 17500000
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
    it.each<[string, (method: string, url: string) => boolean]>([
      ["to take the last part", (method, at) => method === "PUT" && at.includes("partNumber=2")],
      ["to put the parts together", (method, at) => method === "POST" && at.includes("uploadId=")],
      ["to take the manifest", (method, at) => method === "PUT" && at.includes("/manifest")],
    ])("%s", async (_, when) => {
      [s3.fails, s3.failed] = [when, 0];
      const { child, said } = await start();
      const [code] = (await once(child, "close")) as [number | null];
      expect([code, said()]).toEqual([1, expect.stringContaining("The backup has failed: broken")]);
      expect(s3.failed).toBeGreaterThan(1); // the SDK tries again
      expect(await commands.unfinishedUploads()).toBe(0);
      // A dump without its manifest is no backup: it counts as none, and S3 deletes it in time.
      const left = (await commands.keys()).filter((key) => !before.includes(key));
      before.push(...left);
      before.sort();
      expect(left.filter((key) => key.endsWith("/manifest"))).toEqual([]);
      expect(await (await commands.store()).list("markenmate")).toHaveLength(1);
    });

    it("and what it has left is not listed", async () => {
      const { stdout } = await commands.run("restore", ["--list", "--json"]);
      expect((JSON.parse(stdout) as { backups: string[] }).backups).toHaveLength(1);
    });
  });

  it("for it is killed outright shows nothing, and the next one is made, though S3 fails once", async () => {
    const { child, release } = await half();
    for (const pid of await processesBelow(child.pid as number)) {
      process.kill(pid, "SIGKILL");
    }
    await once(child, "close");
    await release();
    expect(await commands.keys()).toEqual(before);
    // S3 throws away what was never completed (lifecycle rule of the bucket).
    expect(await commands.unfinishedUploads()).toBe(1);
    s3.failed = 0;
    s3.fails = (method, at) => method === "PUT" && at.includes("partNumber=2") && s3.failed === 0;
    const next = await start();
    const [code] = (await once(next.child, "close")) as [number | null];
    expect([code, next.said(), s3.failed]).toEqual([0, expect.stringContaining("Backed up as"), 1]);
    newest = /Backed up as (\S+):/.exec(next.said())?.[1] ?? "";
    before = await commands.keys();
  });

  describe("a verification that fails half-way leaves nothing of the data", () => {
    const folders = () => commands.leftBehind();

    it("for it is ended", async () => {
      const { child, release } = await verifying();
      child.kill("SIGTERM");
      release();
      const [code] = (await once(child, "close")) as [number | null];
      expect([code, await folders()]).toEqual([1, []]);
    });

    it("for it is killed: the next one cleans up, server and all, and finds the newest backup whole", async () => {
      const { child, release } = await verifying();
      const [folder = ""] = await folders();
      for (const pid of await processesBelow(child.pid as number)) {
        process.kill(pid, "SIGKILL");
      }
      await once(child, "close");
      release();
      const postmaster = Number(
        (await readFile(path.join(commands.temporaryFolder, folder, "data", "postmaster.pid"), "utf8")).split("\n")[0],
      );
      const next = await commands.run("verify-backup");
      expect([next.code, next.stderr]).toEqual([0, expect.stringContaining(`the backup ${newest} is whole`)]);
      expect(await folders()).toEqual([]);
      // pg_ctl waits for the server's file to go, which it deletes just before it ends.
      await expect.poll(() => isRunning(postmaster)).toBe(false);
    });

    it("for its disk is full", async () => {
      const { cwd, env } = await commands.environment();
      const script = `ulimit -f 20000; exec ${path.join(ROOT, "ops", "verify-backup")}`;
      const child = spawn("bash", ["-c", script], {
        cwd,
        env: { ...env, BACKUPS },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const [code] = (await once(child, "close")) as [number | null];
      expect([code, said]).toEqual([
        1,
        expect.stringMatching(/NOT RESTORED.*\n.*pg_restore has failed[^]*File too large/),
      ]);
      expect(await folders()).toEqual([]);
    });

    /** One that is held when it has begun to restore. */
    async function verifying(): Promise<{ child: ChildProcess; release: Held["release"] }> {
      const { cwd, env } = await commands.environment();
      const held = s3.hold((method, url) => method === "GET" && /\/dump(\?|$)/.test(url));
      const child = spawn(path.join(ROOT, "ops", "verify-backup"), {
        cwd,
        env: { ...env, BACKUPS, AWS_ENDPOINT_URL_S3: s3.url },
        stdio: "ignore",
      });
      await held.reached;
      await expect.poll(() => commandLines(child.pid as number)).toContainEqual(expect.stringMatching(RESTORES));
      return { child, release: held.release };
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
