import { AccessMatrix, EXTENSION_SCHEMA, ObjectKind, ROLE_NAMES } from "./matrix";
import { Application, ownerIn, roleIn } from "./applications";

/**
 * One grant of the access matrix, as data.
 *
 * There is one for each (role, database, schema, kind of object): the PostgreSQL provider replaces what it finds there, so of
 * two entries the last would win, and refreshes would go back and forth.
 */
export interface GrantSpec {
  /** The logical name, part of the resource's identity: a name that changes without an alias loses the grant. */
  name: string;
  role: string;
  schema?: string;
  objectType: ObjectKind;
  privileges: string[];
}

/** One default privilege of the access matrix, as data. */
export interface DefaultPrivilegeSpec {
  name: string;
  /** The role whose future objects the privilege is on. Without it PostgreSQL takes the role that runs the statement. */
  owner: string;
  role: string;
  schema?: string;
  objectType: "schema" | "table" | "sequence" | "function";
  privileges: string[];
}

/** PostgreSQL's name for everybody. */
const PUBLIC = "public";
const IN_SCHEMA = ["table", "sequence", "function"] as const;

/** Computes the rights on existing objects. PUBLIC's are revoked first: rights that everybody has would make the roles' pointless. */
export function computeGrants(matrix: AccessMatrix, application: Application): GrantSpec[] {
  const { schemas, opensDatabase } = application;
  const list: GrantSpec[] = opensDatabase
    ? [{ name: "public-database", role: PUBLIC, objectType: "database", privileges: [] }]
    : [];
  for (const schema of schemas) {
    list.push({ name: `public-${schema}-schema`, role: PUBLIC, schema, objectType: "schema", privileges: [] });
    list.push({ name: `public-${schema}-function`, role: PUBLIC, schema, objectType: "function", privileges: [] });
  }
  for (const role of ROLE_NAMES) {
    const { grants: rights, of, monitors } = matrix[role];
    const add = (objectType: ObjectKind, schema?: string, privileges: readonly string[] = rights[objectType]) => {
      if (privileges.length > 0) {
        const name = [role, schema, objectType].filter(Boolean).join("-");
        list.push({
          name,
          role: roleIn(application, role, matrix),
          schema,
          objectType,
          privileges: [...privileges],
        });
      }
    };
    // The server's roles get their rights on a database once, however many applications share it.
    if (of === "application" || opensDatabase) {
      add("database");
    }
    for (const schema of schemas) {
      add("schema", schema);
      IN_SCHEMA.forEach((kind) => add(kind, schema));
    }
    if (monitors && opensDatabase) {
      add("schema", EXTENSION_SCHEMA, ["USAGE"]);
    }
  }
  return list;
}

/** Computes the rights on the objects that migrations will create. */
export function computeDefaultPrivileges(matrix: AccessMatrix, application: Application): DefaultPrivilegeSpec[] {
  const owner = ownerIn(application, matrix);
  const list: DefaultPrivilegeSpec[] = [
    // For PostgreSQL everybody may execute a new function. That right can be taken away for all schemas only.
    { name: "public-function", owner, role: PUBLIC, objectType: "function", privileges: [] },
  ];
  for (const role of ROLE_NAMES.filter((candidate) => !matrix[candidate].ownsObjects)) {
    const { everywhere, grants: rights } = matrix[role];
    const add = (objectType: DefaultPrivilegeSpec["objectType"], schema?: string) => {
      const privileges = [...rights[objectType]];
      if (privileges.length > 0) {
        const name = [role, schema, objectType].filter(Boolean).join("-");
        list.push({ name, owner, role: roleIn(application, role, matrix), schema, objectType, privileges });
      }
    };
    if (everywhere) {
      (["schema", ...IN_SCHEMA] as const).forEach((kind) => add(kind));
    } else {
      application.schemas.forEach((schema) => IN_SCHEMA.forEach((kind) => add(kind, schema)));
    }
  }
  return list;
}
