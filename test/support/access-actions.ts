import { Client } from "pg";
import { AccessMatrix, mayUse, RoleName } from "../../model/access/matrix";

/** A table with its sequence and a function, and who owns the three. */
export interface Objects {
  label: string;
  table: string;
  sequence: string;
  call: string;
  owner: RoleName | "nobody among the roles";
}

/** Something that a role may try. `allowed` computes from the matrix alone what must happen. */
export interface Action {
  name: string;
  sql: string;
  allowed: (matrix: AccessMatrix, role: RoleName) => boolean;
}

export type Outcome = "allowed" | "denied" | `failed with ${string}`;

/** PostgreSQL's insufficient_privilege. */
const DENIED = "42501";

/** What can be tried on a set of objects. */
export function actionsOn({ label, table, sequence, call, owner }: Objects): Action[] {
  const owned = (role: RoleName) => role === owner;
  type TablePrivilege = Parameters<typeof mayUse<"table">>[3];
  const onTable = (privilege: TablePrivilege, sql: string): Action => ({
    name: `${privilege.toLowerCase()} ${label} table`,
    sql,
    allowed: (matrix, role) => mayUse(matrix, role, "table", privilege, owned(role)),
  });
  const byOwner = (name: string, sql: string): Action => ({
    name: `${name} ${label} table`,
    sql,
    allowed: (_, role) => owned(role),
  });
  return [
    onTable("SELECT", `SELECT * FROM ${table}`),
    onTable("INSERT", `INSERT INTO ${table} (id, name) VALUES (1000, 'x')`),
    onTable("UPDATE", `UPDATE ${table} SET name = 'x'`),
    onTable("DELETE", `DELETE FROM ${table}`),
    onTable("TRUNCATE", `TRUNCATE ${table}`),
    // Nobody but an owner can also make a table that refers, or a function that fires: so the right itself is looked at.
    onTable("REFERENCES", `SELECT 1 / has_table_privilege('${table}', 'REFERENCES')::int`),
    onTable("TRIGGER", `SELECT 1 / has_table_privilege('${table}', 'TRIGGER')::int`),
    byOwner("alter", `ALTER TABLE ${table} ADD COLUMN extra int`),
    byOwner("drop", `DROP TABLE ${table} CASCADE`),
    byOwner("index", `CREATE INDEX ON ${table} (name)`),
    byOwner("give away", `ALTER TABLE ${table} OWNER TO CURRENT_USER`),
    {
      name: `nextval ${label} sequence`,
      sql: `SELECT nextval('${sequence}')`,
      allowed: (matrix, role) =>
        mayUse(matrix, role, "sequence", "USAGE", owned(role)) ||
        mayUse(matrix, role, "sequence", "UPDATE", owned(role)),
    },
    {
      name: `read ${label} sequence`,
      sql: `SELECT last_value FROM ${sequence}`,
      allowed: (matrix, role) => mayUse(matrix, role, "sequence", "SELECT", owned(role)),
    },
    {
      name: `setval ${label} sequence`,
      sql: `SELECT setval('${sequence}', 5000)`,
      allowed: (matrix, role) => mayUse(matrix, role, "sequence", "UPDATE", owned(role)),
    },
    {
      name: `call ${label} function`,
      sql: `SELECT ${call}`,
      allowed: (matrix, role) => mayUse(matrix, role, "function", "EXECUTE", owned(role)),
    },
  ];
}

/** What can be tried on the database and a schema. */
export function actionsIn(schema: string): Action[] {
  return [
    {
      name: `look into schema ${schema}`,
      // Names in a schema that one may not look into are found by the system's own functions alone.
      sql: `SELECT 1 / has_schema_privilege('${schema}', 'USAGE')::int`,
      allowed: (matrix, role) => mayUse(matrix, role, "schema", "USAGE"),
    },
    {
      name: `create a table in ${schema}`,
      sql: `CREATE TABLE ${schema}.made_by_test (id int)`,
      allowed: (matrix, role) => mayUse(matrix, role, "schema", "CREATE"),
    },
    {
      name: "create a schema",
      sql: "CREATE SCHEMA made_by_test",
      allowed: (matrix, role) => mayUse(matrix, role, "database", "CREATE"),
    },
    {
      name: "create a temporary table",
      sql: "CREATE TEMPORARY TABLE made_by_test (id int)",
      allowed: (matrix, role) => mayUse(matrix, role, "database", "TEMPORARY"),
    },
    {
      name: "see everybody's sessions",
      sql: "SELECT 1 / pg_has_role('pg_monitor', 'USAGE')::int",
      allowed: (matrix, role) => matrix[role].monitors,
    },
    {
      name: "read the statistics of statements",
      sql: "SELECT query FROM extensions.pg_stat_statements LIMIT 1",
      allowed: (matrix, role) => matrix[role].monitors,
    },
    {
      name: "end somebody's session",
      sql: "SELECT 1 / pg_has_role('pg_signal_backend', 'USAGE')::int",
      allowed: () => false,
    },
    { name: "create a role", sql: "CREATE ROLE made_by_test", allowed: () => false },
    { name: "become the master", sql: "SET ROLE markenmate_admin", allowed: () => false },
    { name: "read another login's verifier", sql: "SELECT rolpassword FROM pg_authid", allowed: () => false },
    { name: "reset the statistics", sql: "SELECT extensions.pg_stat_statements_reset()", allowed: () => false },
  ];
}

async function attempt(client: Client, sql: string): Promise<Outcome> {
  await client.query("BEGIN");
  try {
    await client.query(sql);
    return "allowed";
  } catch (error) {
    const { code = "", message } = error as Error & { code?: string };
    // Division by zero is how the statements above say that a right is missing.
    return code === DENIED || code === "22012" ? "denied" : `failed with ${code} ${message}`;
  } finally {
    await client.query("ROLLBACK");
  }
}

/** Tries every action as whom `client` is logged in, each in a transaction that is rolled back. */
export async function tryAll(client: Client, actions: Action[]): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (const { name, sql } of actions) {
    outcomes.set(name, await attempt(client, sql));
  }
  return outcomes;
}

/** Where what happened is not what the matrix says. */
export function mismatches(
  matrix: AccessMatrix,
  actions: Action[],
  observed: Map<RoleName, Map<string, Outcome>>,
): string[] {
  return [...observed].flatMap(([role, outcomes]) =>
    actions.flatMap(({ name, allowed }) => {
      const expected: Outcome = allowed(matrix, role) ? "allowed" : "denied";
      const outcome = outcomes.get(name);
      return outcome === expected ? [] : [`${role}: ${name}: expected ${expected}, but it was ${outcome}`];
    }),
  );
}
