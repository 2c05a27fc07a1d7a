import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROLE_NAMES } from "../../model/access/matrix";
import { audited, CopyIn, entriesIn } from "../support/audit-log";
import { hasPgaudit } from "../support/local-rds";
import { LocalStack } from "../support/local-stack";
import { openLogStream } from "../support/log-stream";

const people = pgTable("people", {
  email: text("email").primaryKey(),
  password: text("password").notNull(),
  age: integer("age"),
});
const TABLE = "CREATE TABLE people (email text PRIMARY KEY, password text NOT NULL, age int CHECK (age > 0))";

/** Bound values: of the column email, of password, and of what is compared with them. */
const VALUES = ["anna@example.org", "bound-password", "bound-search"] as const;
const [EMAIL, PASSWORD, SEARCH] = VALUES;

const database = {
  engineVersion: "15",
  extensions: ["pg_stat_statements", "pgaudit"],
  parameters: { log_min_duration_statement: 100 },
};
const logs = { hiddenColumns: ["password"] };

/** Whoever is audited in full: both logins of each of these roles, and the master. */
const EVERYTHING = ["admin", "backup", "backup_clone", "readonly", "readonly_clone"].map(
  (name) => `markenmate_${name}`,
);

const settled = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    () => undefined,
  );

/** What an application does that writes to the log, wrong in every way that quotes a row. */
async function useDatabase(client: Client): Promise<void> {
  const db = drizzle(client);
  const row = { email: EMAIL, password: PASSWORD, age: 30 };
  await db.insert(people).values(row).onConflictDoNothing();
  await db.select().from(people).where(eq(people.password, SEARCH));
  await db.execute(sql`SELECT pg_sleep(0.2), ${SEARCH}::text`); // slow
  await settled(db.insert(people).values(row)); // unique
  await settled(db.insert(people).values({ ...row, email: "b", age: -1 })); // check: Failing row contains
  await settled(db.insert(people).values({ ...row, password: sql`NULL` })); // not null
  await settled(db.execute(sql`SELECT 1 / 0 WHERE ${SEARCH}::text <> ''`));
  const copied = new CopyIn("COPY people (email, password) FROM STDIN", `${EMAIL}\t${PASSWORD}\nb\t\\N\n`);
  await new Promise<void>((done) => {
    copied.on("error", () => done());
    copied.on("end", () => done());
    client.query(copied);
  });
}

