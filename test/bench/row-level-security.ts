import { eq, sql } from "drizzle-orm";
import { drizzle, NodePgDatabase } from "drizzle-orm/node-postgres";
import { pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { Client, Pool } from "pg";
import { asUser } from "../../docs/examples/row-level-security/as-user";
import { session } from "../../docs/examples/row-level-security/schema";
import { median } from "../support/measure";
import { RecipeServer, startRecipe } from "../support/row-level-security";

/**
 * What row-level security costs on a table with a million rows, ten to a user: with and without, turn by turn in one run, so that
 * both see the same machine. `make bench-rls` runs it; docs/row-level-security.md has the figures.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 15);
const ROWS = Number(process.env.ROWS ?? 1_000_000);
const USERS = ROWS / 10;
/** Of the short operations, in each turn; each has that many turns in a round, so that all see the same machine. */
const TIMES = 50;
const TURNS = 20;

const bare = pgTable("session_bare", {
  id: text("id").primaryKey(),
  userId: text("user_id").notNull(),
  token: text("token").notNull(),
  expiresAt: timestamp("expires_at", { withTimezone: true }).notNull(),
});

const ME = "current_setting('app.user_id', true)";
const MY_TOKEN = "current_setting('app.session_token', true)";
/** The same table in other forms: without security, with policies that are computed row by row, without an index. */
const SETUP = [
  "ALTER SYSTEM SET log_statement = 'none'",
  "SELECT pg_reload_conf()",
  `INSERT INTO "user" SELECT 'u' || g, 'name', g || '@example.com', 'user' FROM generate_series(0, ${USERS - 1}) g`,
  `INSERT INTO "user" VALUES ('root', 'root', 'root@example.com', 'admin')`,
  `INSERT INTO session SELECT 's' || g, 'u' || g % ${USERS}, md5(g::text), now() + interval '1 day'
     FROM generate_series(0, ${ROWS - 1}) g`,
  ...["bare", "per_row", "no_index"].flatMap((name) => [
    `CREATE TABLE session_${name} (LIKE session INCLUDING ALL)`,
    `ALTER TABLE session_${name} ADD FOREIGN KEY (user_id) REFERENCES "user" ON DELETE CASCADE`,
    `INSERT INTO session_${name} SELECT * FROM session`,
    `ALTER TABLE session_${name} OWNER TO markenmate_migrate`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON session_${name} TO markenmate_app`,
  ]),
  "DROP INDEX session_no_index_user_id_idx",
  ...["per_row", "no_index"].map((name) => `ALTER TABLE session_${name} ENABLE ROW LEVEL SECURITY`),
  `CREATE POLICY own ON session_per_row TO markenmate_app
     USING (user_id = nullif(${ME}, '') OR token = nullif(${MY_TOKEN}, '') OR app_user_role() = 'admin')`,
  `CREATE POLICY own ON session_no_index TO markenmate_app USING (user_id = (SELECT nullif(${ME}, ''))
     OR token = (SELECT nullif(${MY_TOKEN}, '')) OR (SELECT app_user_role()) = 'admin')`,
];

interface Variant {
  operation: string;
  name: string;
  /** Done before the clock starts; `once` is then for that user only. */
  before?: (n: number) => Promise<unknown>;
  /** Does it once, for a user with that number. */
  once: (n: number) => Promise<unknown>;
  times: number;
}

async function setUp(server: RecipeServer): Promise<void> {
  await server.asSuperuser(async (client) => {
    for (const statement of SETUP) {
      await client.query(statement);
    }
    await client.query("VACUUM ANALYZE");
    await client.query("CHECKPOINT");
  });
}

let next = 0;
const row = (n: number) => {
  next += 1;
  return { id: `new ${next}`, userId: `u${n}`, token: `token ${next}`, expiresAt: new Date() };
};

/** As an application does it: each operation in a transaction, by way of Drizzle and a pool. */
function throughDrizzle(db: NodePgDatabase & { $client: Pool }): Variant[] {
  const rowsOf = (table: typeof bare | typeof session, n: number) => {
    return (tx: Pick<NodePgDatabase, "select">) =>
      tx
        .select()
        .from(table as typeof bare)
        .where(eq((table as typeof bare).userId, `u${n}`));
  };
  const rowOf = (table: typeof bare | typeof session, n: number) => {
    return (tx: Pick<NodePgDatabase, "select">) =>
      tx
        .select()
        .from(table as typeof bare)
        .where(eq((table as typeof bare).id, `s${n}`));
  };
  const claimed = (n: number, work: (tx: Pick<NodePgDatabase, "select">) => Promise<unknown>) =>
    db.transaction(async (tx) => {
      await tx.execute(sql`SELECT set_config('app.user_id', ${`u${n}`}, true)`);
      await work(tx);
    });
  const reads = [
    ["a row by its key, Drizzle", rowOf],
    ["a user's ten rows, Drizzle", rowsOf],
  ] as const;
  return [
    ...reads.flatMap(([operation, query]): Variant[] => [
      { operation, name: "without", times: TIMES, once: (n) => db.transaction((tx) => query(bare, n)(tx)) },
      { operation, name: "with", times: TIMES, once: (n) => asUser(db, `u${n}`, (tx) => query(session, n)(tx)) },
      { operation, name: "without, set_config alone", times: TIMES, once: (n) => claimed(n, query(bare, n)) },
      { operation, name: "without, no transaction", times: TIMES, once: (n) => query(bare, n)(db) },
    ]),
    ...((operation): Variant[] => [
      { operation, name: "without", times: TIMES, once: (n) => db.transaction((tx) => tx.insert(bare).values(row(n))) },
      {
        ...{ operation, name: "with", times: TIMES },
        once: (n) => asUser(db, `u${n}`, (tx) => tx.insert(session).values(row(n))),
      },
    ])("an insert, Drizzle"),
  ];
}

/** The statement alone. The claim is set before, for the whole session: a bench may, an application must not. */
function raw(client: Client): Variant[] {
  const claim = (id: string) => client.query("SELECT set_config('app.user_id', $1, false)", [id]);
  const before = (n: number) => claim(`u${n}`);
  const own = (n: number) => `s${n + USERS * Math.floor(Math.random() * 10)}`;
  const byKey = (table: string, n: number) => client.query(`SELECT * FROM ${table} WHERE id = $1`, [own(n)]);
  const list = (table: string, n: number) => client.query(`SELECT * FROM ${table} WHERE user_id = $1`, [`u${n}`]);
  const unfiltered = (table: string) => client.query(`SELECT * FROM ${table}`);
  const insert = (table: string, n: number) => {
    const { id, userId, token, expiresAt } = row(n);
    return client.query(`INSERT INTO ${table} VALUES ($1, $2, $3, $4)`, [id, userId, token, expiresAt]);
  };
  const tables = { without: "session_bare", with: "session", "with, computed row by row": "session_per_row" };
  const rows = { operation: "a user's ten rows", before, times: 1 };
  return [
    ...Object.entries(tables).flatMap(([name, table]): Variant[] => [
      { operation: "a row by its key", name, times: TIMES, before, once: (n) => byKey(table, n) },
      { operation: "a user's ten rows", name, times: TIMES, before, once: (n) => list(table, n) },
      { operation: "an insert", name, times: TIMES, before, once: (n) => insert(table, n) },
      {
        ...{ operation: "count of all, administrator", name, times: 1, before: () => claim("root") },
        once: () => client.query(`SELECT count(*) FROM ${table}`),
      },
    ]),
    { ...rows, name: "with, no index on user_id", once: (n) => list("session_no_index", n) },
    { ...rows, name: "with, no WHERE in the query", once: () => unfiltered("session") },
    { ...rows, name: "with, no WHERE, computed row by row", once: () => unfiltered("session_per_row") },
  ];
}

async function milliseconds({ before, once, times }: Variant): Promise<number> {
  const anyone = () => Math.floor(Math.random() * USERS);
  const one = anyone();
  await before?.(one);
  const started = process.hrtime.bigint();
  for (let time = 0; time < times; time++) {
    await once(before ? one : anyone());
  }
  return Number(process.hrtime.bigint() - started) / 1e6 / times;
}

function report(variants: Variant[], times: Map<Variant, number[]>): void {
  const rows = variants.map((variant) => {
    const base = variants.find(({ operation, name }) => operation === variant.operation && name === "without");
    const taken = times.get(variant) ?? [];
    // Of each round, so that what slows the machine down slows both.
    const ratios = taken.map((time, round) => time / (times.get(base as Variant)?.[round] ?? NaN));
    return {
      operation: variant.operation,
      security: variant.name,
      "median ms": median(taken).toFixed(3),
      range: `${Math.min(...taken).toFixed(3)} – ${Math.max(...taken).toFixed(3)}`,
      ratio: median(ratios).toFixed(2),
    };
  });
  console.table(rows.sort((a, b) => a.operation.localeCompare(b.operation)));
}

async function main(): Promise<void> {
  const server = await startRecipe(17);
  const pool = new Pool({ ...server.connection("app"), max: 1 });
  pool.on("error", () => undefined); // the server ends before the pool's last connection has
  const client = new Client(server.connection("app"));
  try {
    console.log(`Filling four tables with ${ROWS} rows …`);
    await setUp(server);
    await client.connect();
    const variants = [...throughDrizzle(drizzle(pool)), ...raw(client)];
    const times = new Map<Variant, number[]>(variants.map((variant) => [variant, []]));
    for (let round = -1; round < ROUNDS; round++) {
      const turns = new Map<Variant, number[]>(variants.map((variant) => [variant, []]));
      for (let turn = 0; turn < TURNS; turn++) {
        for (const variant of variants.filter(({ times }) => times > 1 || turn === 0)) {
          turns.get(variant)?.push(await milliseconds(variant));
        }
      }
      if (round >= 0) {
        variants.forEach((variant) => times.get(variant)?.push(median(turns.get(variant) ?? [])));
      }
      process.stdout.write(".");
    }
    console.log(`\nMedian of ${ROUNDS} rounds; ratio against without, round by round:`);
    report(variants, times);
  } finally {
    await client.end();
    await pool.end();
    await server.stop();
  }
}

void main();
