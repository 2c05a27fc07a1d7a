import { ClientBase, escapeIdentifier } from "pg";
import { Contents, DatabaseObject, Manifest, ServerRole } from "./manifest";
import { OBJECTS } from "./objects-sql";

/** Reads what is in a database, so that two of them can be compared. */

/** What the text of a row must not depend on: the session, the server's settings, the order of schemas. */
const SAME_TEXT_EVERYWHERE = [
  "SET search_path = pg_catalog",
  "SET DateStyle = 'ISO, YMD'",
  "SET IntervalStyle = 'postgres'",
  "SET TimeZone = 'UTC'",
  "SET bytea_output = 'hex'",
  "SET extra_float_digits = 1",
  "SET lc_monetary = 'C'",
  "SET xmloption = content",
  // On a server with work to do one core is enough for this.
  "SET max_parallel_workers_per_gather = 0",
];

export async function prepareReading(client: ClientBase): Promise<void> {
  for (const statement of SAME_TEXT_EVERYWHERE) {
    await client.query(statement);
  }
}

/** Everything that a dump holds: not the system's, not what an extension makes by itself, not what ends with a session. */
export const DUMPED = `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

/** A table or sequence, quoted as SQL wants it. */
export interface Relation {
  name: string;
  kind: "table" | "partitioned table" | "sequence";
}

export async function relations(client: ClientBase): Promise<Relation[]> {
  const { rows } = await client.query<Relation>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name,
       CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' ELSE 'sequence' END AS kind
     ${DUMPED} AND c.relkind IN ('r', 'p', 'S') ORDER BY 1`,
  );
  return rows;
}

/**
 * Rows and checksum. The sum of the rows' hashes does not depend on their order, and one more row of the same kind changes
 * it. The hash is PostgreSQL's own and the same on every machine for one major version.
 */
async function tableContents(client: ClientBase, name: string) {
  const row = escapeIdentifier("a row of this table");
  const { rows } = await client.query<{ rows: string; checksum: string }>(
    `SELECT count(*)::text AS rows, coalesce(sum(hashtextextended(${row}::text COLLATE "C", 0)), 0)::text AS checksum
     FROM ONLY ${name} AS ${row}`,
  );
  return { name, ...(rows[0] as { rows: string; checksum: string }) };
}

/** The value that each sequence would give next. */
export async function sequenceValues(client: ClientBase): Promise<{ name: string; next: string }[]> {
  const values = [];
  for (const { name } of (await relations(client)).filter(({ kind }) => kind === "sequence")) {
    const { rows } = await client.query<{ next: string }>(
      `SELECT (last_value + CASE WHEN is_called THEN seqincrement ELSE 0 END)::text AS next
       FROM ${name}, pg_sequence WHERE seqrelid = $1::regclass`,
      [name],
    );
    values.push({ name, next: rows[0]?.next ?? "" });
  }
  return values;
}

export interface ReadOptions {
  /** Told before each table. */
  onTable?: (name: string, index: number, count: number) => void;
  signal?: AbortSignal;
}

/** What a snapshot shows: in a transaction with one, all of one moment. */
export async function readSnapshot(
  client: ClientBase,
  { onTable, signal }: ReadOptions = {},
): Promise<Omit<Contents, "sequences">> {
  const { rows: extensions } = await client.query<{ name: string; version: string }>(
    "SELECT extname AS name, extversion AS version FROM pg_extension ORDER BY 1",
  );
  const { rows: objects } = await client.query<DatabaseObject>(OBJECTS);
  const names = (await relations(client)).filter(({ kind }) => kind === "table").map(({ name }) => name);
  const tables: Contents["tables"] = [];
  for (const [index, name] of names.entries()) {
    signal?.throwIfAborted();
    onTable?.(name, index, names.length);
    tables.push(await tableContents(client, name));
  }
  return { tables, extensions, objects };
}

/** All that is compared, of a database in which nobody works. */
export async function readContents(client: ClientBase, options?: ReadOptions): Promise<Contents> {
  const sequences = (await sequenceValues(client)).map(({ name, next }) => ({ name, before: next, after: next }));
  return { ...(await readSnapshot(client, options)), sequences };
}

/** The server's roles, its own and Amazon's excepted. They are in no dump: it only names them as owners and grantees. */
export async function readRoles(client: ClientBase): Promise<ServerRole[]> {
  const { rows } = await client.query<ServerRole>(
    `SELECT r.rolname::text AS name,
       array_remove(ARRAY[
         CASE WHEN r.rolcanlogin THEN 'LOGIN' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
         CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
         CASE WHEN NOT r.rolinherit THEN 'NOINHERIT' END], NULL) AS attributes,
       ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
             WHERE m.member = r.oid ORDER BY 1) AS "memberOf"
     FROM pg_roles r WHERE r.rolname !~ '^(pg_|rds)' AND NOT r.rolsuper ORDER BY 1`,
  );
  return rows;
}

export async function readDatabase(client: ClientBase): Promise<Manifest["database"]> {
  const { rows } = await client.query<Manifest["database"]>(
    `SELECT datname::text AS name, pg_encoding_to_char(encoding) AS encoding, datcollate AS collate, datctype AS ctype,
       ARRAY(SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END || '=' || privilege_type
             FROM aclexplode(coalesce(datacl, acldefault('d', datdba))) ORDER BY 1) AS grants
     FROM pg_database WHERE datname = current_database()`,
  );
  return rows[0] as Manifest["database"];
}

export async function readServer(client: ClientBase): Promise<Manifest["server"]> {
  const { rows } = await client.query<{ version: string; number: string }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number",
  );
  const { version = "", number = "0" } = rows[0] ?? {};
  return { version, majorVersion: Math.floor(Number(number) / 10_000) };
}
