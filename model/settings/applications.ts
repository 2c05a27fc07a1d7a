import { z } from "zod";
import { APPLICATION_ROLES, loginRoleName, ROLE_NAMES } from "../access/matrix";
import { applicationsOf, ApplicationsSettings } from "../access/applications";
import { cloneName } from "../access/rotation";
import { readersOf } from "./access";
import { roleSettingsOf } from "./roles";
import { rowLevelSecuritySetting } from "./row-level-security";

/** The longest name, in bytes: PostgreSQL cuts longer ones off without an error (NAMEDATALEN - 1). */
const LONGEST_IDENTIFIER = 63;
/** The schemas that the stack uses itself, or that PostgreSQL reserves. */
const RESERVED_SCHEMAS = ["extensions", "information_schema"];
/** Names that no application may have: PostgreSQL's and RDS's own databases, and `pg`, with which no role's name may begin. */
const RESERVED_NAMES = ["pg", "postgres", "rdsadmin", "template0", "template1"];

export const applicationName = z
  .string()
  .regex(/^[a-z][a-z0-9]*$/, "must be lower-case letters and digits, beginning with a letter, e.g. markenmate")
  .refine((name) => !RESERVED_NAMES.includes(name), "is reserved by PostgreSQL; choose another name")
  .superRefine((name, context) => {
    const [longest = ""] = ROLE_NAMES.map((role) => cloneName(loginRoleName(name, role))).sort(
      (a, b) => b.length - a.length,
    );
    if (longest.length > LONGEST_IDENTIFIER) {
      context.addIssue({
        code: "custom",
        message:
          `makes the role ${longest}, which has ${longest.length} bytes; PostgreSQL allows ${LONGEST_IDENTIFIER}. ` +
          `Choose a name shorter by ${longest.length - LONGEST_IDENTIFIER}`,
      });
    }
  });

export const schemaNames = z
  .array(
    z
      .string()
      .min(1, "is an empty schema name; name the schema, e.g. public, or take the entry out")
      .regex(/^([a-z_][a-z0-9_]*)?$/, "is no plain schema name; use lower-case letters, digits and _")
      .max(
        LONGEST_IDENTIFIER,
        `is longer than the ${LONGEST_IDENTIFIER} bytes that PostgreSQL allows; choose a shorter name`,
      )
      .refine(
        (name) => !name.startsWith("pg_") && !RESERVED_SCHEMAS.includes(name),
        "is reserved; choose another name",
      ),
  )
  .min(1, "is empty; name at least one schema, e.g. [public]")
  .refine((names) => new Set(names).size === names.length, "names a schema twice; name each once");

/**
 * Further applications on the same server, by name. Each has the roles app, readonly and migrate of its own, with their secrets; backup
 * and monitor are the server's (docs/applications.md). With `database.deletionProtection` one that was there cannot be taken out.
 */
export const applicationsSetting = z
  .record(
    applicationName,
    z
      .strictObject({
        /**
         * The application's database: one of its own, named after it, or that of another application, which it then shares. It cannot be
         * changed. @default its own
         */
        database: z.string().optional(),
        /**
         * The schemas in which its roles have their rights; one that does not exist is made. No two applications share a schema.
         * @default [public], or in another's database its own name
         */
        schemas: schemaNames.optional(),
        /** The passwords of its roles, by role, as in `roles`. */
        roles: roleSettingsOf(APPLICATION_ROLES),
        /** Names of the IAM roles that read its secrets, by role, as in `access.readers`. @default {} */
        readers: readersOf(APPLICATION_ROLES),
        /** Tables that must have row-level security, as in `rowLevelSecurity`. @default [] */
        rowLevelSecurity: rowLevelSecuritySetting,
      })
      .prefault({}),
  )
  .default({});

type Named = ApplicationsSettings & { access: { deployers: string[] } } & {
  applications: Record<string, { readers: Record<string, string[]> }>;
};

/** Finds mistakes between applications, which no single setting shows: in who shares whose database, and in schemas. */
export function findApplicationProblems(settings: Named): string[] {
  const { application, applications, access } = settings;
  const own = [application, ...Object.keys(applications).filter((name) => sharedBy(settings, name) === undefined)];
  const problems = Object.entries(applications).flatMap(([name, { readers }]) => {
    const shared = sharedBy(settings, name);
    const reader = APPLICATION_ROLES.find((role) => (readers[role] ?? []).length > 0);
    return [
      ...(name === application
        ? [`applications.${name}: is the application that the stack is named after; its settings stand at the top`]
        : []),
      ...(shared !== undefined && !own.includes(shared)
        ? [
            `applications.${name}.database: "${shared}" is no application with a database of its own; ` +
              `set one of ${own.filter((other) => other !== name).join(", ")}, or leave it out`,
          ]
        : []),
      ...(reader && access.deployers.length === 0
        ? [
            `access.deployers: is empty while applications.${name}.readers.${reader} is not; name the roles that run this stack, ` +
              "or they could not read the secrets",
          ]
        : []),
    ];
  });
  return [...problems, ...schemaProblems(settings)];
}

const sharedBy = ({ applications }: ApplicationsSettings, name: string) => {
  const database = applications[name]?.database;
  return database === name ? undefined : database;
};

function schemaProblems(settings: ApplicationsSettings): string[] {
  const taken = new Map<string, string>();
  // An application with the first one's name is reported above.
  const { [settings.application]: _first, ...applications } = settings.applications;
  return applicationsOf({ ...settings, applications }).flatMap(({ name, database, schemas }) =>
    schemas.flatMap((schema) => {
      const place = `${database}.${schema}`;
      const other = taken.get(place);
      taken.set(place, name);
      return other === undefined
        ? []
        : [`applications.${name}.schemas: "${schema}" of the database ${database} is ${other}'s; name another schema`];
    }),
  );
}
