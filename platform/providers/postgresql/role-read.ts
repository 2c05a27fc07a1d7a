import { createHash } from "node:crypto";
import { Values } from "../protocol/model";
import { names } from "./catalog";
import { PostgresContext } from "./connection";
import { inSetOrder } from "./quoting";

const QUERY = `SELECT ARRAY(
			SELECT pg_get_userbyid(roleid) FROM pg_catalog.pg_auth_members members WHERE member = pg_roles.oid
		), rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolconnlimit, COALESCE(rolvaliduntil::TEXT, 'infinity'), rolconfig, rolreplication, rolbypassrls
		FROM pg_catalog.pg_roles WHERE rolname=$1`;

/** The value of a setting of the role, looked for by how its entry begins, as the official plugin does. */
function settings(config: string[], name: string): string[] {
  return config
    .filter((entry) => entry.startsWith(name))
    .map((entry) => (entry.startsWith(`${name}=`) ? entry.slice(name.length + 1) : entry));
}

/** Milliseconds. A duration with a unit, set by hand, is an error in the official plugin too. */
function milliseconds(config: string[], name: string): number {
  const value = settings(config, name)[0];
  if (value === undefined) {
    return 0;
  }
  if (!/^[+-]?\d+$/.test(value)) {
    throw new Error(`Error reading ${name}: "${value}" is not a number of milliseconds`);
  }
  return Number(value);
}

/** Nothing read and nothing asked for is left out, so that it does not look like drift. */
function unlessBothEmpty<T>(now: T, before: unknown): T | undefined {
  const empty = Array.isArray(now) ? now.length === 0 : !now;
  return empty && before === undefined ? undefined : now;
}

/**
 * The password as it should stand in state (resource_postgresql_role.go, readRolePassword). Only a superuser can read
 * what the server has; and even then a SCRAM verifier cannot be compared with a password.
 */
async function readPassword(context: PostgresContext, id: string, login: boolean, state: Values): Promise<unknown> {
  const kept = state.password as string | undefined;
  if (!login || !context.settings.superuser || state.passwordWoVersion !== undefined) {
    return kept;
  }
  const stored = await context.direct(async (session) => {
    const me = await session.row(
      "could not check if current user is superuser",
      "SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER",
    );
    if (!me?.rolsuper) {
      throw new Error(
        `could not read role password from Postgres as connected user ${context.settings.databaseUsername} is not a ` +
          "SUPERUSER. You can set `superuser: false` in the provider configuration so it will not try to read the " +
          "password from Postgres",
      );
    }
    const shadow = await session.row(
      "Error reading role",
      "SELECT COALESCE(passwd, '') AS passwd FROM pg_catalog.pg_shadow AS s WHERE s.usename = $1",
      [id],
    );
    return (shadow?.passwd ?? "") as string;
  });
  if (kept && !kept.startsWith("md5") && !kept.startsWith("SCRAM-SHA-256")) {
    const md5 = `md5${createHash("md5")
      .update(kept + id)
      .digest("hex")}`;
    if (stored === md5 || stored.startsWith("SCRAM-SHA-256")) {
      return kept;
    }
  }
  return unlessBothEmpty(stored, kept);
}

/** The role as the server has it, in the shape of the inputs (resource_postgresql_role.go, resourcePostgreSQLRoleReadImpl). */
export async function readRole(context: PostgresContext, id: string, state: Values): Promise<Values | undefined> {
  const row = await context.direct((session) => session.row("Error reading ROLE", QUERY, [id]));
  if (!row) {
    return undefined;
  }
  const config = names(row.rolconfig);
  const path = settings(config, "search_path")[0];
  const searchPaths = path === undefined ? [] : path.split(", ").map((part) => part.replace(/^"+|"+$/g, ""));
  const timeout = (input: string, name: string) => unlessBothEmpty(milliseconds(config, name), state[input]);
  return {
    name: row.rolname,
    password: await readPassword(context, id, row.rolcanlogin as boolean, state),
    passwordWoVersion: state.passwordWoVersion,
    encrypted: state.encrypted,
    encryptedPassword: true,
    roles: unlessBothEmpty(inSetOrder(names(row.array)), state.roles),
    searchPaths: unlessBothEmpty(searchPaths, state.searchPaths),
    validUntil: row.coalesce,
    connectionLimit: row.rolconnlimit,
    superuser: row.rolsuper,
    createDatabase: row.rolcreatedb,
    createRole: row.rolcreaterole,
    inherit: row.rolinherit,
    login: row.rolcanlogin,
    replication: row.rolreplication,
    bypassRowLevelSecurity: row.rolbypassrls,
    skipDropRole: state.skipDropRole ?? false,
    skipReassignOwned: state.skipReassignOwned ?? false,
    statementTimeout: timeout("statementTimeout", "statement_timeout"),
    idleInTransactionSessionTimeout: timeout("idleInTransactionSessionTimeout", "idle_in_transaction_session_timeout"),
    // Any setting whose name begins with "role" is taken for it, the last one wins.
    assumeRole: unlessBothEmpty(settings(config, "role").at(-1) ?? "", state.assumeRole),
  };
}
