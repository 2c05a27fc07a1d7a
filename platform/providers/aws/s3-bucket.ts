import {
  BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectsCommand,
  GetBucketTaggingCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
  waitUntilBucketExists,
} from "@aws-sdk/client-s3";
import { randomBytes } from "node:crypto";
import { partitionOf } from "./arn";
import { AwsClients, Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import { unlessMissing } from "./errors";
import { awsResource, each, unmodelled } from "./resource";

/** S3's DNS zones for aliases (AWS General Reference, "Amazon S3 website endpoints"). */
const HOSTED_ZONES: Record<string, string> = {
  "eu-central-1": "Z21DNDUVLTQW6Q",
  "eu-north-1": "Z3BAZG2TWCNX0D",
  "eu-west-1": "Z1BKCTXD74EZPE",
  "eu-west-2": "Z3GKZC51ZF0DB4",
  "eu-west-3": "Z3R1K369G5AVDG",
  "us-east-1": "Z3AQBSTGFJSTF",
  "us-east-2": "Z2O1EMRO9K5GLX",
  "us-west-1": "Z2F56UZL2M1ACD",
  "us-west-2": "Z3BJ6K6RIION7M",
};

async function putTags({ s3 }: AwsClients, Bucket: string, tags: Tags): Promise<void> {
  await (Object.keys(tags).length > 0
    ? s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagList(tags) } }))
    : s3.send(new DeleteBucketTaggingCommand({ Bucket })));
}

/** Deletes all objects, all their versions and all delete markers. */
async function empty({ s3 }: AwsClients, Bucket: string): Promise<void> {
  for (;;) {
    // Always the first page: what was on it is gone the next time.
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({
      Key,
      VersionId,
    }));
    if (Objects.length === 0) {
      return;
    }
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    if (Errors[0]) {
      throw new Error(`emptying it: ${Errors[0].Code}: ${Errors[0].Message} (${Errors[0].Key})`);
    }
  }
}

/** S3's rules for names (validBucketName). */
function validName(name: string): string | undefined {
  if (name.length < 3 || name.length > 63) {
    return `"${name}" must contain from 3 to 63 characters`;
  }
  return /^[0-9a-z][0-9a-z.-]*[0-9a-z]$/.test(name) && !name.includes("..")
    ? undefined
    : `only lowercase alphanumeric characters and hyphens allowed in "${name}", beginning and ending with a letter or number`;
}

/**
 * `aws_s3_bucket`, internal/service/s3/bucket.go, as @pulumi/aws 7 has it: versioning, encryption, policy and the like are
 * resources of their own, and their old arguments here have no model.
 */
export const bucket = awsResource({
  title: "S3 Bucket",
  autoName: { property: "bucket", maxLength: 63, lowerCase: true },
  properties: {
    bucket: { computed: true, forceNew: true, validate: validName },
    bucketPrefix: { computed: true, forceNew: true, notRead: true },
    forceDestroy: { default: false, notRead: true },
    objectLockEnabled: { computed: true, forceNew: true },
    ...unmodelled("accelerationStatus", "acl", "bucketNamespace", "corsRules", "grants", "lifecycleRules", "logging"),
    ...unmodelled("objectLockConfiguration", "policy", "replicationConfiguration", "requestPayer", "versioning"),
    ...unmodelled("serverSideEncryptionConfiguration", "website"),
    ...each({ output: true }, "arn", "bucketDomainName", "bucketRegionalDomainName", "bucketRegion", "hostedZoneId"),
    ...each({ output: true }, "websiteDomain", "websiteEndpoint"),
  },
  tag: (clients, id, { all }) => putTags(clients, id, all),

  create: async ({ s3, region }, inputs) => {
    const Bucket = (inputs.bucket ?? `${inputs.bucketPrefix ?? "pulumi-"}${randomBytes(8).toString("hex")}`) as string;
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        ObjectLockEnabledForBucket: inputs.objectLockEnabled,
        // us-east-1 is S3's own region and must not be named.
        ...(region === "us-east-1"
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
      }),
    );
    return Bucket;
  },

  complete: async (clients, Bucket, inputs) => {
    await waitUntilBucketExists({ client: clients.s3, maxWaitTime: 60, minDelay: 1 }, { Bucket });
    if (Object.keys(inputs.tagsAll as Tags).length > 0) {
      await putTags(clients, Bucket, inputs.tagsAll as Tags);
    }
  },

  read: async ({ s3, region }, Bucket) => {
    const found = await unlessMissing(s3.send(new HeadBucketCommand({ Bucket })), "NotFound", "NoSuchBucket");
    if (!found) {
      return undefined;
    }
    const [tags, lock] = await Promise.all([
      unlessMissing(s3.send(new GetBucketTaggingCommand({ Bucket })), "NoSuchTagSet"),
      unlessMissing(s3.send(new GetObjectLockConfigurationCommand({ Bucket })), "ObjectLockConfigurationNotFoundError"),
    ]);
    const { partition, dnsSuffix } = partitionOf(region);
    return {
      bucket: Bucket,
      arn: `arn:${partition}:s3:::${Bucket}`,
      bucketDomainName: `${Bucket}.s3.${dnsSuffix}`,
      bucketRegionalDomainName: `${Bucket}.s3.${region}.${dnsSuffix}`,
      bucketRegion: found.BucketRegion ?? region,
      hostedZoneId: HOSTED_ZONES[region],
      objectLockEnabled: lock?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled",
      tagsAll: tagMap(tags?.TagSet),
    };
  },

  delete: async (clients, Bucket, { forceDestroy }) => {
    if (forceDestroy) {
      await unlessMissing(empty(clients, Bucket), "NoSuchBucket");
    }
    await unlessMissing(clients.s3.send(new DeleteBucketCommand({ Bucket })), "NoSuchBucket");
  },
});