describe.skipIf(!(await hasPgaudit("15")))("the audit log", () => {
  let stack: LocalStack;
  /** What was logged while `work` was done. */
  const logged = async (work: () => Promise<unknown>): Promise<string> => {
    const before = (await stack.serverLog()).length;
    await work();
    return (await stack.serverLog()).slice(before);
  };
  const settings = () =>
    stack.as("monitor", async (client) => {
      const { rows } = await client.query<{ login: string; database: string; setting: string }>(
        `SELECT rolname AS login, setdatabase AS database, setting FROM pg_db_role_setting
         JOIN pg_roles ON pg_roles.oid = setrole, unnest(setconfig) AS setting
         WHERE setting LIKE 'pgaudit.%' ORDER BY rolname COLLATE "C"`,
      );
      return rows.map(({ login, setting }) => `${login} ${setting}`);
    });
  const inFull = EVERYTHING.map((login) => `${login} pgaudit.log=all`);

  beforeAll(async () => {
    stack = await LocalStack.prepared(database, { logs });
  });
  afterAll(() => stack.close());

  it("is set up as RDS needs it", async () => {
    const { rows } = await stack.as("monitor", (client) =>
      client.query(
        "SELECT extversion IS NOT NULL AS made, current_setting('shared_preload_libraries') AS loaded, current_setting('pgaudit.log') AS log FROM pg_extension WHERE extname = 'pgaudit'",
      ),
    );
    expect(rows).toEqual([{ made: true, loaded: "pg_stat_statements,pgaudit", log: "ddl,role,write" }]);
    expect(await settings()).toEqual(inFull);
  });

  it("has a change of the schema", async () => {
    const log = await logged(() => stack.as("migrate", (client) => client.query(TABLE)));
    expect(audited(log, "markenmate_migrate")).toEqual([
      "DDL,CREATE TABLE,TABLE,public.people",
      "DDL,CREATE INDEX,INDEX,public.people_pkey",
    ]);
  });

  it("has what the application writes, and not what it reads", async () => {
    const log = await logged(() => stack.as("app", useDatabase));
    expect(audited(log, "markenmate_app")).toEqual(["WRITE,INSERT,TABLE,public.people"]);
    expect(log).toContain('"insert into ""people"" (""email"", ""password"", ""age"") values ($1, $2, $3)');
  });

  it("has everything that people do", async () => {
    const log = await logged(() => stack.as("readonly", (client) => client.query("SELECT age FROM people")));
    expect(audited(log, "markenmate_readonly")).toEqual(["READ,SELECT,TABLE,public.people"]);
  });

  it("has changes of roles and rights, and everything of the master", async () => {
    const log = await logged(() =>
      stack.as("master", async (client) => {
        await client.query("CREATE ROLE auditor");
        await client.query("GRANT markenmate_readonly TO auditor");
        await client.query("GRANT USAGE ON SCHEMA extensions TO auditor");
        await client.query("SELECT pg_postmaster_start_time()");
        await client.query("SET work_mem = '5MB'");
      }),
    );
    expect(audited(log, "markenmate_admin")).toEqual([
      "ROLE,CREATE ROLE,,",
      "ROLE,GRANT ROLE,,",
      "ROLE,GRANT,SCHEMA,",
      "READ,SELECT,,",
      "MISC,SET,,",
    ]);
  });

  it("has a failed login", async () => {
    const log = await logged(() => settled(stack.as("app", () => Promise.resolve(), { password: "wrong-password" })));
    expect(entriesIn(log)).toContainEqual(
      expect.stringMatching(
        /:127\.0\.0\.1\(\d+\):markenmate_app@markenmate:\[\d+\]:FATAL: {2}password authentication failed for user "markenmate_app"\s*$/,
      ),
    );
    expect(log).not.toContain("wrong-password");
  });

  it("has no password and no bound value: not of errors, slow statements and COPY either", async () => {
    const log = await stack.serverLog();
    for (const error of ["duplicate key value", "violates check", "violates not-null", "division by zero"]) {
      expect(log).toContain(error);
    }
    expect(log).toMatch(/duration: .* SELECT pg_sleep/);
    expect(VALUES.filter((value) => log.includes(value))).toEqual([]);
    const connections = await Promise.all([...ROLE_NAMES, "master"].map((role) => stack.connection(role)));
    expect(connections.filter(({ password }) => log.includes(password as string))).toEqual([]);
  });

  it("quotes a value that is none of its type: the one that is left", async () => {
    const log = await logged(() =>
      stack.as("app", (client) => settled(client.query("SELECT 1 FROM people WHERE age = $1", ["ill-typed"]))),
    );
    expect(log).toContain('ERROR:  invalid input syntax for type integer: "ill-typed"');
  });

  it("is not changed by a second update", async () => {
    const log = await logged(() => stack.up("--expect-no-changes"));
    expect(audited(log, "markenmate_admin").filter((entry) => entry.startsWith("ROLE"))).toEqual([]);
    expect(await settings()).toEqual(inFull);
  });

  it("is mended by the next update, and stays what it is when a password is rotated", async () => {
    await stack.as("master", async (client) => {
      await client.query("ALTER ROLE markenmate_readonly_clone RESET pgaudit.log");
      await client.query("ALTER ROLE markenmate_readonly IN DATABASE markenmate SET pgaudit.log = 'none'");
      await client.query("ALTER ROLE markenmate_app SET pgaudit.log = 'none'");
      await client.query("ALTER ROLE markenmate_admin SET pgaudit.log = 'none'");
    });
    expect(await settings()).not.toEqual(inFull);
    await stack.configure(database, { logs, roles: { readonly: { generation: 1 } } });
    const told = await stack.up();
    expect(told).toContain("pgaudit: markenmate_app: RESET pgaudit.log");
    expect(await settings()).toEqual(inFull);
    const log = await logged(() => stack.as("readonly", (client) => client.query("SELECT age FROM people")));
    expect(audited(log, "markenmate_readonly_clone")).toEqual(["READ,SELECT,TABLE,public.people"]);
  });

  it("hides in CloudWatch what somebody has typed, and keeps what alarms look for", async () => {
    const typed = "UPDATE people SET password = 'typed-by-hand' WHERE age = 1";
    const log = await logged(async () => {
      await stack.as("app", (client) => client.query(typed));
      await stack.as("master", (client) => client.query("ALTER ROLE auditor PASSWORD 'typed-by-hand'"));
      await settled(stack.as("app", () => Promise.resolve(), { password: "wrong-password" }));
    });
    // As in the server's own log, by log_statement; pgaudit leaves passwords of roles out.
    expect(log).toContain("LOG:  statement: ALTER ROLE auditor PASSWORD 'typed-by-hand'");
    expect(log).toContain("ROLE,ALTER ROLE,,,ALTER ROLE auditor PASSWORD <REDACTED>");
    const stream = { logGroupName: "/aws/rds/instance/markenmate-test/postgresql", logStreamName: "test" };
    const write = await openLogStream(stream);
    await write(entriesIn(log));
    const { events = [] } = await new CloudWatchLogsClient({}).send(new GetLogEventsCommand(stream));
    const shown = events.map(({ message }) => message).join("\n");
    expect(shown).not.toContain("typed-by-hand");
    expect(shown).toMatch(/AUDIT: SESSION,\d+,\d+,WRITE,UPDATE,TABLE,public\.people,UPDATE people SET\*+/);
    expect(shown).toMatch(/LOG: {2}statement: ALTER ROLE auditor\*+/);
    expect(shown).toContain('password authentication failed for user "markenmate_app"');
  });

  it("has every value with logs.values: so the tests above can fail", async () => {
    await stack.configure(database, {
      logs: { ...logs, statements: "all", values: true },
      roles: { readonly: { generation: 1 } },
    });
    await stack.up();
    const log = await logged(() => stack.as("app", useDatabase));
    expect(log).toContain(`DETAIL:  Key (email)=(${EMAIL}) already exists.`);
    expect(log).toContain(`DETAIL:  Failing row contains (b, ${PASSWORD}, -1).`);
    expect(log).toMatch(new RegExp(`CONTEXT: {2}COPY people, line 2: "b\\s\\\\N"`));
    expect(log).toMatch(new RegExp(`SELECT pg_sleep.*\\n.*DETAIL: {2}parameters: \\$1 = '${SEARCH}'`));
    expect(log).toMatch(new RegExp(`AUDIT: SESSION,.*WRITE,INSERT,.*"${EMAIL},${PASSWORD},30"`));
    expect(log).toContain("ERROR:  23505: duplicate key value");
  });

  it("is the server's alone, once pgaudit is not asked for, and has no typed password without log_statement", async () => {
    await stack.configure(
      { ...database, extensions: ["pg_stat_statements"] },
      { logs: { statements: "none" }, roles: { readonly: { generation: 1 } } },
    );
    await stack.up();
    expect(await settings()).toEqual([]);
    const log = await logged(() =>
      stack.as("master", (client) => client.query("ALTER ROLE auditor PASSWORD 'typed-again'")),
    );
    expect(log).not.toContain("typed-again");
    expect(log).toContain("ROLE,ALTER ROLE,,,ALTER ROLE auditor PASSWORD <REDACTED>");
  });
});
