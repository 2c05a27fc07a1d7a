import { z } from "zod";

const arn = z.string().regex(/^arn:/, "must be an ARN");

/** What belongs to the stack in AWS, and what its settings want of it: part of the stack's output `check`. */
export const awsConfig = z.strictObject({
  instanceIdentifier: z.string().min(1),
  parameterGroupName: z.string().min(1),
  /** The database's security group. */
  securityGroupId: z.string().min(1),
  vpcId: z.string().min(1),
  bucket: z.string().min(1),
  /** The trail of who reads and writes backups. */
  trail: z.string().min(1),
  topicArn: arn,
  keyArns: z.strictObject({ database: arn, secrets: arn, backups: arn, logs: arn }),
  secretArns: z.record(z.string(), arn),
  masterSecretArn: arn,
  wanted: z.strictObject({
    multiAz: z.boolean(),
    deletionProtection: z.boolean(),
    backupRetentionDays: z.int(),
    logRetentionDays: z.int(),
    /** Whether RDS makes the master's password, and rotates it. */
    masterRotates: z.boolean(),
    /** Whether what is written cannot be deleted before its time. */
    bucketLock: z.boolean(),
  }),
});

export type AwsConfig = z.output<typeof awsConfig>;
