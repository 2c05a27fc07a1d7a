import * as aws from "@pulumi/aws";
import { interpolate, Output, Resource } from "@pulumi/pulumi";
import { BucketStatement, closeBucket, encryptBucket, expireAfter, PlacedBucket } from "./closed-bucket";
import { BackupSettings } from "../../model/settings/backup";
import { Tags } from "../../model/aws/tags";

export interface BackupBucketArgs {
  settings: BackupSettings;
  keyArn: Output<string>;
  /** The bucket's region. @default the stack's own */
  region?: string;
  /** Whether Pulumi refuses to delete the bucket. */
  protect: boolean;
  tags: Tags;
}

/** A bucket for backups, and the settings that other resources have to wait for. */
export interface BackupBucket {
  bucket: aws.s3.Bucket;
  versioning: Resource;
  policy: Resource;
}

/**
 * Creates a bucket for backups, or for their copies in another region: versioned, locked for a time, encrypted with one key and no
 * other, closed to the public and to connections without TLS.
 */
export function createBackupBucket(name: string, args: BackupBucketArgs, parent: Resource): BackupBucket {
  const { settings, keyArn, region, protect, tags } = args;
  // All of AWS shares the names of buckets: Pulumi's automatic suffix makes this one unique. Object Lock can only be turned on when
  // a bucket is made, and locks nothing by itself.
  const bucket = new aws.s3.Bucket(name, { objectLockEnabled: true, region, tags }, { parent, protect });
  const placed = { name, bucket, region, parent };
  const versioning = version(placed);
  lock(settings, placed, versioning);
  // A rule for older versions has to find a bucket that keeps them.
  expireAfter(settings.retentionDays, placed, versioning);
  encryptBucket(placed, { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn });
  const policy = closeBucket(placed, onlyWithTheKey(bucket, keyArn));
  return { bucket, versioning, policy };
}

function version({ name, bucket, region, parent }: PlacedBucket): Resource {
  return new aws.s3.BucketVersioning(
    name,
    { bucket: bucket.id, region, versioningConfiguration: { status: "Enabled" } },
    { parent },
  );
}

/** Keeps objects from being deleted or overwritten for `lockDays`; in compliance mode not even the account's root can. */
function lock(
  { lockMode, lockDays }: BackupSettings,
  { name, bucket, region, parent }: PlacedBucket,
  dependsOn: Resource,
) {
  if (lockMode === "none") {
    return;
  }
  new aws.s3.BucketObjectLockConfiguration(
    name,
    { bucket: bucket.id, region, rule: { defaultRetention: { mode: lockMode.toUpperCase(), days: lockDays } } },
    { parent, dependsOn },
  );
}

/**
 * The statements that refuse every upload which does not name the bucket's key. Copies arrive by `s3:ReplicateObject`, which they
 * do not cover, with the key that the replication rule names.
 */
function onlyWithTheKey(bucket: aws.s3.Bucket, keyArn: Output<string>): BucketStatement[] {
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
      Condition: { StringNotEquals: { "s3:x-amz-server-side-encryption-aws-kms-key-id": keyArn } },
    },
  ];
}
