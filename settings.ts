import { RunError, runtime } from "@pulumi/pulumi";
import { z } from "zod";
import { loginRoleName, ROLE_NAMES } from "./components/access";
import { findParameter, MANAGED_ELSEWHERE } from "./components/parameters";
import { explain } from "./components/settings-errors";

/** PostgreSQL cuts longer names off without an error (NAMEDATALEN - 1). */
const LONGEST_IDENTIFIER = 63;
/** Schemas that the stack has a use of its own for, or that PostgreSQL reserves. */
const RESERVED_SCHEMAS = ["extensions", "information_schema"];

const application = z
  .string()
  .regex(/^[a-z][a-z0-9]*$/, "must be lower-case letters and digits, beginning with a letter, e.g. markenmate")
  .superRefine((name, context) => {
    const [longest = ""] = ROLE_NAMES.map((role) => loginRoleName(name, role)).sort((a, b) => b.length - a.length);
    if (longest.length > LONGEST_IDENTIFIER) {
      context.addIssue({
        code: "custom",
        message:
          `makes the role ${longest}, which has ${longest.length} bytes; PostgreSQL allows ${LONGEST_IDENTIFIER}. ` +
          `Choose a name shorter by ${longest.length - LONGEST_IDENTIFIER}`,
      });
    }
  })
  .default("markenmate");

const network = z
  .strictObject({
    /** Address range of the VPC: a private IPv4 block from /16 to /24. Changing it replaces the whole network. @default 10.20.0.0/16 */
    vpcCidr: z.string().superRefine(checkVpcCidr).default("10.20.0.0/16"),
    /** Zones with a database subnet. RDS wants at least two, even for a single instance. @default 2 */
    availabilityZones: z
      .int("must be a whole number, 2 or 3")
      .min(2, "is below RDS's minimum of 2; set 2 or 3")
      .max(3, "is more than is ever used; set 2 or 3")
      .default(2),
  })
  .prefault({});

const database = z
  .strictObject({
    /** Major version, or major.minor, of PostgreSQL: 15 to 18. A new major version is an upgrade with downtime. @default "17" */
    engineVersion: z
      .string('must be a version in quotes, e.g. "17"')
      .regex(
        /^1[5-8](\.\d+)?$/,
        'is no version that this stack runs; set "15", "16", "17" or "18", with a minor version if need be',
      )
      .default("17"),
    /** RDS instance class. A change restarts the database. @default db.t4g.micro */
    instanceClass: z
      .string()
      .regex(/^db\.[a-z0-9-]+\.[a-z0-9]+$/, "is no RDS instance class; set one such as db.t4g.micro or db.m7g.large")
      .default("db.t4g.micro"),
    /** Storage in GiB (gp3). RDS can grow it but never shrink it. @default 20 */
    storageGb: z
      .int("must be a whole number of GiB")
      .min(20, "is below RDS's minimum of 20; set 20 or more")
      .max(65_536, "is above RDS's maximum of 65536; set 65536 or less")
      .default(20),
    /** Port that the database listens on. A change restarts it. @default 5432 */
    port: z
      .int("must be a whole number")
      .min(1150, "is outside RDS's range; set a port from 1150 to 65535")
      .max(65_535, "is outside RDS's range; set a port from 1150 to 65535")
      .default(5432),
    /** Whether a standby in a second zone takes over when the first fails. @default false */
    multiAz: z.boolean("must be true or false").default(false),
    /** Days of automated backups and point-in-time recovery, 1 to 35; at least 7 in prod. @default 7 */
    backupRetentionDays: z
      .int("must be a whole number of days")
      .min(1, "turns point-in-time recovery off; set 1 to 35 days")
      .max(35, "is above RDS's maximum of 35; set 1 to 35 days")
      .default(7),
    /**
     * Whether RDS and Pulumi refuse to delete the database, its keys and its backups. Turned off, there is no final
     * snapshot either, deleted secrets are gone at once, and changes that restart the database do so at once instead of
     * in the maintenance window. @default true
     */
    deletionProtection: z.boolean("must be true or false").default(true),
    /** PEM file of the certificate authority that clients verify the server with. @default Amazon's RDS bundle */
    caFile: z.string().min(1, "is empty; name a PEM file, or leave the key out for Amazon's RDS bundle").optional(),
    /** Extensions of the application's database. @default [pg_stat_statements, pgaudit] */
    extensions: z.array(z.enum(["pg_stat_statements", "pgaudit"])).default(["pg_stat_statements", "pgaudit"]),
    /** Server settings that differ from components/parameters.ts, as RDS wants them: text, in the parameter's own unit. @default {} */
    parameters: z
      .record(z.string(), z.union([z.string(), z.number()]).transform(String))
      .superRefine(checkParameters)
      .default({}),
  })
  .prefault({});

