import { CloudWatchLogsClient, TestMetricFilterCommand } from "@aws-sdk/client-cloudwatch-logs";
import { readFileSync } from "node:fs";
import { drizzle } from "drizzle-orm/node-postgres";
import { Client, ClientConfig } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LogMetric } from "../../model/observability/log-metrics";
import { logPatterns } from "../../model/observability/log-patterns";
import { LOG_QUERIES } from "../../model/observability/log-queries";
import { PARAMETERS } from "../../model/parameters";
import { reloadAndWait } from "../../platform/rds/settings-in-force";
import { useAwsProvider } from "../support/aws-provider";
import { statements, TABLES } from "../support/corpora/drizzle";
import { INJECTIONS } from "../support/corpora/injections";
import { hasPgaudit } from "../support/local-rds";
import { PlainPostgres, startPlainPostgres } from "../support/plain-postgres";

/** What the filters on the server's log find in lines that PostgreSQL wrote, by the emulator's reading of CloudWatch's syntax. */
const MASTER = "markenmate_admin";
const PATTERNS = logPatterns(MASTER);
useAwsProvider({});

async function fitting(pattern: string, messages: string[]): Promise<string[]> {
  const logs = new CloudWatchLogsClient({});
  const found: string[] = [];
  for (let at = 0; at < messages.length; at += 50) {
    const { matches = [] } = await logs.send(
      new TestMetricFilterCommand({ filterPattern: pattern, logEventMessages: messages.slice(at, at + 50) }),
    );
    found.push(...matches.map(({ eventMessage = "" }) => eventMessage));
  }
  return found;
}

async function counted(metric: LogMetric, entries: string[]): Promise<string[]> {
  const found = await Promise.all(
    PATTERNS.filter((one) => one.metric === metric).map(({ pattern }) => fitting(pattern, entries)),
  );
  return [...new Set(found.flat())];
}

describe("CloudWatch's own examples", () => {
  const LINES = [
    "[ERROR 400] BAD REQUEST",
    "[ERROR 401] UNAUTHORIZED REQUEST",
    "[ERROR 419] MISSING ARGUMENTS",
    "[ERROR 420] INVALID ARGUMENTS",
  ];
  it.each([
    ["ERROR", LINES, LINES],
    ["ERROR ARGUMENTS", LINES, LINES.slice(2)],
    ["?ERROR ?ARGUMENTS", LINES, LINES],
    ["ERROR -ARGUMENTS", LINES, LINES.slice(0, 2)],
    ['"INTERNAL SERVER ERROR"', ["[ERROR 500] INTERNAL SERVER ERROR", ...LINES], ["[ERROR 500] INTERNAL SERVER ERROR"]],
    ['" "', LINES, LINES],
    [
      "%AUTHORIZED%",
      ["[ERROR 401] UNAUTHORIZED REQUEST", "[SUCCESS 200] AUTHORIZED REQUEST", LINES[0] as string],
      ["[ERROR 401] UNAUTHORIZED REQUEST", "[SUCCESS 200] AUTHORIZED REQUEST"],
    ],
    ["%colou?r%", ["color", "colour", "colouur"], ["color", "colour"]],
    ["%gray|grey%", ["gray", "grey", "green"], ["gray", "grey"]],
    ["%10\\.10\\.0\\.1%", ["10.10.0.1", "10x10x0x1"], ["10.10.0.1"]],
  ])("%s", async (pattern, lines, expected) => {
    expect(await fitting(pattern, lines)).toEqual(expected);
  });

  it.each(["%something!%", "%(a|b)%", "%a% b", "%ä%"])("refuse %s", async (pattern) => {
    await expect(fitting(pattern, ["x"])).rejects.toThrowError(/Invalid metric filter pattern/);
  });
});

