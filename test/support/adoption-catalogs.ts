import { Client } from "pg";

/** Everything that an adoption could change, row by row, with the transaction that each row is of. */

/** What the server changes by itself while it cleans up. */
const BY_ITSELF = [
  "relpages",
  "reltuples",
  "relallvisible",
  "relfrozenxid",
  "relminmxid",
  "relhasindex",
  "datfrozenxid",
  "datminmxid",
];

const CATALOGS = [
  ...[
    "pg_class",
    "pg_attribute",
    "pg_proc",
    "pg_type",
    "pg_namespace",
    "pg_default_acl",
    "pg_statistic_ext",
    "pg_operator",
  ],
  ...["pg_collation", "pg_ts_dict", "pg_ts_config", "pg_largeobject_metadata", "pg_policy", "pg_extension", "pg_roles"],
  ...["pg_auth_members", "pg_database", "pg_db_role_setting", "pg_shdepend", "pg_depend", "pg_init_privs"],
];

export async function catalogs(client: Client): Promise<Record<string, string[]>> {
  const contents: Record<string, string[]> = {};
  for (const name of CATALOGS) {
    const id = name === "pg_roles" ? "''" : "t.xmin::text";
    const { rows } = await client.query<{ row: string }>(
      `SELECT ${id} || (to_jsonb(t) - $1::text[])::text AS row FROM ${name} t ORDER BY 1`,
      [BY_ITSELF],
    );
    contents[name] = rows.map(({ row }) => row);
  }
  return contents;
}

/** The process ids of the sessions that wait for a lock on a table. */
export async function waitersFor(client: Client, table: string): Promise<number[]> {
  const { rows } = await client.query<{ pid: number }>(
    "SELECT pid FROM pg_locks WHERE NOT granted AND relation = $1::regclass",
    [table],
  );
  return rows.map(({ pid }) => pid);
}
