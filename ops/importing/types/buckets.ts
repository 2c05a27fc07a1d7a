import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  paginateListBuckets,
  S3Client,
} from "@aws-sdk/client-s3";
import { unlessMissing } from "../aws-clients";
import type { Entry } from "../table";
import { madeUpFor } from "../wanted";

/** One of a bucket's settings that is a resource of its own: it has the bucket's name for an id. */
function setting(has: (s3: S3Client, Bucket: string) => Promise<unknown>): Entry {
  return {
    find: async (it, search) => {
      const bucket = await search.ref(it, "bucket");
      return bucket !== undefined && (await unlessMissing(has(search.aws(it).s3, bucket))) ? [bucket] : [];
    },
  };
}

export const BUCKETS: Record<string, Entry> = {
  "aws:s3/bucket:Bucket": {
    find: async (it, search) => {
      const { s3, region } = search.aws(it);
      const found: string[] = [];
      for await (const { Buckets = [] } of paginateListBuckets({ client: s3 }, { BucketRegion: region })) {
        found.push(...Buckets.map(({ Name = "" }) => Name).filter((name) => madeUpFor(it, name)));
      }
      return found;
    },
  },
  "aws:s3/bucketVersioning:BucketVersioning": setting(
    async (s3, Bucket) => (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status,
  ),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": setting((s3, Bucket) =>
    s3.send(new GetBucketEncryptionCommand({ Bucket })),
  ),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": setting((s3, Bucket) =>
    s3.send(new GetPublicAccessBlockCommand({ Bucket })),
  ),
  "aws:s3/bucketPolicy:BucketPolicy": setting((s3, Bucket) => s3.send(new GetBucketPolicyCommand({ Bucket }))),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": setting((s3, Bucket) =>
    s3.send(new GetBucketOwnershipControlsCommand({ Bucket })),
  ),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": setting((s3, Bucket) =>
    s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
  ),
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": setting((s3, Bucket) =>
    s3.send(new GetObjectLockConfigurationCommand({ Bucket })),
  ),
  "aws:s3/bucketLogging:BucketLogging": setting(
    async (s3, Bucket) => (await s3.send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled,
  ),
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": setting((s3, Bucket) =>
    s3.send(new GetBucketReplicationCommand({ Bucket })),
  ),
};
