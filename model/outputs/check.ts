import { z } from "zod";
import { ROLE_NAMES, RoleName } from "../access/matrix";
import { awsConfig } from "./check-aws";

const arn = z.string().regex(/^arn:/, "must be an ARN");
const ofEachRole = <Value extends z.ZodType>(value: Value) =>
  z.strictObject(Object.fromEntries(ROLE_NAMES.map((role) => [role, value])) as Record<RoleName, Value>);

const rotation = z.strictObject({ generation: z.int(), revokePrevious: z.boolean() });

/**
 * What the live check has to know of a stack, and what it should find: the stack's output `check`, computed from the settings.
 * On a machine without Pulumi it is the environment variable CHECK. No password in here.
 */
export const checkConfig = z.object({
  /** `<application>-<environment>`. */
  stack: z.string().min(1),
  /** What the roles' names begin with. */
  application: z.string().min(1),
  database: z.strictObject({ host: z.string().min(1), port: z.int(), name: z.string().min(1) }),
  masterUsername: z.string().min(1),
  /** The login that looks: the role monitor's. */
  secretArn: arn,
  /** PEM file to verify the server with; left out, Amazon's certificates for RDS. */
  caFile: z.string().optional(),
  schemas: z.array(z.string()),
  extensions: z.array(z.string()),
  /** Further applications on the server. */
  applications: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        database: z.string().min(1),
        schemas: z.array(z.string()),
        roles: ofEachRole(rotation),
        opensDatabase: z.boolean(),
        rowLevelSecurity: z.array(z.string()),
      }),
    )
    .default([]),
  /** Server settings that are wanted, the environment's own included: text, in the parameter's own unit. */
  parameters: z.record(z.string(), z.string()),
  /** Tables that must have row-level security. */
  rowLevelSecurity: z.array(z.string()),
  /** Whose turn it is of each role's two logins. */
  roles: ofEachRole(rotation),
  /** What belongs to it in AWS. */
  aws: awsConfig,
  /** An IAM role that a person's command takes on. */
  checkerArn: arn.optional(),
});

export type CheckConfig = z.output<typeof checkConfig>;

/** Every database of the server that is the stack's, the first application's first. */
export function databasesOf({ database, applications }: CheckConfig): string[] {
  const further = applications.filter(({ opensDatabase }) => opensDatabase);
  return [database.name, ...further.map((application) => application.database)];
}
