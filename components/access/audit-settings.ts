import { AuditSetting } from "../../model/access/audit";
import { withSession, Query, Server } from "./login";

/** A login's `pgaudit.log` as the server has it; `database` is null for a setting that holds in every database. */
interface Found {
  login: string;
  database: string | null;
  value: string;
}

const FIND = `
  SELECT rolname AS login, datname AS database, substr(config, length('pgaudit.log=') + 1) AS value
  FROM pg_db_role_setting JOIN pg_roles ON pg_roles.oid = setrole LEFT JOIN pg_database ON pg_database.oid = setdatabase,
    unnest(setconfig) AS config
  WHERE config LIKE 'pgaudit.log=%' AND rolname = ANY ($1)`;

/**
 * The changes that a login still needs, each the end of an ALTER ROLE. Settings for single databases are reset: they would hide
 * the one for all.
 */
function changesFor({ login, value }: AuditSetting, found: Found[], quote: (name: string) => string): string[] {
  const own = found.filter((setting) => setting.login === login);
  const inDatabases = own
    .filter(({ database }) => database !== null)
    .map(({ database }) => `IN DATABASE ${quote(database as string)} RESET pgaudit.log`);
  const everywhere = own.find(({ database }) => database === null)?.value;
  if (everywhere === value) {
    return inDatabases;
  }
  return [...inDatabases, value ? `SET pgaudit.log = '${value}'` : "RESET pgaudit.log"];
}

async function change(query: Query, settings: AuditSetting[]): Promise<string[]> {
  const { escapeIdentifier } = await import("pg");
  const logins = settings.map(({ login }) => login);
  // An update of a part of the stack may not have made all of them yet.
  const there = await query("SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)", [logins]);
  const found = (await query(FIND, [logins])) as unknown as Found[];
  const made: string[] = [];
  for (const setting of settings.filter(({ login }) => there.some(({ rolname }) => rolname === login))) {
    for (const end of changesFor(setting, found, escapeIdentifier)) {
      await query(`ALTER ROLE ${escapeIdentifier(setting.login)} ${end}`);
      made.push(`${setting.login}: ${end}`);
    }
  }
  return made;
}

/**
 * Sets `pgaudit.log` on the logins, as the master, and returns one line for each change; none when all is as it should be. A change
 * holds for sessions that begin after it (AWS: "Use the pgAudit extension to audit roles").
 */
export async function applyAuditSettings(
  server: Server,
  master: { user: string; password: string },
  settings: AuditSetting[],
): Promise<string[]> {
  return withSession(server, master, (query) => change(query, settings));
}
