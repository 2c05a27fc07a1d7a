import { existsSync, readFileSync } from "node:fs";
import { checkServerIdentity, ConnectionOptions } from "node:tls";
import { Pool, PoolClient } from "pg";
import { Values } from "../protocol/model";
import { Settings } from "./settings";

/**
 * The oldest server that is modelled. From here on every feature that the official plugin asks its version table for
 * (config.go, featureSupported) is there, so no model needs to ask.
 */
const OLDEST_MAJOR = 13;

/** Connections do not outlive what they are needed for: a database that is idle can be dropped. */
const IDLE_MILLISECONDS = 1000;

/** One connection. Every statement comes with what its failure means to the user; the statement itself is never shown. */
export class Session {
  constructor(private readonly client: Pick<PoolClient, "query">) {}

  /** Runs a statement and returns its rows. */
  async rows(failure: string, sql: string, values?: unknown[]): Promise<Values[]> {
    try {
      return (await this.client.query<Values>(sql, values)).rows;
    } catch (error) {
      // The driver's error stays here: it may quote the statement, and with it a password.
      // eslint-disable-next-line preserve-caught-error
      throw new Error(`${failure}: pq: ${reasonOf(error)}`);
    }
  }

  /** The first row, if there is any. */
  async row(failure: string, sql: string, values?: unknown[]): Promise<Values | undefined> {
    return (await this.rows(failure, sql, values))[0];
  }

  /** Runs a statement for its effect. */
  async run(failure: string, sql: string, values?: unknown[]): Promise<void> {
    await this.rows(failure, sql, values);
  }
}

/** What a provider instance works with: its settings, and connections to the databases of one server. */
export class PostgresContext {
  private readonly pools = new Map<string, Promise<Pool>>();

  constructor(readonly settings: Settings) {}

  /** Works in a transaction on a database (the provider's when none is named) and commits it. */
  transaction<T>(database: string | undefined, work: (session: Session) => Promise<T>): Promise<T> {
    return this.inTransaction(database, "COMMIT", work);
  }

  /** The same for reading: the official plugin reads inside a transaction too, and rolls it back. */
  reading<T>(database: string | undefined, work: (session: Session) => Promise<T>): Promise<T> {
    return this.inTransaction(database, "ROLLBACK", work);
  }

  /** Works on the provider's database outside of any transaction. */
  direct<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.connected(this.settings.database, work);
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    const pools = await Promise.allSettled([...this.pools.values()]);
    this.pools.clear();
    for (const pool of pools) {
      if (pool.status === "fulfilled") {
        await pool.value.end();
      }
    }
  }

  private inTransaction<T>(
    database: string | undefined,
    end: "COMMIT" | "ROLLBACK",
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    return this.connected(database || this.settings.database, async (session) => {
      await session.run("could not start transaction", "BEGIN");
      try {
        const result = await work(session);
        await session.run("could not commit transaction", end);
        return result;
      } catch (error) {
        // What went wrong first is what the user needs to know.
        await session.run("could not rollback transaction", "ROLLBACK").catch(() => undefined);
        throw error;
      }
    });
  }

  private async connected<T>(database: string, work: (session: Session) => Promise<T>): Promise<T> {
    const pool = await this.pool(database);
    const client = await pool.connect().catch((error: unknown) => {
      throw this.connectionError(database, error);
    });
    let broken: Error | undefined;
    // Without a listener, a server that goes away while the connection is in use would end the process.
    const onError = (error: Error) => (broken = error);
    client.on("error", onError);
    try {
      return await work(new Session(client));
    } finally {
      client.off("error", onError);
      client.release(broken);
    }
  }

  private pool(database: string): Promise<Pool> {
    let pool = this.pools.get(database);
    if (!pool) {
      pool = this.open(database);
      this.pools.set(database, pool);
      pool.catch(() => this.pools.delete(database));
    }
    return pool;
  }

  private async open(database: string): Promise<Pool> {
    const { settings } = this;
    if (settings.unknown.length > 0) {
      throw new Error(`postgresql provider: ${settings.unknown.join(", ")} of its configuration is not known yet`);
    }
    const pool = new Pool({
      host: settings.host,
      port: settings.port,
      database,
      user: settings.username,
      password: settings.password,
      ssl: tlsOptions(settings),
      max: settings.maxConnections > 0 ? settings.maxConnections : 1000,
      connectionTimeoutMillis: Math.max(settings.connectTimeout, 0) * 1000,
      idleTimeoutMillis: IDLE_MILLISECONDS,
      // As lib/pq and the official plugin introduce themselves; dates must not depend on the server's settings.
      fallback_application_name: "Terraform provider",
      options: "-c DateStyle=ISO,MDY",
    });
    // A server that closes an idle connection is no error: the pool opens another.
    pool.on("error", () => undefined);
    try {
      const major = settings.expectedMajor ?? (await fingerprint(pool));
      if (major < OLDEST_MAJOR) {
        throw new Error(`PostgreSQL ${major} is not supported by the local provider, only ${OLDEST_MAJOR} and later`);
      }
      return pool;
    } catch (error) {
      await pool.end();
      throw this.connectionError(database, error);
    }
  }

  private connectionError(database: string, error: unknown): Error {
    const { host, port, username, password } = this.settings;
    const reason = reasonOf(error);
    return new Error(
      `Error connecting to PostgreSQL server ${host}:${port} (database ${database}, user ${username}): ` +
        (password ? reason.replaceAll(password, "XXXX") : reason),
    );
  }
}

/** What an error says. Node tells of a refused connection in an error without a message that holds one error for each address. */
function reasonOf(error: unknown): string {
  const cause = (error instanceof AggregateError ? error.errors[0] : error) as Error & { code?: string };
  return cause.message || String(cause.code);
}

/** The server's major version (config.go, fingerprintCapabilities). */
async function fingerprint(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ version: string }>("SELECT VERSION()");
  const version = /^\S+ (\d+)/.exec(rows[0]?.version ?? "")?.[1];
  if (!version) {
    throw new Error(`error determining the server version: "${rows[0]?.version}"`);
  }
  return Number(version);
}

/** TLS as lib/pq does it (ssl.go): `require` accepts any certificate, unless a root certificate is there to check it with. */
function tlsOptions(settings: Settings): false | ConnectionOptions {
  const { host, sslmode, sslrootcert, clientcert } = settings;
  if (sslmode === "disable") {
    return false;
  }
  const mode = sslmode === "require" && sslrootcert && existsSync(sslrootcert) ? "verify-ca" : sslmode;
  const read = (what: string, path: string): string => {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      throw new Error(`postgresql provider: cannot read ${what} ${path}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  };
  return {
    rejectUnauthorized: mode !== "require",
    ...(mode !== "require" && sslrootcert && { ca: read("sslrootcert", sslrootcert) }),
    // The client hands Node a socket, not a host: without this Node would compare with "localhost".
    checkServerIdentity: (_, certificate) =>
      mode === "verify-full" ? checkServerIdentity(host, certificate) : undefined,
    ...(clientcert && {
      cert: clientcert.inline ? clientcert.cert : read("clientcert.cert", clientcert.cert),
      key: clientcert.inline ? clientcert.key : read("clientcert.key", clientcert.key),
    }),
  };
}
