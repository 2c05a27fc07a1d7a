import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../../platform/shared/paths";
import { libpqEnvironment } from "../../ops/shared/connection";
import { BackupCommands } from "../support/backup-commands";
import { LocalStack } from "../support/local-stack";

/**
 * What a backup costs beside plain `pg_dump | cat > /dev/null` on the same database in the same run, in turns; and what its
 * processes need of memory, and write to a disk, over its time. `make bench-backup` runs it; docs/performance.md has the
 * figures.
 */
const GIB = Number(process.env.GIB ?? 2);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
/** What a row takes, with all that belongs to it. */
const ROW_BYTES = 230;
const SAMPLE_MS = 250;

interface Sample {
  rssMiB: number;
  writtenKiB: number;
}

/** What the kernel knows of a process and of those that it has started. */
function measure(pid: number): Sample {
  const read = (file: string) => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return ""; // it has ended
    }
  };
  const own = {
    rssMiB: Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024,
    writtenKiB: Number(/^write_bytes: (\d+)/m.exec(read(`/proc/${pid}/io`))?.[1] ?? 0) / 1024,
  };
  const children = read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
  return children
    .map(measure)
    .reduce(
      (sum, child) => ({ rssMiB: sum.rssMiB + child.rssMiB, writtenKiB: sum.writtenKiB + child.writtenKiB }),
      own,
    );
}

/** Runs a command to its end, and looks at it all the time. */
async function run(command: string, args: string[], env: NodeJS.ProcessEnv, cwd: string) {
  const begin = process.hrtime.bigint();
  const child = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "inherit"] });
  const samples: Sample[] = [];
  const timer = setInterval(() => samples.push(measure(child.pid as number)), SAMPLE_MS);
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  clearInterval(timer);
  if (code !== 0) {
    throw new Error(`${command}: exit code ${code}`);
  }
  return { seconds: Number(process.hrtime.bigint() - begin) / 1e9, samples, stdout };
}

/** The most of memory in each quarter of the time: flat, or it grows with the database. */
function quarters(samples: Sample[]): string {
  const size = Math.ceil(samples.length / 4);
  return [0, 1, 2, 3]
    .map((quarter) => samples.slice(quarter * size, (quarter + 1) * size))
    .map((part) => Math.max(...part.map(({ rssMiB }) => rssMiB)).toFixed(0))
    .join(" / ");
}

async function fill(stack: LocalStack): Promise<void> {
  await stack.as("migrate", async (client) => {
    await client.query(
      "CREATE TABLE orders (id bigint PRIMARY KEY, customer int, ordered timestamptz, price numeric, note text)",
    );
    const rows = Math.ceil((GIB * 1024 ** 3) / ROW_BYTES);
    const step = 500_000;
    for (let from = 1; from <= rows; from += step) {
      await client.query(
        `INSERT INTO orders SELECT g, g % 100000, TIMESTAMPTZ '2020-01-01' + g * INTERVAL '7 seconds', g % 10000 / 100.0,
           md5(g::text) || ' of somebody who ordered it, and would like to have it soon, ' || md5((g * 7)::text) || ' thank you'
         FROM generate_series(${from}, ${Math.min(rows, from + step - 1)}) g`,
      );
      process.stdout.write(".");
    }
  });
  await stack.as("master", (client) => client.query("CHECKPOINT"));
  console.log();
}

async function main(): Promise<void> {
  const stack = await LocalStack.open("bench-backup", {}, { backup: { lockMode: "none" } });
  try {
    console.log("Bringing a stack up …");
    await stack.up();
    const commands = new BackupCommands(stack);
    console.log(`Filling the database with ${GIB} GiB …`);
    await fill(stack);
    const { cwd, env } = await commands.environment();
    const { host, port, database, user, password } = await stack.connection("backup");
    const caFile = path.join(stack.platform.dir, "tls", "ca.pem");
    const plain = libpqEnvironment({
      ...{ host: host as string, port: port as number, database: database as string, user: user as string },
      ...{ password: password as string, tls: { caFile, verifyName: true }, applicationName: "pg_dump" },
    });
    const pgDump = await stack.platform.clientProgram("pg_dump");
    const rows = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const dumped = await run(
        "bash",
        ["-c", `set -o pipefail; ${pgDump} --format=custom | cat > /dev/null`],
        plain,
        cwd,
      );
      const backup = await run(path.join(ROOT, "ops", "backup"), ["--stack", stack.name, "--json"], env, cwd);
      const { size, databaseSize } = JSON.parse(backup.stdout) as { size: number; databaseSize: number };
      rows.push({
        "database, GiB": (databaseSize / 1024 ** 3).toFixed(2),
        "in the bucket, MiB": (size / 1024 ** 2).toFixed(0),
        "pg_dump | cat, s": dumped.seconds.toFixed(1),
        "ops/backup, s": backup.seconds.toFixed(1),
        ratio: (dumped.seconds / backup.seconds).toFixed(2),
        "memory by quarter, MiB": quarters(backup.samples),
        "written to a disk, KiB": Math.max(...backup.samples.map(({ writtenKiB }) => writtenKiB)).toFixed(0),
      });
      console.table(rows.slice(-1));
    }
    console.log("Restoring and comparing the last one …");
    const verified = await run(path.join(ROOT, "ops", "verify-backup"), ["--stack", stack.name, "--json"], env, cwd);
    console.table(rows);
    console.log(
      `ops/verify-backup: ${verified.seconds.toFixed(1)} s, memory by quarter ${quarters(verified.samples)} MiB`,
    );
  } finally {
    await stack.close();
  }
}

void main();
