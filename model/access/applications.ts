import { ACCESS, AccessMatrix, loginRoleName, ownerRole, ROLE_NAMES, RoleName } from "./matrix";
import { NEVER_ROTATED, Rotations } from "./rotation";

/**
 * An application on the server: its database, its schemas and its roles.
 *
 * The first application is the one that the stack is named after. It has every role of the access matrix. The others have roles of
 * their own where the matrix says so and share the rest with the first: one login backs up the whole server, and one monitors it.
 */
export interface Application {
  /** The application's name, with which the names of its roles begin. */
  name: string;
  /** The first application's name, with which the names of the server's roles begin. */
  server: string;
  database: string;
  /** The schemas in which its roles have their rights. */
  schemas: string[];
  /** Whether it is the first application in its database, with which everything is made that belongs to the database as a whole. */
  opensDatabase: boolean;
  rotations: Rotations;
}

/** The part of the settings that decides which applications there are. */
export interface ApplicationsSettings {
  application: string;
  schemas: string[];
  roles: Rotations;
  applications: Record<string, { database?: string; schemas?: string[]; roles: Rotations }>;
}

/** The schema that every database has from the start. */
export const INITIAL_SCHEMA = "public";

/** All applications of a stack, beginning with the first; each comes after the application that opens its database. */
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

/** An application that is alone on its server. */
export function onlyApplication(name: string, schemas: string[], rotations: Rotations = NEVER_ROTATED): Application {
  return { name, server: name, database: name, schemas, opensDatabase: true, rotations };
}

/** The prefix of all names that belong to further applications. No stack's name has a dot, so no other stack's names begin with it. */
export const furtherApplicationsPrefix = (stack: string) => `${stack}-for.`;

/** Whether the stack is named after the application. */
export const isFirst = ({ name, server }: Application) => name === server;

/** The roles that are made for an application. */
export function rolesOf(application: Application, matrix: AccessMatrix = ACCESS): RoleName[] {
  return ROLE_NAMES.filter((role) => isFirst(application) || matrix[role].of === "application");
}

/** The name in PostgreSQL of the role that does this work for an application: its own role, or the server's. */
export function roleIn({ name, server }: Application, role: RoleName, matrix: AccessMatrix = ACCESS): string {
  return loginRoleName(matrix[role].of === "application" ? name : server, role);
}

/** The role that owns what an application's migrations create. */
export function ownerIn(application: Application, matrix: AccessMatrix = ACCESS): string {
  return roleIn(application, ownerRole(matrix), matrix);
}
