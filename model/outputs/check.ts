import { z } from "zod";
import { ROLE_NAMES, RoleName } from "../access/matrix";
import { awsConfig } from "./check-aws";

const arn = z.string().regex(/^arn:/, "must be an ARN");
const ofEachRole = <Value extends z.ZodType>(value: Value) =>
  z.strictObject(Object.fromEntries(ROLE_NAMES.map((role) => [role, value])) as Record<RoleName, Value>);

const rotation = z.strictObject({ generation: z.int(), revokePrevious: z.boolean() });

/**
 * The facts of a stack that the live check reads, and what it should find: the stack's output `check`, computed from the settings, or
 * the environment variable CHECK on a machine without Pulumi. It holds no password.
 */
export const checkConfig = z.object({
  /** `<application>-<environment>`. */
  stack: z.string().min(1),
  /** The first application's name, with which its roles' names begin. */
  application: z.string().min(1),
  database: z.strictObject({ host: z.string().min(1), port: z.int(), name: z.string().min(1) }),
  masterUsername: z.string().min(1),
  /** The secret of the login that the check uses: the role monitor's. */
  secretArn: arn,
  /** The PEM file to verify the server with. @default Amazon's certificates for RDS */
  caFile: z.string().optional(),
  schemas: z.array(z.string()),
  extensions: z.array(z.string()),
  /** The further applications on the server. */
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
  /** The server parameters that are wanted, with the environment's own values: text, in the parameter's own unit. */
  parameters: z.record(z.string(), z.string()),
  /** Tables that must have row-level security. */
  rowLevelSecurity: z.array(z.string()),
  /** The state of each role's passwords, which says whose turn it is of its two logins. */
  roles: ofEachRole(rotation),
  /** The stack's resources in AWS. */
  aws: awsConfig,
  /** The IAM role that a person's command assumes. */
  checkerArn: arn.optional(),
});

export type CheckConfig = z.output<typeof checkConfig>;

/** All databases of the stack, beginning with the first application's. */
export function databasesOf({ database, applications }: CheckConfig): string[] {
  const further = applications.filter(({ opensDatabase }) => opensDatabase);
  return [database.name, ...further.map((application) => application.database)];
}
