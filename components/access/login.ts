import type { ClientConfig } from "pg";

/** The server as the machine that deploys reaches it. */
export interface Server {
  host: string;
  port: number;
  /** The name that its certificate is for: not `host`, when a port is forwarded. */
  servername: string;
  /** PEM of the authority that signed the certificate. */
  ca: string;
  database: string;
}

const TIMEOUT_MS = 15_000;
const ENDING_MS = 10_000;

export type Query = (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

/** Logs in, does the work and logs out. */
export async function withSession<Result>(
  { host, port, servername, ca, database }: Server,
  login: { user: string; password: string },
  work: (query: Query) => Promise<Result>,
): Promise<Result> {
  // Loaded when it is needed: a preview never does.
  const { Client } = await import("pg");
  const config: ClientConfig = { host, port, database, ...login, connectionTimeoutMillis: TIMEOUT_MS };
  const client = new Client({ ...config, ssl: { ca, servername } });
  client.on("error", () => undefined); // what is under way fails with it
  await client.connect();
  try {
    return await work(async (sql, values) => (await client.query<Record<string, unknown>>(sql, values)).rows);
  } finally {
    await client.end();
  }
}

const CURE = "If somebody has changed it by hand, `pulumi up --refresh` makes it what it was";

export class LoginError extends Error {
  constructor(
    message: string,
    /** Somebody is let in, but with other rights than the login is there for. */
    readonly actsAsAnother = false,
  ) {
    super(message);
  }
}

/**
 * Logs in as the application will, and sees whose rights the session has. The setting that makes a login act as its role
 * fails open in PostgreSQL: without the membership it warns, and the session goes on as the login itself.
 *
 * @throws LoginError
 */
export async function checkLogin(
  server: Server,
  { login, base }: { login: string; base: string },
  password: string,
): Promise<void> {
  const [row] = await withSession(server, { user: login, password }, (query) =>
    query("SELECT current_user AS name"),
  ).catch((error: Error) => {
    throw new LoginError(`${login} cannot log in: ${error.message}. ${CURE}`);
  });
  if (row?.name !== base) {
    throw new LoginError(`${login} logs in, but acts as ${String(row?.name)} and not as ${base}. ${CURE}`, true);
  }
}

/** Ends every session of a login that may log in no more, and returns how many there were. */
export async function endSessions(
  server: Server,
  master: { user: string; password: string },
  login: string,
): Promise<number> {
  return withSession(server, master, async (query) => {
    const ended = await query(
      "SELECT pid, pg_terminate_backend(pid) AS asked FROM pg_stat_activity WHERE usename = $1",
      [login],
    );
    for (const begun = Date.now(); ; await new Promise((wake) => setTimeout(wake, 100))) {
      const left = await query("SELECT pid FROM pg_stat_activity WHERE usename = $1", [login]);
      if (left.length === 0) {
        return ended.length;
      }
      if (Date.now() - begun > ENDING_MS) {
        throw new LoginError(`${left.length} sessions of ${login} do not end; see pg_stat_activity for what they do`);
      }
    }
  });
}