describe.each([15, 17] as const)("the log of PostgreSQL %i", async (version) => {
  const audited = await hasPgaudit(String(version));
  let server: PlainPostgres;
  let root: Client;
  /** Entries since then: a line that begins with a tab belongs to the one before it, as in CloudWatch. */
  const entriesIn = (log: string) => log.split(/\n(?!\t)/).filter(Boolean);
  const entriesSince = (from: number) => entriesIn(server.log().slice(from));
  const connection = (more: ClientConfig = {}): ClientConfig => ({
    host: server.host,
    port: server.port,
    database: "postgres",
    ...server.superuser,
    ...more,
  });
  const set = async (settings: Record<string, string>) => {
    for (const [name, value] of Object.entries(settings)) {
      await root.query(`ALTER SYSTEM SET ${name} = '${value}'`);
    }
    await reloadAndWait(root);
  };

  /** As the stack sets it, pgaudit included where this machine has it: then the text of every write is in the log. */
  const LOGGING = Object.fromEntries(
    PARAMETERS.filter(
      ({ name }) => /^log_(?!statement$)|^lc_messages$/.test(name) || (audited && /^pgaudit\./.test(name)),
    ).map(({ name, value }) => [name, value]),
  );

  beforeAll(async () => {
    server = await startPlainPostgres(version, {
      settings: {
        log_line_prefix: "%t:%r:%u@%d:[%p]:",
        log_statement: "ddl",
        ...(audited && { shared_preload_libraries: "pgaudit" }),
      },
    });
    root = new Client(connection());
    await root.connect();
    await root.query(`${TABLES} ${audited ? "CREATE EXTENSION pgaudit;" : ""} CREATE SCHEMA migrations`);
    await root.query(`CREATE ROLE ${MASTER} LOGIN PASSWORD 'x'; CREATE ROLE markenmate_app LOGIN PASSWORD 'y'`);
    await root.query(
      `GRANT ALL ON SCHEMA migrations TO markenmate_app; GRANT ALL ON ALL TABLES IN SCHEMA public TO markenmate_app; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO markenmate_app`,
    );
    await set(LOGGING);
  });
  afterAll(async () => {
    await root.end();
    await server.stop();
  });

  const as = async (more: ClientConfig, work: (client: Client) => Promise<unknown> = () => Promise.resolve()) => {
    const client = new Client(connection(more));
    client.on("error", () => undefined);
    try {
      await client.connect();
      await work(client);
    } catch {
      // What the server says of it is in its log, and that is what counts here.
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const app = { user: "markenmate_app", password: "y" };

  it("counts failed logins, the master's sessions, deadlocks, slow statements and changes of privileges, each once", async () => {
    const from = server.log().length;
    await as({ user: "markenmate_app", password: "wrong" });
    await as({ user: "nobody", password: "wrong" });
    await as({ user: MASTER, password: "x" });
    await as(app, (client) => client.query("SELECT 1"));
    await root.query("GRANT SELECT ON session TO markenmate_app; ALTER ROLE markenmate_app CONNECTION LIMIT 5");
    await as(app, (client) => client.query("SELECT pg_sleep(1.1) AS slow"));
    const [one, two] = [new Client(connection(app)), new Client(connection(app))];
    await root.query("INSERT INTO session (id) VALUES (1), (2)");
    await Promise.all([one.connect(), two.connect()]);
    const lock = (client: Client, id: number) => client.query("UPDATE session SET token = 'x' WHERE id = $1", [id]);
    await Promise.all([one.query("BEGIN"), two.query("BEGIN")]);
    await Promise.all([lock(one, 1), lock(two, 2)]);
    await Promise.allSettled([lock(one, 2), lock(two, 1)]);
    await Promise.all([one.end(), two.end()]);
    const entries = entriesSince(from);
    expect(await counted("failedLogins", entries)).toHaveLength(2);
    expect(await counted("masterUses", entries)).toHaveLength(1);
    expect(await counted("privilegeChanges", entries)).toHaveLength(audited ? 3 : 1); // one message of two statements; pgaudit has a line for each
    expect(await counted("deadlocks", entries)).toHaveLength(1);
    const timed = entries.filter((entry) => entry.includes("duration:"));
    const lasting = (ms: number) => timed.map((entry) => entry.replace(/duration: \d+/, `duration: ${ms}`));
    const others = entries.filter((entry) => !timed.includes(entry));
    expect(timed.length).toBeGreaterThan(0);
    expect(await counted("slowStatements", [...others, ...lasting(1100), ...lasting(4999)])).toEqual([]);
    expect(await counted("slowStatements", lasting(5000))).toHaveLength(timed.length);
    expect(await counted("slowStatements", lasting(12345))).toHaveLength(timed.length);
  });

  it("answers the guide's questions: each saved query finds lines of its own", async () => {
    const from = server.log().length;
    await as(app, (client) => client.query("SELECT 'x' UNION SELECT"));
    await as(app, (client) => client.query("SELECT FROM WHERE"));
    await as(app, (client) => client.query("SELECT * FROM nothing WHERE a = ''-- '"));
    await as(app, (client) => client.query("SELECT 1/0; DROP TABLE nothing"));
    await as(app, (client) => client.query("DROP TABLE session"));
    await root.query("CREATE TABLE made (id int); INSERT INTO made VALUES (1)");
    const entries = [...entriesSince(0), ...entriesSince(from)];
    const missing = LOG_QUERIES.filter(
      ({ regex }) => !(audited ? /,READ,/ : /^AUDIT: \[A-Z\]\+,\\d\+,\\d\+,(READ|WRITE|DDL)/).test(regex.source),
    )
      .filter(({ name }) => !["server-troubles", "denied"].includes(name))
      .filter(({ regex }) => !entries.some((entry) => regex.test(entry)));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  /** Which statements, of a corpus, leave an entry that counts as suspicious; and how many leave any with their text. */
  async function suspicious(run: ((client: Client) => PromiseLike<unknown>)[]) {
    const client = new Client(connection(app));
    client.on("error", () => undefined);
    await client.connect();
    const ends = [server.logSize()];
    for (const work of run) {
      await client.query("BEGIN");
      await Promise.resolve(work(client)).catch(() => undefined);
      await client.query("ROLLBACK").catch(() => undefined);
      ends.push(server.logSize());
    }
    await client.end();
    const written = Buffer.from(server.log());
    const entries = run.map((_, index) =>
      entriesIn(written.subarray(ends[index], ends[index + 1]).toString()).filter(
        (entry) => !/(statement|execute [^:]*): +(BEGIN|ROLLBACK)/i.test(entry),
      ),
    );
    const found = new Set(await counted("suspiciousStatements", entries.flat()));
    return {
      hits: entries.flatMap((of, index) => (of.some((entry) => found.has(entry)) ? [index] : [])),
      silent: entries.filter((of) => of.length === 0).length,
    };
  }

  /** Every row stands in docs/investigate.md as it is measured here. */
  it.each(["ddl", "all"])("with logs.statements %s finds what the documentation says", async (statementsLogged) => {
    // What is documented of 15 is with pgaudit.
    if (version === 15 && !audited) {
      return;
    }
    await root.query(`ALTER ROLE markenmate_app SET log_statement = '${statementsLogged}'`);
    const count = statements(drizzle(root)).length;
    const harmless = await suspicious(
      Array.from(
        { length: count },
        (_, index) => (client) => statements(drizzle(client))[index]?.() ?? Promise.resolve(),
      ),
    );
    const attacks = await suspicious(
      INJECTIONS.map(
        ({ statement }) =>
          (client) =>
            client.query(statement),
      ),
    );
    const missed = INJECTIONS.length - attacks.hits.length - attacks.silent;
    const row = [
      ...[
        `PostgreSQL ${version}, \`${statementsLogged}\``,
        `${harmless.hits.length} of ${count}, ${count - harmless.silent} logged`,
      ],
      ...[`${attacks.hits.length} of ${INJECTIONS.length}`, attacks.silent, missed],
    ];
    expect(readFileSync("docs/investigate.md", "utf8").replaceAll(/ +/g, " ")).toContain(`| ${row.join(" | ")} |`);
    expect([count, INJECTIONS.length].every((size) => size >= 150)).toBe(true);
    expect(harmless.hits).toEqual([]);
    // What leaves no entry raises no alarm, and proves nothing.
    expect(count - harmless.silent).toBeGreaterThan(0);
  });
});
