import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, interpolate, Output, Resource } from "@pulumi/pulumi";
import { Account } from "./account";
import { BackupTrail, trailStatements } from "./backup-trail";
import { BucketStatement, closeBucket, expireAfter } from "./closed-bucket";
import { BackupSettings } from "./settings/backup";
import { Tags } from "./tags";

export interface BackupArgs {
  account: Account;
  settings: BackupSettings;
  keyArn: Output<string>;
  /** Encrypts the trail of who touched the bucket. */
  logsKeyArn: Output<string>;
  /** Days that the log of who touched the bucket is kept. */
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
    const { keyArn, logsKeyArn, settings, protect, tags } = args;
    // S3's names are shared by all of AWS: the automatic suffix makes this one ours. Object Lock can only be had from the
    // start, and changes nothing by itself.
    const bucket = new aws.s3.Bucket(name, { objectLockEnabled: true, tags }, { parent: this, protect });
    this.bucketName = bucket.bucket;
    this.bucketArn = bucket.arn;
    const versioning = this.version(bucket);
    this.lock(bucket, versioning);
    // A rule for older versions has to find a bucket that keeps them.
    expireAfter(settings.retentionDays, name, bucket, this, versioning);
    this.encrypt(name, bucket, { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn });
    const policy = closeBucket(name, bucket, this, this.onlyWithTheKey(bucket));
    const logs = this.logsBucket(bucket);
    this.logAccess(bucket, logs.bucket, [logs.policy, policy]);
    new BackupTrail(name, { bucketArn: bucket.arn, logs, logsKeyArn, tags: this.logTags() }, { parent: this });
    this.registerOutputs({ bucketName: this.bucketName });
  }

  private version(bucket: aws.s3.Bucket): Resource {
    return new aws.s3.BucketVersioning(
      this.name,
      { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } },
      { parent: this },
    );
  }

  /** What is written cannot be deleted or overwritten for so long; in compliance mode not even by the account's root. */
  private lock(bucket: aws.s3.Bucket, versioning: Resource) {
    const { lockMode, lockDays } = this.args.settings;
    if (lockMode === "none") {
      return;
    }
    new aws.s3.BucketObjectLockConfiguration(
      this.name,
      { bucket: bucket.id, rule: { defaultRetention: { mode: lockMode.toUpperCase(), days: lockDays } } },
      { parent: this, dependsOn: versioning },
    );
  }

  private encrypt(name: string, bucket: aws.s3.Bucket, how: { sseAlgorithm: string; kmsMasterKeyId?: Output<string> }) {
    new aws.s3.BucketServerSideEncryptionConfiguration(
      name,
      {
        bucket: bucket.id,
        rules: [
          {
            applyServerSideEncryptionByDefault: how,
            bucketKeyEnabled: how.kmsMasterKeyId === undefined ? undefined : true,
          },
        ],
      },
      { parent: this },
    );
  }

  /** Whoever writes names the key: what says nothing, or another key, is refused. */
  private onlyWithTheKey(bucket: aws.s3.Bucket): BucketStatement[] {
    const deny = { Effect: "Deny" as const, Principal: "*" as const, Action: "s3:PutObject" };
    const Resource = interpolate`${bucket.arn}/*`;
    return [
      {
        ...deny,
        Sid: "EncryptedByKms",
        Resource,
        Condition: { StringNotEquals: { "s3:x-amz-server-side-encryption": "aws:kms" } },
      },
      {
        ...deny,
        Sid: "WithTheBackupsKey",
        Resource,
        Condition: { StringNotEquals: { "s3:x-amz-server-side-encryption-aws-kms-key-id": this.args.keyArn } },
      },
    ];
  }

  private logTags(): Tags {
    return { ...this.args.tags, DataClassification: "internal" };
  }

  /** Where log and trail lie. S3 delivers a log only to a bucket that it can encrypt by itself; CloudTrail names its key. */
  private logsBucket(bucket: aws.s3.Bucket): { bucket: aws.s3.Bucket; policy: Resource } {
    const { account, logRetentionDays, protect } = this.args;
    const name = `${this.name}-access`;
    const logs = new aws.s3.Bucket(name, { tags: this.logTags() }, { parent: this, protect });
    this.encrypt(name, logs, { sseAlgorithm: "AES256" });
    expireAfter(logRetentionDays, name, logs, this);
    const policy = closeBucket(name, logs, this, [
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

  /** Who read and wrote what (FSBP S3.9). */
  private logAccess(bucket: aws.s3.Bucket, logs: aws.s3.Bucket, policies: Resource[]) {
    new aws.s3.BucketLogging(
      this.name,
      { bucket: bucket.id, targetBucket: logs.id, targetPrefix: "access/" },
      // S3 tries whether it may deliver.
      { parent: this, dependsOn: policies },
    );
  }
}
