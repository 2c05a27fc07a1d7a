import { readdir } from "node:fs/promises";
import path from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { completeness } from "../../ops/backups/completeness";
import { rowLevelSecurityProblems, TABLE_SECURITY, TableSecurity } from "../../ops/checks/row-level-security";
import { RecipeServer, startRecipe } from "../support/row-level-security";

/** What row-level security holds back and what it does not: owners, views, foreign keys, guesses. On PostgreSQL 15. */
const ROLES = { app: "markenmate_app", backup: "markenmate_backup" };

let server: RecipeServer;

beforeAll(async () => {
  server = await startRecipe(15);
  for (const id of ["alice", "bob"]) {
    await as(id, async (client) => {
      await client.query(`INSERT INTO "user" (id, name, email) VALUES ($1, $1, $1 || '@example.com')`, [id]);
      await client.query(`INSERT INTO session VALUES ($1 || '-1', $1, 'token of ' || $1, now() + interval '1 hour')`, [
        id,
      ]);
    });
  }
});
afterAll(() => server?.stop());

/** As the application, in a transaction of a user's. */
function as<Result>(id: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  return server.as("app", async (client) => {
    await client.query("BEGIN");
    await client.query("SELECT set_config('app.user_id', $1, true)", [id]);
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  });
}

const asMigrate = (...statements: string[]) =>
  server.as("migrate", async (client) => {
    for (const sql of statements) {
      await client.query(sql);
    }
  });

/** As the owner, in a transaction that is rolled back. */
function tried<Result>(statements: string[], work: (client: Client) => Promise<Result>): Promise<Result> {
  return server.as("migrate", async (client) => {
    for (const sql of ["BEGIN", ...statements]) {
      await client.query(sql);
    }
    return work(client);
  });
}

async function column(client: Client, sql: string): Promise<unknown[]> {
  const { rows } = await client.query<Record<string, unknown>>(sql);
  return rows.map((row) => Object.values(row)[0]);
}

describe("the owner", () => {
  it("sees no row and changes none, as long as it is forced", async () => {
    const count = (client: Client) => column(client, 'SELECT count(*)::int FROM "user"');
    expect(await server.as("migrate", count)).toEqual([0]);
    expect(await tried([], (client) => client.query(`UPDATE "user" SET name = ''`))).toMatchObject({ rowCount: 0 });
    await expect(asMigrate(`INSERT INTO "user" VALUES ('eve', '', '')`)).rejects.toMatchObject({ code: "42501" });
    expect(await tried(['ALTER TABLE "user" NO FORCE ROW LEVEL SECURITY'], count)).toEqual([2]);
  });

  it("may empty a table all the same; the application may not", async () => {
    const left = tried(["TRUNCATE session"], (client) => column(client, "SELECT pg_relation_size('session')::int"));
    expect(await left).toEqual([0]);
    await expect(as("alice", (client) => client.query("TRUNCATE session"))).rejects.toMatchObject({ code: "42501" });
  });

  it("does not see that a new foreign key is broken, unless it lifts FORCE for it", async () => {
    const nonsense = "ALTER TABLE session ADD CONSTRAINT nonsense FOREIGN KEY (id) REFERENCES audit_log_names (id)";
    const names = "CREATE TABLE audit_log_names (id text PRIMARY KEY)";
    const valid = (client: Client) =>
      column(client, "SELECT convalidated FROM pg_constraint WHERE conname = 'nonsense'");
    expect(await tried([names, nonsense], valid)).toEqual([true]);
    await expect(
      tried([names, "ALTER TABLE session NO FORCE ROW LEVEL SECURITY", nonsense], valid),
    ).rejects.toMatchObject({ code: "23503" });
  });
});

