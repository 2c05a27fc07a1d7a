import { AccessMatrix, EXTENSION_SCHEMA, ObjectKind, ROLE_NAMES } from "./matrix";
import { Application, ownerIn, roleIn } from "./applications";

/**
 * The grants and default privileges that the access matrix amounts to, as data.
 *
 * One entry for each (role, database, schema, kind of object): PostgreSQL's provider replaces what it finds there, so of
 * two entries the last would win and a refresh would go back and forth.
 */
export interface GrantSpec {
  /** Logical name: part of the resource's identity. A changed name without an alias loses the grant. */
  name: string;
  role: string;
  schema?: string;
  objectType: ObjectKind;
  privileges: string[];
}

export interface DefaultPrivilegeSpec {
  name: string;
  /** Whose future objects are meant. Without it PostgreSQL means those of whoever runs the statement. */
  owner: string;
  role: string;
  schema?: string;
  objectType: "schema" | "table" | "sequence" | "function";
  privileges: string[];
}

/** PostgreSQL's name for everybody. */
const PUBLIC = "public";
const IN_SCHEMA = ["table", "sequence", "function"] as const;

/** Rights on what exists. PUBLIC's are taken away first: everybody's rights would make the roles' pointless. */
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
    // The server's roles come to a database once, whoever shares it.
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

/** Rights on what migrations will create. */
export function computeDefaultPrivileges(matrix: AccessMatrix, application: Application): DefaultPrivilegeSpec[] {
  const owner = ownerIn(application, matrix);
  const list: DefaultPrivilegeSpec[] = [
    // For PostgreSQL everybody may execute a new function. That right can be taken away for all schemas only.
    { name: "public-function", owner, role: PUBLIC, objectType: "function", privileges: [] },
  ];
  for (const role of ROLE_NAMES.filter((candidate) => !matrix[candidate].owner)) {
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
