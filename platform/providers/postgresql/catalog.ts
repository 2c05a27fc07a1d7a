import { types } from "pg";
import { Session } from "./connection";

/** Stands for every role. */
export const PUBLIC = "public";

const TEXT_ARRAY = 1009 as Parameters<typeof types.getTypeParser>[0];

/** A list of names. The driver knows arrays of text, but leaves arrays of the catalog's own type `name` as they come. */
export function names(value: unknown): string[] {
  if (typeof value === "string") {
    return (types.getTypeParser(TEXT_ARRAY, "text") as (text: string) => string[])(value);
  }
  return (value as string[] | null) ?? [];
}

/** Whether the database exists (helpers.go, dbExists). */
export async function databaseExists(session: Session, database: string): Promise<boolean> {
  const failure = "could not check if database exists";
  return (await session.row(failure, "SELECT datname FROM pg_database WHERE datname=$1", [database])) !== undefined;
}

/** Whether the schema exists in the session's database (helpers.go, schemaExists). */
export async function schemaExists(session: Session, schema: string): Promise<boolean> {
  const failure = "could not check if schema exists";
  return (await session.row(failure, "SELECT 1 FROM pg_namespace WHERE nspname=$1", [schema])) !== undefined;
}

/** The role's oid as access lists name it: 0 is PUBLIC (helpers.go, getRoleOID). */
export async function roleOid(session: Session, role: string): Promise<number> {
  if (role === PUBLIC) {
    return 0;
  }
  const failure = `could not find oid for role ${role}`;
  const row = await session.row(failure, "SELECT oid FROM pg_roles WHERE rolname = $1", [role]);
  if (!row) {
    throw new Error(`${failure}: there is no such role`);
  }
  return row.oid as number;
}

/** The owner of a database, by default of the session's (helpers.go, getDatabaseOwner). */
export async function databaseOwner(session: Session, database?: string): Promise<string> {
  const row = await session.row(
    `error while looking for the owner of database '${database ?? ""}'`,
    `
SELECT rolname
  FROM pg_database
  JOIN pg_roles ON datdba = pg_roles.oid
  WHERE datname = ${database ? "$1" : "current_database()"}
`,
    database ? [database] : [],
  );
  if (!row) {
    throw new Error(`could not find database '${database ?? ""}' while looking for owner`);
  }
  return row.rolname as string;
}

async function schemaOwner(session: Session, schema: string): Promise<string> {
  const row = await session.row(
    `error while looking for the owner of schema '${schema}'`,
    `
SELECT rolname
  FROM pg_namespace
  JOIN pg_roles ON nspowner = pg_roles.oid
  WHERE nspname = $1
`,
    [schema],
  );
  if (!row) {
    throw new Error(`could not find schema '${schema}' while looking for owner`);
  }
  return row.rolname as string;
}

/** Who owns the schema, and the tables in it where `tables` asks for them (resource_postgresql_grant.go, getRolesToGrant). */
export async function ownersIn(session: Session, schema: string, { tables }: { tables: boolean }): Promise<string[]> {
  const owners: string[] = [];
  if (tables) {
    const rows = await session.rows(
      `error while looking for owners of tables in schema '${schema}'`,
      "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = $1",
      [schema],
    );
    owners.push(...rows.map((row) => row.tableowner as string));
  }
  const owner = await schemaOwner(session, schema);
  if (!owners.includes(owner)) {
    owners.push(owner);
  }
  // Since PostgreSQL 15 the schema `public` belongs to this role, of which the database's owner is the only member.
  const resolved: string[] = [];
  for (const role of owners) {
    resolved.push(role === "pg_database_owner" ? await databaseOwner(session) : role);
  }
  return resolved;
}
