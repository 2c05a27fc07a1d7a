import { ClientConfig, Pool } from "pg";
import { expect } from "vitest";
import { rest } from "./rest";

/** An application at work as the user that owns everything: reads, writes, and now and then changes what it owns. */
export interface AdoptionLoad {
  /** Waits until each of its workers has done all that it does once more, begun from now on. */
  untilAllIsDoneAgain(): Promise<void>;
  /** Waits until each of its workers has done something that it has begun from now on. */
  untilEachGoesOn(): Promise<void>;
  /** Stops it. Returns the messages of what has failed. */
  stop(): Promise<string[]>;
}

/** A rest between two statements, as applications have. */
const REST_MS = 20;

const DDL = [
  "ALTER TABLE changing ADD COLUMN more int",
  "ALTER TABLE changing DROP COLUMN more",
  "CREATE INDEX changing_id ON changing (id)",
  "DROP INDEX changing_id",
  "CREATE OR REPLACE VIEW glad_people AS SELECT id, name FROM people WHERE mood = 'glad'",
  "CREATE TABLE made_meanwhile (id serial PRIMARY KEY, person bigint REFERENCES people (id))",
  "DROP TABLE made_meanwhile",
  "REFRESH MATERIALIZED VIEW people_by_mood",
  "COMMENT ON TABLE changing IS 'seen'",
];

type Work = (pool: Pool, run: (sql: string, values?: unknown[]) => Promise<unknown>, turn: number) => Promise<unknown>;

const sells: Work = async (pool) => {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const { rows } = await client.query<{ id: string }>(
      "INSERT INTO sales (person) VALUES (1 + floor(random() * 500)) RETURNING id",
    );
    await client.query("INSERT INTO lines SELECT $1, 1 + floor(random() * 200)", [rows[0]?.id]);
    await client.query("UPDATE sales SET state = 'sold' WHERE id = $1", [rows[0]?.id]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
};

const WORK: Work[] = [
  sells,
  sells,
  (_, run) => run("SELECT * FROM shop.sold LIMIT 5"),
  (_, run) => run("SELECT name, how_many(), nextval('counter') FROM glad_people LIMIT 3"),
  (_, run, turn) => run("SELECT avg(value) FROM measured WHERE id BETWEEN $1 AND $1 + 1000", [turn % 90_000]),
  (_, run) => run("SELECT count(*), old_answer() FROM notes"),
  async (_, run, turn) => {
    await run(DDL[turn % DDL.length] as string);
    await rest(3 * REST_MS);
  },
];

/** Starts it. What fails is kept with its message. */
export function startAdoptionLoad(config: ClientConfig): AdoptionLoad {
  const pool = new Pool({ ...config, max: WORK.length + 1 });
  const failures: string[] = [];
  const turns = WORK.map(() => 0);
  let stopped = false;
  const run = (sql: string, values: unknown[] = []) => pool.query(sql, values);
  const workers = WORK.map(async (work, number) => {
    for (let turn = 0; !stopped; turn++) {
      try {
        await work(pool, run, turn);
      } catch (error) {
        failures.push(`${number}: ${(error as Error).message}`);
      }
      turns[number] = turn + 1;
      await rest(REST_MS);
    }
  });
  /** One turn more than asked for is awaited: the one that is under way had begun before. */
  const untilMore = async (count: number) => {
    const before = [...turns];
    const fewest = () => Math.min(...turns.map((done, number) => done - (before[number] as number)));
    await expect.poll(fewest).toBeGreaterThan(count);
  };
  return {
    untilAllIsDoneAgain: () => untilMore(DDL.length),
    untilEachGoesOn: () => untilMore(1),
    async stop() {
      stopped = true;
      await Promise.all(workers);
      await pool.query("DROP TABLE IF EXISTS made_meanwhile"); // it may have been stopped before it came to that
      await pool.end();
      return failures;
    },
  };
}
