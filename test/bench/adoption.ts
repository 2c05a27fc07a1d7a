import { setTimeout } from "node:timers/promises";
import path from "node:path";
import { Client } from "pg";
import { capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { LocalStack } from "../support/local-stack";

/** For how long an adoption holds its locks, with a thousand tables. `make bench-adoption` (TABLES=, ROUNDS=). */
const TABLES = Number(process.env.TABLES ?? 1000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const OLD = "old_user";

interface Rehearsal {
  lockedMs: number;
  statements: string[];
}

/** The longest that a query had to wait while `work` was done. */
async function longestWait(client: Client, work: () => Promise<Rehearsal>): Promise<Rehearsal & { longestMs: number }> {
  let done = false;
  const result = work().finally(() => (done = true));
  let longestMs = 0;
  while (!done) {
    const begun = performance.now();
    await client.query("SELECT count(*) FROM t0");
    longestMs = Math.max(longestMs, performance.now() - begun);
    await setTimeout(2);
  }
  return { ...(await result), longestMs: Math.round(longestMs) };
}

async function main(): Promise<void> {
  const stack = await LocalStack.open("benchadopt");
  try {
    await stack.up();
    await stack.as("master", async (master) => {
      await master.query(`CREATE ROLE ${OLD} LOGIN PASSWORD 'of-a-benchmark'`);
      await master.query(`GRANT markenmate_migrate TO ${OLD}`);
    });
    const config = { ...(await stack.connection("master")), user: OLD, password: "of-a-benchmark" };
    const client = new Client(config);
    await client.connect();
    for (let index = 0; index < TABLES; index++) {
      await client.query(`CREATE TABLE t${index} (id serial PRIMARY KEY, name text, at timestamptz)`);
    }
    const { cwd, env } = await stack.platform.forCommands();
    const check = JSON.stringify((await stack.outputs()).check);
    const rehearse = async () => {
      const args = ["--from", OLD, "--dry-run", "--json"];
      const { code, stdout, stderr } = await capture(path.join(ROOT, "ops", "adopt"), args, {
        cwd,
        env: { ...env, CHECK: check },
      });
      if (code !== 0) {
        throw new Error(`ops/adopt: exit code ${code}\n${stderr}`);
      }
      return JSON.parse(stdout) as Rehearsal;
    };
    for (let round = 0; round < ROUNDS; round++) {
      const { lockedMs, longestMs, statements } = await longestWait(client, rehearse);
      console.log(
        `${TABLES} tables, ${statements.length} statements: locked for ${lockedMs} ms; a query waited ${longestMs} ms at most`,
      );
    }
    await client.end();
  } finally {
    await stack.close();
  }
}

void main();
