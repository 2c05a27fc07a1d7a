import { z } from "zod";

const arn = z.string().regex(/^arn:/, "must be an ARN");

/**
 * What the commands about backups have to know of a stack. No password in here: it is the stack's output `backups`; in the
 * tasks, and when there is no such stack any more, the environment variable BACKUPS.
 */
export const backupsConfig = z.strictObject({
  /** `<application>-<environment>`. */
  stack: z.string().min(1),
  bucket: z.string().min(1),
  keyArn: arn,
  /** A second key that can decrypt, of another account say. */
  recoveryKeyArn: arn.optional(),
  /** The login that dumps; for reading it is not needed. */
  secretArn: arn.optional(),
  /** The database that is dumped, and those of further applications. */
  database: z.string().min(1),
  furtherDatabases: z.array(z.string().min(1)).default([]),
  /** PEM file to verify the server with; left out, Amazon's certificates for RDS. */
  caFile: z.string().optional(),
  /** Queries that must be true of what was restored of `database`. */
  validations: z.array(z.string()),
  /** Roles that a person's command takes on; in a task it has its role already. */
  roles: z.strictObject({ writer: arn, restorer: arn }).optional(),
  /** The copies in another region, and the same key's replica there. */
  replica: z.strictObject({ bucket: z.string().min(1), keyArn: arn, region: z.string().min(1) }).optional(),
});

export type BackupsConfig = z.output<typeof backupsConfig>;
