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
    /** How long what is written cannot be deleted; left out, it can be at once. */
    lock: z.strictObject({ mode: z.enum(["GOVERNANCE", "COMPLIANCE"]), days: z.int() }).optional(),
    /** Days after which backups are deleted. */
    backupDays: z.int(),
    engineVersion: z.string(),
    masterUsername: z.string(),
    /** Port of the rules that let somebody in: on the local stack the server listens on another one. */
    port: z.int(),
    /** Seconds between two readings of enhanced monitoring; 0 is none. */
    monitoringIntervalSeconds: z.int(),
    /** Address ranges of administrators, which reach the database without a security group. */
    adminCidrs: z.array(z.string()),
    /** Whether the network is the stack's own; an existing one is left as it is, its flow logs too. */
    ownNetwork: z.boolean(),
    /** Whether a second instance follows the first. */
    readReplica: z.boolean(),
    /** Whether somebody must hear what the topic says. */
    heard: z.boolean(),
  }),
});

export type AwsConfig = z.output<typeof awsConfig>;
