import { Values } from "../protocol/model";
import { databaseExists, PUBLIC, schemaExists } from "./catalog";
import { PostgresContext } from "./connection";
import { roleExists } from "./membership";
import { inSetOrder, sameSet } from "./quoting";

/**
 * Which privileges go with which type of object (helpers.go, allowedPrivileges). MAINTAIN, new in PostgreSQL 17, is not
 * among them in 1.26: there, ALL on tables is read back as eight privileges and differs at every refresh.
 */
const ALLOWED: Record<string, string[]> = {
  database: ["ALL", "CREATE", "CONNECT", "TEMPORARY"],
  table: ["ALL", "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
  sequence: ["ALL", "USAGE", "SELECT", "UPDATE"],
  schema: ["ALL", "CREATE", "USAGE"],
  function: ["ALL", "EXECUTE"],
  procedure: ["ALL", "EXECUTE"],
  routine: ["ALL", "EXECUTE"],
  type: ["ALL", "USAGE"],
  foreign_data_wrapper: ["ALL", "USAGE"],
  foreign_server: ["ALL", "USAGE"],
  column: ["ALL", "SELECT", "INSERT", "UPDATE", "REFERENCES"],
};

/** The catalogs' letters for the types of objects (resource_postgresql_grant.go, objectTypes). */
export const OBJECT_LETTERS: Record<string, string> = {
  table: "r",
  sequence: "S",
  function: "f",
  routine: "f",
  type: "T",
  schema: "n",
};

/** These have no schema. */
export const WITHOUT_SCHEMA = ["database", "foreign_data_wrapper", "foreign_server"];

/** A rule for `objectType`. */
export function oneOf(allowed: string[]): (value: string) => string | undefined {
  return (value) =>
    allowed.includes(value)
      ? undefined
      : `expected object_type to be one of [${allowed.map((type) => `"${type}"`).join(" ")}], got ${value}`;
}

/** Refuses privileges that the type of object does not have. The official plugin does so when it applies, not in a preview. */
export function validatePrivileges({ objectType, privileges }: Values): void {
  for (const privilege of inSetOrder(privileges as string[])) {
    if (!ALLOWED[objectType as string]?.includes(privilege)) {
      throw new Error(`${privilege} is not an allowed privilege for object type ${objectType as string}`);
    }
  }
}

/** What a read reports: the wanted privileges when the granted ones mean the same, otherwise the granted ones. */
export function readBack(granted: string[], { objectType, privileges: wanted }: Values): string[] {
  const all = (ALLOWED[objectType as string] ?? []).filter((privilege) => privilege !== "ALL");
  const same = sameSet(granted, wanted as string[]) || ((wanted as string[]).includes("ALL") && sameSet(granted, all));
  return same ? (wanted as string[]) : inSetOrder(granted);
}

/** Whether what a grant hangs on is still there (resource_postgresql_grant.go, checkRoleDBSchemaExists). */
export async function targetExists(context: PostgresContext, state: Values): Promise<boolean> {
  const { role, database, schema, objectType } = state as Record<string, string>;
  if (!(await context.direct((session) => databaseExists(session, database ?? "")))) {
    return false;
  }
  return context.reading(database, async (session) => {
    if (role !== PUBLIC && !(await roleExists(session, role ?? ""))) {
      return false;
    }
    return !schema || WITHOUT_SCHEMA.includes(objectType ?? "") || schemaExists(session, schema);
  });
}
