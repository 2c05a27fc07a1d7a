import type { ClientConfig } from "pg";
import { TRUSTED_OPTIONS } from "../../lib/search-path";

/** The address of the server, as seen from the machine that deploys, and how to verify it. */
export interface Server {
  host: string;
  port: number;
  /** The name in the server's certificate; it differs from `host` when a port is forwarded. */
  servername: string;
  /** The certificate authority that signed the server's certificate, as PEM. */
  ca: string;
  database: string;
}

/** How long connecting may take. */
const TIMEOUT_MS = 15_000;
/** How long sessions may take to end. */
const ENDING_MS = 10_000;

/** Runs one statement and returns its rows. */
export type Query = (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

/** Logs in, runs `work` in the session, and logs out whatever comes of it. */
export async function withSession<Result>(
  { host, port, servername, ca, database }: Server,
  login: { user: string; password: string },
  work: (query: Query) => Promise<Result>,
): Promise<Result> {
  // Loaded only when needed: a preview never logs in.
  const { Client } = await import("pg");
  const reached = { host, port, database, ...login };
  const config: ClientConfig = { ...reached, options: TRUSTED_OPTIONS, connectionTimeoutMillis: TIMEOUT_MS };
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

/** A login that does not work, or sessions that do not end. */
export class LoginError extends Error {
  constructor(
    message: string,
    /** Whether the login is let in, but acts as another role than its own. */
    readonly actsAsAnother = false,
  ) {
    super(message);
  }
}

/**
 * Logs in as the application will, and checks that the session acts as the role. The setting that makes a login act as its role
 * fails open in PostgreSQL: without the membership it warns, and the session goes on as the login itself.
 *
 * @throws LoginError when the login is refused, or acts as another role
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

/**
 * Ends every session of a login that may no longer log in, and returns how many there were.
 *
 * @throws LoginError when some have not ended after ten seconds
 */
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