const schemas = z
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
  .refine((names) => new Set(names).size === names.length, "names a schema twice; name each once")
  .default(["public"]);

/** The whole configuration, as it stands under `markenmate:` in a stack's file. */
const schema = z.strictObject({
  /** Names the database, the roles (`<application>_app`, …) and everything in AWS. Changing it replaces all of them. @default markenmate */
  application,
  network,
  database,
  /** Schemas that the roles get their rights in; one that does not exist is made. @default [public] */
  schemas,
});

/** Production keeps at least this many days of backups (AWS FSBP RDS.11). */
const PROD_MINIMUM_RETENTION_DAYS = 7;

export type Settings = z.output<typeof schema> & {
  /** The name of the Pulumi stack. */
  environment: string;
};

/** Thrown with every mistake at once; Pulumi shows its message without a stack trace. */
export class SettingsError extends RunError {}

function checkVpcCidr(cidr: string, context: z.RefinementCtx) {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const [a = 256, b = 256, c = 256, d = 256, size = 0] = match?.slice(1).map(Number) ?? [];
  const add = (message: string) => context.addIssue({ code: "custom", message });
  if (!match || [a, b, c, d].some((byte) => byte > 255) || size > 32) {
    return add("is no IPv4 range; write it as 10.20.0.0/16");
  }
  if (!(a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168))) {
    return add("is not private; take a range from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16");
  }
  if (size < 16 || size > 24) {
    return add("must be from /16 to /24: AWS allows no larger VPC, and smaller ones cannot hold the subnets");
  }
  const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  if (address % 2 ** (32 - size) !== 0) {
    return add(`does not begin at a multiple of its size; clear the bits after the first ${size}`);
  }
}

function checkParameters(parameters: Record<string, string>, context: z.RefinementCtx) {
  for (const name of Object.keys(parameters)) {
    const elsewhere = MANAGED_ELSEWHERE[name];
    if (elsewhere) {
      context.addIssue({ code: "custom", path: [name], message: `is not set here; ${elsewhere}` });
    } else if (!findParameter(name)) {
      context.addIssue({
        code: "custom",
        path: [name],
        message: "is not among the stack's server settings; add it to components/parameters.ts, with its reason",
      });
    }
  }
}

/**
 * Checks a stack's configuration. `raw` is what stands in the stack's file, without the project's prefix.
 * Throws a {@link SettingsError} that lists every mistake with its key, its value and the cure.
 */
export function parseSettings(environment: string, raw: Record<string, unknown>): Settings {
  const result = schema.safeParse(raw);
  const problems = result.success ? [] : explain(schema, raw, result.error.issues);
  const days = (raw.database as { backupRetentionDays?: unknown } | undefined)?.backupRetentionDays;
  if (environment === "prod" && typeof days === "number" && days >= 1 && days < PROD_MINIMUM_RETENTION_DAYS) {
    problems.push(
      `database.backupRetentionDays: ${days} is below the ${PROD_MINIMUM_RETENTION_DAYS} days that prod needs; ` +
        `set ${PROD_MINIMUM_RETENTION_DAYS} to 35`,
    );
  }
  if (!result.success || problems.length > 0) {
    throw new SettingsError(`Pulumi.${environment}.yaml has ${count(problems)}:\n  ${problems.join("\n  ")}`);
  }
  return { ...result.data, environment };
}

function count(problems: string[]): string {
  return problems.length === 1 ? "a mistake" : `${problems.length} mistakes`;
}

/** Reads and checks the configuration of the stack that is being run. */
export function readSettings(project: string, stack: string): Settings {
  const raw: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(runtime.allConfig())) {
    if (key.startsWith(`${project}:`)) {
      raw[key.slice(project.length + 1)] = parseValue(value);
    }
  }
  return parseSettings(stack, raw);
}

/** Objects, lists, numbers and switches arrive as JSON, strings as they are. */
function parseValue(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
