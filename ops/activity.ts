import { Argument, Option } from "commander";
import { Client } from "pg";
import { EXTENSION_SCHEMA } from "../components/access";
import { blockedText, longText, sessionsText, statementsText } from "./sessions/print";
import { BlockedSession, Connections, Session, Statement } from "./sessions/session";
import { BLOCKED, CONNECTIONS, LONG, Order, ORDERS, SESSIONS, topStatements } from "./sessions/sql";
import { endSession } from "./sessions/terminate";
import { explained, forwardedPort } from "./backups/cli";
import { CheckConfig, credentialsFor, readCheckConfig } from "./checks/config";
import { command, CommonOptions, Misuse, run, say } from "./command";
import { withLogin } from "./database-login";
import { OpsError } from "./pulumi";

interface Options extends CommonOptions {
  forwardedPort?: number;
  seconds: number;
  by: Order;
  top: number;
  cancel?: true;
  confirm?: string;
}

const WHAT = ["sessions", "long", "blocked", "statements", "terminate"] as const;
type What = (typeof WHAT)[number];

const number = (name: string) => (text: string) => {
  if (!/^\d{1,9}$/.test(text)) {
    throw new Misuse(`${name}: ${text} is no number; give 0 or more`);
  }
  return Number(text);
};

const program = command(
  "ops/activity",
  "Who is connected, what runs long, who blocks whom, which statements cost most; and ends a session.",
  "0 done, 1 failed, 2 wrongly called, 3 refused and nothing was ended",
)
  .addArgument(new Argument("<what>", "what to look at, or terminate").choices(WHAT))
  .argument("[pid]", "terminate: the session's process id", number("pid"))
  .option("--stack <name>", "the Pulumi stack; left out, CHECK in the environment says where")
  .addOption(
    new Option("--seconds <number>", "long: from how many seconds on").default(5).argParser(number("--seconds")),
  )
  .addOption(new Option("--by <column>", "statements: the order").choices(Object.keys(ORDERS)).default("total"))
  .addOption(new Option("--top <number>", "statements: how many").default(20).argParser(number("--top")))
  .option("--cancel", "terminate: cancel the statement alone, the session goes on")
  .option("--confirm <time>", "terminate: when the session began, instead of an answer at the terminal")
  .addOption(forwardedPort());

const rowsOf = async <Row extends object>(client: Client, sql: string, values: unknown[] = []) =>
  (await client.query<Row>(sql, values)).rows;

/** pg_stat_statements has no such table when it is not installed, and refuses when the server has not loaded it. */
const NO_STATISTICS = ["42P01", "55000", "3F000"];

const looks: Record<
  Exclude<What, "terminate">,
  (client: Client, options: Options) => Promise<{ text: string; result: object }>
> = {
  async sessions(client) {
    const sessions = await rowsOf<Session>(client, SESSIONS);
    const connections = await rowsOf<Connections>(client, CONNECTIONS);
    return { text: sessionsText(sessions, connections), result: { sessions, connections } };
  },
  async long(client, { seconds }) {
    const sessions = await rowsOf<Session>(client, LONG, [seconds]);
    return { text: longText(sessions, seconds), result: { sessions } };
  },
  async blocked(client) {
    const sessions = await rowsOf<BlockedSession>(client, BLOCKED);
    return { text: blockedText(sessions), result: { sessions } };
  },
  async statements(client, { by, top }) {
    const statements = await rowsOf<Statement>(client, topStatements(by, EXTENSION_SCHEMA), [top]).catch(
      (error: Error & { code?: string }) => {
        throw NO_STATISTICS.includes(error.code ?? "")
          ? new OpsError("pg_stat_statements is not installed here; name it in database.extensions")
          : error;
      },
    );
    return { text: statementsText(statements), result: { statements } };
  },
};

/** Nobody but the master may end others' sessions, and its every use is seen: monitoring cannot. */
async function terminate(config: CheckConfig, pid: number | undefined, options: Options) {
  if (pid === undefined) {
    throw new Misuse("terminate: name the session's pid, as `ops/activity sessions` shows it");
  }
  const { cancel = false, confirm, forwardedPort: port } = options;
  const login = { ...config, secretArn: config.aws.masterSecretArn, forwardedPort: port };
  return withLogin({ ...login, applicationName: "markenmate-activity" }, async ({ client }) => {
    const ended = await endSession(client, { pid, cancel, confirm, database: config.database.name });
    say(cancel ? `The statement of session ${pid} was cancelled.` : `Session ${pid} is gone.`);
    return { result: cancel ? "cancelled" : "ended", pid, login: ended.login, connectedAt: ended.connectedAt };
  });
}

run<Options>(program, async ([what], options) => {
  const [, pid] = program.processedArgs as [string, number | undefined];
  return explained("Looking at the server", async () => {
    const config = await readCheckConfig(options.stack);
    if (what === "terminate") {
      return terminate(config, pid, options);
    }
    const login = { ...config, credentials: credentialsFor(config), forwardedPort: options.forwardedPort };
    return withLogin({ ...login, applicationName: "markenmate-activity" }, async ({ client }) => {
      const { text, result } = await looks[what as Exclude<What, "terminate">](client, options);
      say(text);
      return result;
    });
  });
});
