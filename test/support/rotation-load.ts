import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import { RotatingPool } from "../../docs/examples/rotating-pool";
import { rest } from "./rest";

/**
 * An application under load, as a process of its own: for each role a pool of connections, all of them in use, each
 * given up after a few uses so that new logins are made all the time. It is told what to do in its environment, works until
 * its parent says stop, and then tells what it has seen.
 */
export interface LoadRequest {
  /** Secret by the kind of work. */
  secrets: Partial<Record<Work, string>>;
  ca: string;
  connections: number;
  /** Milliseconds that each connection rests between two statements. */
  rest: number;
  /** Statements that a connection is used for before it is given up. */
  uses: number;
}

export interface LoadReport {
  statements: number;
  logins: number;
  /** The messages of what failed, whether it was a login or a statement. */
  failures: string[];
}

export type Work = "app" | "readonly" | "migrate" | "inPlace";

/** What it tells its parent: that it works, each failure at once, and at the end all that it has seen. */
export interface LoadNews {
  running?: true;
  failed?: Work;
  reports?: Partial<Record<Work, LoadReport>>;
}

/** For a login that hangs: it takes less than a second, a hundred beside it or not. */
const LOGIN_LIMIT_MS = 60_000;

/** What one of the application's workers does again and again. */
const WORK: Record<Work, (pool: Pool, worker: number) => Promise<unknown>> = {
  app: (pool, worker) =>
    drizzle(pool).transaction(async (tx) => {
      await tx.execute(sql`INSERT INTO orders (customer, name) VALUES (${worker}, 'load')`);
      await tx.execute(sql`SELECT count(*) FROM (SELECT 1 FROM orders WHERE customer = ${worker} LIMIT 10) AS few`);
    }),
  readonly: (pool, worker) => drizzle(pool).execute(sql`SELECT * FROM orders WHERE customer = ${worker} LIMIT 10`),
  migrate: (pool, worker) => pool.query(`COMMENT ON TABLE work_${worker} IS 'seen'`),
  inPlace: (pool, worker) => drizzle(pool).execute(sql`SELECT * FROM orders WHERE customer = ${worker} LIMIT 10`),
};

async function main(): Promise<void> {
  const request = JSON.parse(process.env.LOAD_REQUEST ?? "") as LoadRequest;
  const reports: Partial<Record<Work, LoadReport>> = {};
  let stopped = false;
  const workers: Promise<void>[] = [];
  for (const [work, secret] of Object.entries(request.secrets) as [Work, string][]) {
    const report: LoadReport = { statements: 0, logins: 0, failures: [] };
    reports[work] = report;
    const pool = await RotatingPool.open(secret, {
      ssl: { ca: request.ca },
      max: request.connections,
      maxUses: request.uses,
      connectionTimeoutMillis: LOGIN_LIMIT_MS,
    });
    pool.on("connect", () => (report.logins += 1));
    const worker = async (number: number) => {
      while (!stopped) {
        try {
          await WORK[work](pool, number);
          report.statements += 1;
        } catch (error) {
          const { message, cause } = error as Error;
          report.failures.push(cause instanceof Error ? cause.message : message);
          process.send?.({ failed: work } satisfies LoadNews);
        }
        await rest(request.rest * (0.5 + Math.random()));
      }
    };
    workers.push(...Array.from({ length: request.connections }, (_, number) => worker(number)));
  }
  process.on("message", () => (stopped = true));
  process.send?.({ running: true } satisfies LoadNews);
  await Promise.all(workers);
  process.send?.({ reports } satisfies LoadNews, () => process.exit());
}

void main();
