/**
 * The access matrix: who may do what. It is the one source from which grants, default privileges, the live check, the tests and
 * the table in the documentation are computed. Source: the guide's "Database Roles & Permissions".
 */

/** The kinds of object, as PostgreSQL's GRANT names them. */
export const OBJECT_KINDS = ["database", "schema", "table", "sequence", "function"] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** Every privilege that the stack grants or checks, by the kind of object (PostgreSQL: "Privileges"). */
export const PRIVILEGES = {
  database: ["CONNECT", "CREATE", "TEMPORARY"],
  schema: ["USAGE", "CREATE"],
  table: ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
  sequence: ["USAGE", "SELECT", "UPDATE"],
  function: ["EXECUTE"],
} as const satisfies Record<ObjectKind, readonly string[]>;
export type Privilege<Kind extends ObjectKind = ObjectKind> = (typeof PRIVILEGES)[Kind][number];

/** The roles: the application, reports, migrations, backups, and monitoring. */
export const ROLE_NAMES = ["app", "readonly", "migrate", "backup", "monitor"] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

/**
 * The statements of a login that pgaudit logs: those that change something (the server's `pgaudit.log`), or all, reads included
 * (guide: "Audit Logging").
 */
export type Audit = "changes" | "everything";

/** The audit of the master: everything, for it can do nearly anything, and only updates and people log in as it. */
export const MASTER_AUDIT: Audit = "everything";

/** The line of one role in the access matrix. */
export interface RoleAccess {
  purpose: string;
  /** `application` when each application has such a role of its own, `server` when the whole server has one. */
  of: "application" | "server";
  /** The rights on the database, on each schema of the settings, and on every present and future object in those schemas. */
  grants: { [Kind in ObjectKind]: readonly Privilege<Kind>[] };
  /** Whether the role owns what migrations create, and so may alter and drop it. True for exactly one role. */
  ownsObjects: boolean;
  /** Whether its rights extend to everything that migrations will create, in schemas that they make themselves too. */
  everywhere: boolean;
  /** Whether it sees every session, statement and server setting: a member of pg_monitor that may use the extensions' views. */
  monitors: boolean;
  audit: Audit;
  /** The longest statement, in milliseconds; 0 is no limit. Set on each login, for it is not inherited. */
  statementTimeoutMs: number;
  /** The longest idle time in a transaction, in milliseconds; 0 is no limit. Set on each login, for it is not inherited. */
  idleInTransactionTimeoutMs: number;
}

export type AccessMatrix = Record<RoleName, RoleAccess>;

export const ACCESS: AccessMatrix = {
  app: {
    purpose: "the application: reads and writes rows, never changes the schema",
    of: "application",
    grants: {
      database: ["CONNECT"],
      schema: ["USAGE"],
      table: ["SELECT", "INSERT", "UPDATE", "DELETE"],
      sequence: ["USAGE", "SELECT"],
      function: ["EXECUTE"],
    },
    ownsObjects: false,
    everywhere: false,
    monitors: false,
    // It reads all day, and the application knows more of the person behind a statement than the database does.
    audit: "changes",
    statementTimeoutMs: 30_000,
    idleInTransactionTimeoutMs: 60_000,
  },
  readonly: {
    purpose: "reports and analytics: reads rows, nothing else",
    of: "application",
    grants: {
      database: ["CONNECT"],
      schema: ["USAGE"],
      table: ["SELECT"],
      // Reading a sequence changes nothing, and without it an export of the schema fails.
      sequence: ["SELECT"],
      // No EXECUTE: a SECURITY DEFINER function would write with its owner's rights.
      function: [],
    },
    ownsObjects: false,
    everywhere: false,
    monitors: false,
    // People: reports, admin panels, somebody with psql.
    audit: "everything",
    statementTimeoutMs: 300_000,
    idleInTransactionTimeoutMs: 60_000,
  },
  migrate: {
    purpose: "migrations during a deployment: creates, alters, drops and owns the objects",
    of: "application",
    grants: {
      // CREATE, for drizzle-kit runs CREATE SCHEMA IF NOT EXISTS drizzle, which needs it even when the schema is there.
      database: ["CONNECT", "CREATE", "TEMPORARY"],
      schema: ["USAGE", "CREATE"],
      // Nothing here: an owner has every right on what it owns. What somebody else owned before is first handed over.
      table: [],
      sequence: [],
      function: [],
    },
    ownsObjects: true,
    everywhere: false,
    monitors: false,
    audit: "changes",
    // A migration may rewrite a large table; a limit that fits the application would leave it half-way.
    statementTimeoutMs: 0,
    idleInTransactionTimeoutMs: 300_000,
  },
  backup: {
    purpose: "the daily dump: reads every row of every table, in every schema, and nothing else",
    of: "server",
    grants: {
      database: ["CONNECT"],
      schema: ["USAGE"],
      table: ["SELECT"],
      sequence: ["SELECT"],
      function: [],
    },
    ownsObjects: false,
    // Drizzle's journal lies in a schema that migrations make. The predefined role pg_read_all_data would do as well, and
    // would show it the verifiers of all logins in pg_authid.
    everywhere: true,
    monitors: false,
    // It can read every row and does so once a day: a few entries for each table, and one more dump would be seen.
    audit: "everything",
    // A dump takes as long as it takes, and its transaction waits for it.
    statementTimeoutMs: 0,
    idleInTransactionTimeoutMs: 0,
  },
  monitor: {
    purpose: "the live check and monitoring: reads catalogs, settings and statistics, and no row of any table",
    of: "server",
    grants: {
      database: ["CONNECT"],
      schema: [],
      table: [],
      sequence: [],
      function: [],
    },
    ownsObjects: false,
    everywhere: false,
    monitors: true,
    // It sees no row, and asks for the same statistics every minute.
    audit: "changes",
    statementTimeoutMs: 30_000,
    idleInTransactionTimeoutMs: 60_000,
  },
};

/** The schema of the extensions, apart from the application's: among its tables their views would count as objects to be granted. */
export const EXTENSION_SCHEMA = "extensions";

/** The roles of which each application has its own. */
export const APPLICATION_ROLES = ROLE_NAMES.filter((role) => ACCESS[role].of === "application");

/** The predefined roles that a role is a member of (PostgreSQL: "Predefined Roles"). */
export function predefinedRoles(role: RoleName, matrix: AccessMatrix = ACCESS): string[] {
  return matrix[role].monitors ? ["pg_monitor"] : [];
}

/** The name of an application's role in PostgreSQL, e.g. `markenmate_app`. */
export function loginRoleName(application: string, role: RoleName): string {
  return `${application}_${role}`;
}

/** The role that owns what migrations create. Throws when the matrix has none or more than one. */
export function ownerRole(matrix: AccessMatrix = ACCESS): RoleName {
  const [owner, ...more] = ROLE_NAMES.filter((role) => matrix[role].ownsObjects);
  if (owner === undefined || more.length > 0) {
    throw new Error(`The access matrix: exactly one role must own the objects, not ${more.length + (owner ? 1 : 0)}`);
  }
  return owner;
}

/** Whether a role may use a privilege on an object of that kind; always when it owns the object (`isOwner`). */
export function mayUse<Kind extends ObjectKind>(
  matrix: AccessMatrix,
  role: RoleName,
  kind: Kind,
  privilege: Privilege<Kind>,
  isOwner = false,
): boolean {
  return isOwner || (matrix[role].grants[kind] as readonly string[]).includes(privilege);
}
