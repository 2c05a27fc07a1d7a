import { z } from "zod";

const arn = z.string().regex(/^arn:/, "must be an ARN");

/**
 * The facts of a stack that the commands about backups read: the stack's output `backups`, or the environment variable BACKUPS in
 * the tasks and when the stack no longer exists. It holds no password.
 */
export const backupsConfig = z.strictObject({
  /** `<application>-<environment>`. */
  stack: z.string().min(1),
  bucket: z.string().min(1),
  keyArn: arn,
  /** A second key that can decrypt the backups, e.g. of another account. */
  recoveryKeyArn: arn.optional(),
  /** The secret of the login that dumps; reading backups needs none. */
  secretArn: arn.optional(),
  /** The first application's database, which is dumped. */
  database: z.string().min(1),
  /** The databases of further applications, which are dumped too. */
  furtherDatabases: z.array(z.string().min(1)).default([]),
  /** The PEM file to verify the server with. @default Amazon's certificates for RDS */
  caFile: z.string().optional(),
  /** Queries that must return true in the restored `database`. */
  validations: z.array(z.string()),
  /** The IAM roles that a person's command assumes; left out in a task, which already has its role. */
  roles: z.strictObject({ writer: arn, restorer: arn }).optional(),
  /** The copies in another region, and the key's replica there. */
  replica: z.strictObject({ bucket: z.string().min(1), keyArn: arn, region: z.string().min(1) }).optional(),
});

export type BackupsConfig = z.output<typeof backupsConfig>;
