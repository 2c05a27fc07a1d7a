import {
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";

/** Lets what is in a bucket expire after other days than it should, or never. Returns what takes it back. */
export async function expireAfter(Bucket: string, days?: number): Promise<() => Promise<unknown>> {
  const s3 = new S3Client({ forcePathStyle: true });
  const { Rules = [] } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  const put = (rules: typeof Rules) =>
    s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: rules } }));
  await (days === undefined
    ? s3.send(new DeleteBucketLifecycleCommand({ Bucket }))
    : put(Rules.map((rule) => ({ ...rule, Expiration: { Days: days } }))));
  return () => put(Rules);
}