describe("a view of the owner's", () => {
  afterAll(() => asMigrate("DROP VIEW everyone", 'ALTER TABLE "user" FORCE ROW LEVEL SECURITY'));

  const seen = () => as("alice", (client) => column(client, "SELECT id FROM everyone ORDER BY 1"));

  it("shows everything to everybody without FORCE, and nothing that is not one's own with it", async () => {
    await asMigrate('CREATE VIEW everyone AS SELECT * FROM "user"', 'ALTER TABLE "user" NO FORCE ROW LEVEL SECURITY');
    expect(await seen()).toEqual(["alice", "bob"]);
    await asMigrate('ALTER TABLE "user" FORCE ROW LEVEL SECURITY');
    expect(await seen()).toEqual(["alice"]);
  });

  it("asks as whoever reads it, with security_invoker", async () => {
    await asMigrate(
      "ALTER VIEW everyone SET (security_invoker = true)",
      'ALTER TABLE "user" NO FORCE ROW LEVEL SECURITY',
    );
    expect(await seen()).toEqual(["alice"]);
    expect(await server.as("readonly", (client) => column(client, "SELECT id FROM everyone ORDER BY 1"))).toEqual([
      "alice",
      "bob",
    ]);
  });
});

describe("what gets by", () => {
  it("a foreign key: it deletes with the user what hangs on it", async () => {
    await as("carol", async (client) => {
      await client.query(`INSERT INTO "user" VALUES ('carol', '', 'carol@example.com')`);
      await client.query("INSERT INTO session VALUES ('carol-1', 'carol', 't', now())");
    });
    await as("carol", (client) => client.query(`DELETE FROM "user"`));
    const left = (client: Client) => column(client, "SELECT id FROM session ORDER BY 1");
    expect(await server.as("backup", left)).toEqual(["alice-1", "bob-1"]);
  });

  it("a unique key: it tells that a value is taken", async () => {
    const taken = `INSERT INTO "user" VALUES ('dave', '', 'bob@example.com')`;
    await expect(as("dave", (client) => client.query(taken))).rejects.toMatchObject({ code: "23505" });
  });

  it("EXPLAIN ANALYZE: it counts what is hidden; statistics of columns do not", async () => {
    await asMigrate("ANALYZE");
    const plan = await as("alice", (client) => column(client, `EXPLAIN (ANALYZE, COSTS OFF) SELECT * FROM "user"`));
    expect(plan.join("\n")).toMatch(/Rows Removed by Filter: 1/);
    const statistics = "SELECT attname FROM pg_stats WHERE tablename = 'user'";
    expect(await as("alice", (client) => column(client, statistics))).toEqual([]);
  });

  it("no function in a query: it gets to see only what the policies let pass, unless it is leakproof", async () => {
    await asMigrate(
      `CREATE FUNCTION tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001
         AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$`,
    );
    const told: (string | undefined)[] = [];
    const ask = (client: Client) => {
      client.on("notice", ({ message }) => told.push(message));
      return client.query(`SELECT FROM "user" WHERE tell(email)`);
    };
    await as("alice", ask);
    expect(told).toEqual(["alice@example.com"]);
    // Only a superuser can say so, and should not.
    await server.asSuperuser((client) => client.query("ALTER FUNCTION tell(text) LEAKPROOF"));
    await as("alice", ask);
    expect(told.sort()).toContain("bob@example.com");
    await asMigrate("DROP FUNCTION tell(text)");
  });

  it("an index of an operator that is not leakproof does not help: LIKE reads on behind the policies", async () => {
    const plan = (sql: string) =>
      as("alice", async (client) => {
        await client.query("SET LOCAL enable_seqscan = off");
        return (await column(client, `EXPLAIN (COSTS OFF) ${sql}`)).join("\n");
      });
    await asMigrate('CREATE INDEX email_pattern ON "user" (email text_pattern_ops)');
    expect(await plan(`SELECT FROM "user" WHERE email = 'bob@example.com'`)).toContain("Index Cond: (email =");
    expect(await plan(`SELECT FROM "user" WHERE email LIKE 'bob%'`)).not.toContain("Index Cond: ((email");
    await asMigrate("DROP INDEX email_pattern");
  });
});

