import * as aws from "@pulumi/aws";
import { Input, interpolate, jsonStringify, Output, Resource } from "@pulumi/pulumi";
import { Statement } from "../../model/aws/account";
import { OLD_VERSION_DAYS } from "../../model/policies/backups";

/** A statement of a bucket's policy, whose ARNs are known only when the bucket has been made. */
export type BucketStatement = Omit<Statement, "Resource" | "Condition"> & {
  Resource: Output<string>;
  Condition: Record<string, Record<string, Input<string>>>;
};

/** Days after which an upload that was never completed is deleted. */
const BROKEN_UPLOAD_DAYS = 7;

/** A bucket, with the logical name and parent of the resources that configure it. */
export interface PlacedBucket {
  name: string;
  bucket: aws.s3.Bucket;
  /** The bucket's region. @default the stack's own */
  region?: string;
  parent: Resource;
}

/**
 * Closes a bucket as all of the stack's are: without access lists, closed to the public and to connections without TLS (FSBP
 * S3.1, 2, 3, 5, 8, 12). Returns the policy, for resources whose rights S3 tests when they are made.
 */
export function closeBucket(
  { name, bucket, region, parent }: PlacedBucket,
  statements: BucketStatement[],
): aws.s3.BucketPolicy {
  new aws.s3.BucketOwnershipControls(
    name,
    { bucket: bucket.id, region, rule: { objectOwnership: "BucketOwnerEnforced" } },
    { parent },
  );
  const closed = new aws.s3.BucketPublicAccessBlock(
    name,
    {
      bucket: bucket.id,
      region,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    { parent },
  );
  const tlsOnly = {
    Sid: "TlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucket.arn, interpolate`${bucket.arn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  return new aws.s3.BucketPolicy(
    name,
    {
      bucket: bucket.id,
      region,
      policy: jsonStringify({ Version: "2012-10-17", Statement: [tlsOnly, ...statements] }),
    },
    // S3 refuses two of these changes at the same moment ("conflicting conditional operation").
    { parent, dependsOn: closed },
  );
}

/** Sets a bucket's default encryption, for uploads that name none. */
export function encryptBucket(
  { name, bucket, region, parent }: PlacedBucket,
  how: { sseAlgorithm: string; kmsMasterKeyId?: Output<string> },
): void {
  new aws.s3.BucketServerSideEncryptionConfiguration(
    name,
    {
      bucket: bucket.id,
      region,
      rules: [
        {
          applyServerSideEncryptionByDefault: how,
          bucketKeyEnabled: how.kmsMasterKeyId === undefined ? undefined : true,
        },
      ],
    },
    { parent },
  );
}

/** Deletes objects after `days`, older versions after a week, and uploads that were never completed (FSBP S3.13). */
export function expireAfter(days: number, { name, bucket, region, parent }: PlacedBucket, dependsOn?: Resource): void {
  new aws.s3.BucketLifecycleConfiguration(
    name,
    {
      bucket: bucket.id,
      region,
      rules: [
        {
          id: "retention",
          status: "Enabled",
          filter: { prefix: "" },
          expiration: { days },
          noncurrentVersionExpiration: { noncurrentDays: OLD_VERSION_DAYS },
          abortIncompleteMultipartUpload: { daysAfterInitiation: BROKEN_UPLOAD_DAYS },
        },
      ],
    },
    { parent, dependsOn: dependsOn ? [dependsOn] : [] },
  );
}
