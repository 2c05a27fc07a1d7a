import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, interpolate, Output, Resource } from "@pulumi/pulumi";
import { Account } from "../../model/aws/account";
import { createBackupBucket } from "./bucket";
import { BackupTrail, trailStatements } from "./trail";
import { closeBucket, encryptBucket, expireAfter } from "./closed-bucket";
import { BackupSettings } from "../../model/settings/backup";
import { Tags } from "../../model/aws/tags";

export interface BackupArgs {
  account: Account;
  settings: BackupSettings;
  keyArn: Output<string>;
  /** The KMS key that encrypts the bucket's trail. */
  logsKeyArn: Output<string>;
  /** Days for which the bucket's access log and trail are kept. */
  logRetentionDays: number;
  /** Whether Pulumi refuses to delete the bucket. */
  protect: boolean;
  tags: Tags;
}

/**
 * The bucket for logical backups: versioned, locked for a time, encrypted with a key of its own and no other, closed to the
 * public and to connections without TLS, with a log and a trail of every access in a second bucket (guide: "Backup Security";
 * FSBP S3.1, 2, 3, 5, 8, 9, 12–15, 17).
 */
export class Backup extends ComponentResource {
  readonly bucketName: Output<string>;
  readonly bucketArn: Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: BackupArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Backup", name, {}, options);
    const { bucket, policy } = createBackupBucket(name, args, this);
    this.bucketName = bucket.bucket;
    this.bucketArn = bucket.arn;
    const logs = this.logsBucket(bucket);
    this.logAccess(bucket, logs.bucket, [logs.policy, policy]);
    const { logsKeyArn } = args;
    new BackupTrail(name, { bucketArn: bucket.arn, logs, logsKeyArn, tags: this.logTags() }, { parent: this });
    this.registerOutputs({ bucketName: this.bucketName });
  }

  private logTags(): Tags {
    return { ...this.args.tags, DataClassification: "internal" };
  }

  /**
   * The bucket that holds the access log and the trail. S3 delivers an access log only to a bucket that
   * encrypts with S3's own key; CloudTrail names the key for the trail.
   */
  private logsBucket(bucket: aws.s3.Bucket): { bucket: aws.s3.Bucket; policy: Resource } {
    const { account, logRetentionDays, protect } = this.args;
    const name = `${this.name}-access`;
    const logs = new aws.s3.Bucket(name, { tags: this.logTags() }, { parent: this, protect });
    const placed = { name, bucket: logs, parent: this };
    encryptBucket(placed, { sseAlgorithm: "AES256" });
    expireAfter(logRetentionDays, placed);
    const policy = closeBucket(placed, [
      {
        Sid: "DeliveryByS3",
        Effect: "Allow",
        Principal: { Service: "logging.s3.amazonaws.com" },
        Action: "s3:PutObject",
        Resource: interpolate`${logs.arn}/*`,
        Condition: {
          StringEquals: { "aws:SourceAccount": account.id },
          ArnLike: { "aws:SourceArn": bucket.arn },
        },
      },
      ...trailStatements(account, this.name, logs.arn),
    ]);
    return { bucket: logs, policy };
  }

  /** Logs who read and wrote which object (FSBP S3.9). */
  private logAccess(bucket: aws.s3.Bucket, logs: aws.s3.Bucket, policies: Resource[]) {
    new aws.s3.BucketLogging(
      this.name,
      { bucket: bucket.id, targetBucket: logs.id, targetPrefix: "access/" },
      // S3 tries whether it may deliver.
      { parent: this, dependsOn: policies },
    );
  }
}
