import { Client } from "pg";
import { EXTENSION_SCHEMA } from "../../model/access/matrix";
import { withContext } from "../shared/context";
import type { CheckConfig } from "../../model/outputs/check";
import { readCheckConfig } from "../checks/read-config";
import { Misuse, OpsError } from "../shared/errors";
import { CommonOptions, say } from "../shared/command";
import { blockedText, longText, sessionsText, statementsText } from "./print";
import { BlockedSession, Connections, Session, Statement } from "./session";
import { BLOCKED, CONNECTIONS, LONG, Order, SESSIONS, topStatements } from "./sql";
import { endSession } from "./terminate";

export interface Options extends CommonOptions {
  forwardedPort?: number;
  seconds: number;
  by: Order;
  top: number;
  cancel?: true;
  confirm?: string;
}

type Look = "sessions" | "long" | "blocked" | "statements";
export type What = Look | "terminate";

const rowsOf = async <Row extends object>(client: Client, sql: string, values: unknown[] = []) =>
  (await client.query<Row>(sql, values)).rows;

/** pg_stat_statements has no such table when it is not installed, and refuses when the server has not loaded it. */
const NO_STATISTICS = ["42P01", "55000", "3F000"];

const looks: Record<Look, (client: Client, options: Options) => Promise<{ text: string; result: object }>> = {
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
  const { withLogin } = await import("../shared/database-login");
  return withLogin({ ...login, applicationName: "markenmate-activity" }, async ({ client }) => {
    const ended = await endSession(client, { pid, cancel, confirm, database: config.database.name });
    say(cancel ? `The statement of session ${pid} was cancelled.` : `Session ${pid} is gone.`);
    return { result: cancel ? "cancelled" : "ended", pid, login: ended.login, connectedAt: ended.connectedAt };
  });
}

/** Shows what the server is doing, or ends a session. */
export async function activity(what: What, pid: number | undefined, options: Options): Promise<object> {
  return withContext("Looking at the server", async () => {
    const [config, { credentialsFor }, { withLogin }] = await Promise.all([
      readCheckConfig(options.stack),
      import("../checks/credentials"),
      import("../shared/database-login"),
    ]);
    if (what === "terminate") {
      return terminate(config, pid, options);
    }
    const login = { ...config, credentials: credentialsFor(config), forwardedPort: options.forwardedPort };
    return withLogin({ ...login, applicationName: "markenmate-activity" }, async ({ client }) => {
      const { text, result } = await looks[what](client, options);
      say(text);
      return result;
    });
  });
}
