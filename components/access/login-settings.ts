import { TRUSTED_SEARCH_PATH } from "../../lib/search-path";
import type { LoginSetting } from "../../model/access/audit";
import { Query, Server, withSession } from "./login";

/** What stands in the server: `database` is null for a setting that holds in all of them. */
interface Found {
  login: string;
  database: string | null;
  name: string;
  value: string;
}

const FIND = `
  SELECT rolname AS login, datname AS database, split_part(config, '=', 1) AS name,
    substr(config, strpos(config, '=') + 1) AS value
  FROM pg_db_role_setting JOIN pg_roles ON pg_roles.oid = setrole LEFT JOIN pg_database ON pg_database.oid = setdatabase,
    unnest(setconfig) AS config
  WHERE rolname = ANY ($1)`;

/** The changes that are left to be made, each an end of ALTER ROLE. One for a single database would hide the one for all. */
function changesFor({ login, name, value }: LoginSetting, found: Found[], quote: (name: string) => string): string[] {
  const own = found.filter((setting) => setting.login === login && setting.name === name);
  const inDatabases = own
    .filter(({ database }) => database !== null)
    .map(({ database }) => `IN DATABASE ${quote(database as string)} RESET ${name}`);
  const everywhere = own.find(({ database }) => database === null)?.value;
  if (everywhere === value) {
    return inDatabases;
  }
  return [...inDatabases, value ? `SET ${name} = '${value}'` : `RESET ${name}`];
}

/** A setting's change that is left to be made: the end of an ALTER ROLE of that login. */
interface Change {
  login: string;
  end: string;
}

async function findChanges(query: Query, settings: LoginSetting[]): Promise<Change[]> {
  const { escapeIdentifier } = await import("pg");
  const logins = settings.map(({ login }) => login);
  // An update of a part of the stack may not have made all of them yet.
  const there = await query("SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)", [logins]);
  const found = (await query(FIND, [logins])) as unknown as Found[];
  return settings
    .filter(({ login }) => there.some(({ rolname }) => rolname === login))
    .flatMap((setting) => changesFor(setting, found, escapeIdentifier).map((end) => ({ login: setting.login, end })));
}

/** Makes the changes, and returns one line for each. */
async function makeChanges(query: Query, changes: Change[]): Promise<string[]> {
  const { escapeIdentifier } = await import("pg");
  for (const { login, end } of changes) {
    await query(`ALTER ROLE ${escapeIdentifier(login)} ${end}`);
  }
  return changes.map(({ login, end }) => `${login}: ${end}`);
}

/**
 * Applies settings of logins, as the master, and returns one line for each change; none when all is as it should be. A change
 * holds for sessions that begin after it (AWS: "Use the pgAudit extension to audit roles").
 */
export async function applyLoginSettings(
  server: Server,
  master: { user: string; password: string },
  settings: LoginSetting[],
): Promise<string[]> {
  return withSession(server, master, async (query) => makeChanges(query, await findChanges(query, settings)));
}

/** Sessions of the master besides the one that asks: of somebody who may rely on how it finds names. */
const OTHER_SESSIONS = "SELECT pid FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()";

/**
 * Has the master find names among PostgreSQL's own alone, and returns what was changed. Where it does not yet, and others are logged in with
 * it, such as an application that is still to be moved to a login of its own (docs/adopt.md), they would find their tables no more:
 * nothing is changed then, and how many they are is returned.
 */
export async function trustOwnNames(
  server: Server,
  master: { user: string; password: string },
): Promise<{ changed: string[]; others: number }> {
  const setting: LoginSetting = { login: master.user, name: "search_path", value: TRUSTED_SEARCH_PATH };
  return withSession(server, master, async (query) => {
    const changes = await findChanges(query, [setting]);
    const others = changes.length === 0 ? 0 : (await query(OTHER_SESSIONS, [master.user])).length;
    return { changed: others > 0 ? [] : await makeChanges(query, changes), others };
  });
}
