import { z } from "zod";

const arn = z.string().regex(/^arn:/, "must be an ARN");

/** The stack's resources in AWS, and the properties that its settings want of them: part of the stack's output `check`. */
export const awsConfig = z.strictObject({
  instanceIdentifier: z.string().min(1),
  parameterGroupName: z.string().min(1),
  /** The database's security group. */
  securityGroupId: z.string().min(1),
  vpcId: z.string().min(1),
  bucket: z.string().min(1),
  /** The name of the trail of who reads and writes backups. */
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
    /** Whether RDS makes and rotates the master's password. */
    masterRotates: z.boolean(),
    /** The Object Lock of backups; left out, backups can be deleted at once. */
    lock: z.strictObject({ mode: z.enum(["GOVERNANCE", "COMPLIANCE"]), days: z.int() }).optional(),
    /** Days after which backups are deleted. */
    backupDays: z.int(),
    engineVersion: z.string(),
    masterUsername: z.string(),
    /** The port of the ingress rules; on the local stack the server listens on another one. */
    port: z.int(),
    /** Seconds between two readings of enhanced monitoring; 0 is none. */
    monitoringIntervalSeconds: z.int(),
    /** The address ranges of administrators, who reach the database without a security group. */
    adminCidrs: z.array(z.string()),
    /** Whether the network is the stack's own; an existing one is left as it is, including its flow logs. */
    ownNetwork: z.boolean(),
    /** Whether there is a read replica. */
    readReplica: z.boolean(),
    /** Whether the topic must have a confirmed subscriber. */
    heard: z.boolean(),
  }),
});

export type AwsConfig = z.output<typeof awsConfig>;
