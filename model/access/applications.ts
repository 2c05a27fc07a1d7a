import { ACCESS, AccessMatrix, loginRoleName, ownerRole, ROLE_NAMES, RoleName } from "./matrix";
import { NEVER_ROTATED, Rotations } from "./rotation";

/**
 * The applications that share a server: where their tables lie, and whose roles work there.
 *
 * The first one is that which the stack is named after. It has every role of the access matrix; the others have their own where the
 * matrix says so, and share the rest with it: one login backs the whole server up, and one looks at it.
 */
export interface Application {
  /** What the names of its roles begin with. */
  name: string;
  /** What the names of the server's roles begin with: the first application's name. */
  server: string;
  database: string;
  /** Schemas that its roles have their rights in. */
  schemas: string[];
  /** Whether it is the first one in its database, and what belongs to the database as a whole is made with it. */
  opensDatabase: boolean;
  rotations: Rotations;
}

/** What the settings say of them. */
export interface ApplicationsSettings {
  application: string;
  schemas: string[];
  roles: Rotations;
  applications: Record<string, { database?: string; schemas?: string[]; roles: Rotations }>;
}

/** The schema that every database has from the start. */
export const INITIAL_SCHEMA = "public";

/** All of them, the first one first, and none before the one that opens its database. */
export function applicationsOf({ application, schemas, roles, applications }: ApplicationsSettings): Application[] {
  const first = { name: application, database: application, schemas, rotations: roles };
  const others = Object.entries(applications).map(([name, { database = name, schemas: own, roles: rotations }]) => ({
    name,
    database,
    schemas: own ?? [database === name ? INITIAL_SCHEMA : name],
    rotations,
  }));
  const sharing = others.filter(({ name, database }) => name !== database);
  const opened = new Set<string>();
  return [first, ...others.filter((other) => !sharing.includes(other)), ...sharing].map((one) => {
    const opensDatabase = !opened.has(one.database);
    opened.add(one.database);
    return { ...one, server: application, opensDatabase };
  });
}

/** One application alone on its server. */
export function onlyApplication(name: string, schemas: string[], rotations: Rotations = NEVER_ROTATED): Application {
  return { name, server: name, database: name, schemas, opensDatabase: true, rotations };
}

/** What the names of all that belongs to further applications begin with; no stack's name has a dot. */
export const furtherApplicationsPrefix = (stack: string) => `${stack}-for.`;

export const isFirst = ({ name, server }: Application) => name === server;

/** The roles that are made for an application. */
export function rolesOf(application: Application, matrix: AccessMatrix = ACCESS): RoleName[] {
  return ROLE_NAMES.filter((role) => isFirst(application) || matrix[role].of === "application");
}

/** What a role is called in PostgreSQL that works in an application's database: its own, or the server's. */
export function roleIn({ name, server }: Application, role: RoleName, matrix: AccessMatrix = ACCESS): string {
  return loginRoleName(matrix[role].of === "application" ? name : server, role);
}

/** The role that owns what an application's migrations create. */
export function ownerIn(application: Application, matrix: AccessMatrix = ACCESS): string {
  return roleIn(application, ownerRole(matrix), matrix);
}
