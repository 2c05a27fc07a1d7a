import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { DeleteDBInstanceCommand } from "@aws-sdk/client-rds";
import { run } from "../../lib/process";
import { TOOLS_DIR } from "../../platform/shared/paths";
import { freePort } from "../../platform/shared/ports";
import { ensureDistribution } from "../../platform/rds/distribution";
import { findServerAccount } from "../../lib/server-account";
import { LocalRds } from "../support/local-rds";
import { median, seconds } from "../support/measure";

/**
 * What CreateDBInstance of the local RDS takes, from the SDK's request to a server that the master can log in to, beside
 * plain `initdb` and `pg_ctl start` of the same PostgreSQL, in turns. `make bench-local-rds` runs it (ROUNDS=);
 * docs/performance.md has the figures.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 7);

/** PostgreSQL's own programs, with the options for an empty cluster that the local RDS gives them. */
async function plainServer(local: LocalRds, engineVersion: string) {
  const { binDir } = await ensureDistribution({ toolsDir: TOOLS_DIR, engineVersion, log: () => undefined });
  const folder = path.join(local.dir, "plain");
  await mkdir(folder, { recursive: true });
  const account = await findServerAccount(local.dir);
  await account.giveTo(folder);
  const data = path.join(folder, "data");
  const program = (name: string, ...args: string[]) => {
    const [command = "", ...rest] = [...account.prefix, path.join(binDir, name), "--pgdata", data, ...args];
    return run(command, rest, { cwd: folder, env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" } });
  };
  return {
    async create() {
      await program("initdb", "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums", "--no-sync");
      const options = `-c port=${await freePort()} -c listen_addresses=localhost -c unix_socket_directories=''`;
      await program("pg_ctl", "start", "--wait", "--log", path.join(folder, "log"), "--options", options);
    },
    async remove() {
      await program("pg_ctl", "stop", "--mode", "immediate");
      await rm(folder, { recursive: true });
      await mkdir(folder);
      await account.giveTo(folder);
    },
  };
}

async function measure(local: LocalRds, version: string): Promise<void> {
  const plain = await plainServer(local, version);
  const times: { plain: number; created: number }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const plainSeconds = await seconds(() => plain.create());
    await plain.remove();
    const DBInstanceIdentifier = `bench-${version}-${round}`;
    const created = await seconds(() => local.create(DBInstanceIdentifier, { EngineVersion: version }));
    await local.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }));
    console.log(
      round === 0 ? `PostgreSQL ${version}: warm-up done` : `PostgreSQL ${version}: round ${round} of ${ROUNDS}`,
    );
    if (round > 0) {
      times.push({ plain: plainSeconds, created });
    }
  }
  const summary = (of: (time: (typeof times)[number]) => number) => {
    const taken = times.map(of);
    return `${median(taken).toFixed(2)} (${Math.min(...taken).toFixed(2)} – ${Math.max(...taken).toFixed(2)})`;
  };
  console.log(`  plain initdb and start, seconds: ${summary((time) => time.plain)}`);
  console.log(`  CreateDBInstance, seconds:       ${summary((time) => time.created)}`);
  console.log(`  ratio:                           ${summary((time) => time.created / time.plain)}`);
}

async function main(): Promise<void> {
  const local = await LocalRds.open("bench-rds");
  try {
    for (const version of ["15", "17"]) {
      await measure(local, version);
    }
  } finally {
    await local.close();
  }
}

void main();
