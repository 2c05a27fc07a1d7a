import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, jsonStringify, interpolate, Output } from "@pulumi/pulumi";
import { Tags } from "./tags";

export interface BackupArgs {
  keyArn: Output<string>;
  /** Whether Pulumi refuses to delete the bucket. */
  protect: boolean;
  tags: Tags;
}

/** The guide's `find -mtime +30 -delete`, in days; older versions and broken uploads end sooner. */
const RETENTION_DAYS = 30;
const BROKEN_UPLOAD_DAYS = 7;

/**
 * The bucket for logical backups: versioned, encrypted with a key of its own, closed to the public and to connections
 * without TLS (guide: "Backup Security"; FSBP S3.1, 2, 3, 5, 8, 12, 13, 14, 17).
 */
export class Backup extends ComponentResource {
  readonly bucketName: Output<string>;

  constructor(name: string, args: BackupArgs, options?: ComponentResourceOptions) {
    super("markenmate:components:Backup", name, {}, options);
    // S3's names are shared by all of AWS: the automatic suffix makes this one ours.
    const bucket = new aws.s3.Bucket(name, { tags: args.tags }, { parent: this, protect: args.protect });
    this.bucketName = bucket.bucket;
    this.version(name, bucket);
    this.encrypt(name, bucket, args);
    const closed = this.closeToPublic(name, bucket);
    this.refusePlainConnections(name, bucket, closed);
    this.registerOutputs({ bucketName: this.bucketName });
  }

  private version(name: string, bucket: aws.s3.Bucket) {
    const versioning = new aws.s3.BucketVersioning(
      name,
      { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } },
      { parent: this },
    );
    new aws.s3.BucketLifecycleConfiguration(
      name,
      {
        bucket: bucket.id,
        rules: [
          {
            id: "retention",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: RETENTION_DAYS },
            noncurrentVersionExpiration: { noncurrentDays: RETENTION_DAYS },
            abortIncompleteMultipartUpload: { daysAfterInitiation: BROKEN_UPLOAD_DAYS },
          },
        ],
      },
      // A rule for older versions has to find a bucket that keeps them.
      { parent: this, dependsOn: versioning },
    );
  }

  private encrypt(name: string, bucket: aws.s3.Bucket, { keyArn }: BackupArgs) {
    new aws.s3.BucketServerSideEncryptionConfiguration(
      name,
      {
        bucket: bucket.id,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
            bucketKeyEnabled: true,
          },
        ],
      },
      { parent: this },
    );
  }

  private closeToPublic(name: string, bucket: aws.s3.Bucket) {
    new aws.s3.BucketOwnershipControls(
      name,
      { bucket: bucket.id, rule: { objectOwnership: "BucketOwnerEnforced" } },
      { parent: this },
    );
    return new aws.s3.BucketPublicAccessBlock(
      name,
      {
        bucket: bucket.id,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      { parent: this },
    );
  }

  private refusePlainConnections(name: string, bucket: aws.s3.Bucket, closed: aws.s3.BucketPublicAccessBlock) {
    new aws.s3.BucketPolicy(
      name,
      {
        bucket: bucket.id,
        policy: jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "TlsOnly",
              Effect: "Deny",
              Principal: "*",
              Action: "s3:*",
              Resource: [bucket.arn, interpolate`${bucket.arn}/*`],
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
          ],
        }),
      },
      // S3 refuses two of these changes at the same moment ("conflicting conditional operation").
      { parent: this, dependsOn: closed },
    );
  }
}
