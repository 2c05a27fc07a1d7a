import * as aws from "@pulumi/aws";
import { Input, interpolate, jsonStringify, Output, Resource } from "@pulumi/pulumi";
import { Statement } from "../../model/aws/account";
import { OLD_VERSION_DAYS } from "../../model/policies/backups";

/** A statement of a bucket's policy, which names what is known only when the bucket is there. */
export type BucketStatement = Omit<Statement, "Resource" | "Condition"> & {
  Resource: Output<string>;
  Condition: Record<string, Record<string, Input<string>>>;
};

const BROKEN_UPLOAD_DAYS = 7;

/** A bucket, and what its settings are called and belong to. */
export interface PlacedBucket {
  name: string;
  bucket: aws.s3.Bucket;
  /** Where it is, if not in the stack's own region. */
  region?: string;
  parent: Resource;
}

/**
 * What all of the stack's buckets are: without access lists, closed to the public and to connections without TLS (FSBP
 * S3.1, 2, 3, 5, 8, 12). Returns the policy, for what S3 tries out.
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

/** What is written without a word about it is encrypted so. */
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

/** Deletes what is older, older versions after a week, and what was never uploaded to its end (FSBP S3.13). */
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