describe("the check, on the catalog itself", () => {
  const drop = (policy: string, table = '"user"') => `DROP POLICY ${policy} ON ${table}`;
  const planted: [string, string[], string[]][] = [
    ["nothing", [], []],
    ["switched off", ['ALTER TABLE "user" DISABLE ROW LEVEL SECURITY'], ["row-level security is off"]],
    ["not forced", ['ALTER TABLE "user" NO FORCE ROW LEVEL SECURITY'], ["the owner is not held"]],
    [
      "no policy",
      ["CREATE TABLE t ()", "ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE t FORCE ROW LEVEL SECURITY"],
      ["there is no policy"],
    ],
    ["missing", ["ALTER TABLE audit_log RENAME TO log"], ["there is no such table"]],
    ["true for PUBLIC", ['CREATE POLICY p ON "user" USING (true)'], ["the policy p is true for public"]],
    [
      "true for app, when it writes",
      ['CREATE POLICY p ON "user" FOR INSERT TO markenmate_app WITH CHECK (true)'],
      ["the policy p is true for markenmate_app"],
    ],
    [
      "the session's user",
      ['CREATE POLICY p ON "user" USING (id = user)'],
      ["the policy p asks for the database's user"],
    ],
    [
      "its own table",
      [`CREATE POLICY p ON "user" USING (EXISTS (SELECT FROM "user" u WHERE u.role = 'admin'))`],
      ["the policy p selects from its own table:"],
    ],
    [
      "its own table, in a join",
      [`CREATE POLICY p ON session USING (EXISTS (SELECT FROM audit_log a, session s JOIN "user" u ON s.id = u.id))`],
      ["the policy p selects from its own table:"],
    ],
    [
      "its own table, by way of another",
      [
        'CREATE POLICY p ON session USING (user_id IN (SELECT id FROM "user"))',
        'CREATE POLICY q ON "user" USING (id IN (SELECT user_id FROM session))',
      ],
      [
        "the policy q selects from its own table by way of public.session",
        "the policy p selects from its own table by way of public.user",
      ],
    ],
    ["nothing for backups", [drop("every_row_for_backups")], ["no policy shows markenmate_backup every row"]],
    [
      "something held back from backups",
      ['CREATE POLICY p ON "user" AS RESTRICTIVE FOR SELECT USING (id < $$b$$)'],
      ["the restrictive policy p holds rows back"],
    ],
  ];

  it.each(planted)("%s", async (what, faults, found) => {
    const tables = what === "no policy" ? ["t"] : ["user", "session", "audit_log"];
    const problems = await tried(faults, async (client) =>
      rowLevelSecurityProblems(tables, (await client.query<TableSecurity>(TABLE_SECURITY)).rows, ROLES),
    );
    expect(problems.map((problem) => problem.found)).toEqual(
      found.map((text): unknown => expect.stringContaining(text)),
    );
  });

  it("names statements that help", async () => {
    const faults = [
      'ALTER TABLE "user" DISABLE ROW LEVEL SECURITY',
      'ALTER TABLE "user" NO FORCE ROW LEVEL SECURITY',
      drop("every_row_for_backups"),
    ];
    const left = await tried(faults, async (client) => {
      const look = async () =>
        rowLevelSecurityProblems(["user"], (await client.query<TableSecurity>(TABLE_SECURITY)).rows, ROLES);
      const before = await look();
      for (const { cure } of before) {
        await client.query(cure);
      }
      return [before.length, await look()];
    });
    expect(left).toEqual([3, []]);
  });
});

it("leaves nothing out of a backup", async () => {
  expect(await server.as("backup", completeness)).toEqual({ problems: [], throughPolicies: true });
});

it("is what drizzle-kit makes of the schema today", async () => {
  const migrations = path.join(ROOT, "docs/examples/row-level-security/migrations");
  const before = await readdir(migrations);
  const config = "docs/examples/row-level-security/drizzle.config.ts";
  const args = [path.join(ROOT, "node_modules/drizzle-kit/bin.cjs"), "generate", "--config", config];
  const { code, stdout, stderr } = await capture(process.execPath, args, { cwd: ROOT, env: process.env });
  expect([code, stdout]).toEqual([0, expect.stringContaining("No schema changes, nothing to migrate")]);
  expect(stderr).toBe("");
  expect(await readdir(migrations)).toEqual(before);
});
