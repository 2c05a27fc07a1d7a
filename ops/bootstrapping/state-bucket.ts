import {
  BucketLifecycleConfiguration,
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  ServerSideEncryptionConfiguration,
} from "@aws-sdk/client-s3";
import { PolicyDocument } from "../../model/aws/account";
import { OpsError } from "../shared/errors";
import { unlessMissing } from "./errors";
import { Progress, Thing } from "./outcome";
import { hasTags, same, tagList } from "./same";

export interface StateBucket {
  name: string;
  region: string;
  keyArn: string;
  policy: PolicyDocument;
  tags: Record<string, string>;
}

/** Days for which an older state can be brought back. Pulumi writes a new one many times in each update. */
export const OLD_STATES_DAYS = 90;

const NOBODY_FROM_OUTSIDE = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
};

const OWNERSHIP = { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" as const }] };

const LIFECYCLE: BucketLifecycleConfiguration = {
  Rules: [
    {
      ID: "old-states",
      Status: "Enabled",
      Filter: { Prefix: "" },
      NoncurrentVersionExpiration: { NoncurrentDays: OLD_STATES_DAYS },
      Expiration: { ExpiredObjectDeleteMarker: true },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
  ],
};

const encryption = (keyArn: string): ServerSideEncryptionConfiguration => ({
  Rules: [
    {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: keyArn },
      BucketKeyEnabled: true,
    },
  ],
});

type Refused = Error & { $metadata?: { httpStatusCode?: number }; $response?: { headers?: Record<string, string> } };

/** Whether the bucket is there, this account's, and in this region. */
async function exists(s3: S3Client, Bucket: string): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket }));
    return true;
  } catch (error) {
    const { $metadata, $response } = error as Refused;
    switch ($metadata?.httpStatusCode) {
      case 404:
        return false;
      case 403:
        throw taken(Bucket);
      case 301:
        throw elsewhere(Bucket, $response?.headers?.["x-amz-bucket-region"] ?? "another region");
      default:
        throw error;
    }
  }
}

const taken = (bucket: string) =>
  new OpsError(
    `The bucket ${bucket} is there, and these credentials may not see it: it belongs to another account, for S3 knows one namespace ` +
      "for all, or its policy keeps you out. Name another one with --state-bucket, or log in as who may see it",
  );

const elsewhere = (bucket: string, where: string) =>
  new OpsError(
    `The state bucket ${bucket} lies in ${where}, and a bucket cannot move. Run it with that region (AWS_REGION), or name another ` +
      "bucket with --state-bucket",
  );

async function make(s3: S3Client, { name, region }: StateBucket): Promise<void> {
  // us-east-1 is the one region that must not be named.
  const where = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region as never } };
  await s3
    .send(new CreateBucketCommand({ Bucket: name, ObjectOwnership: "BucketOwnerEnforced", ...where }))
    .catch((error: Error) => {
      throw error.name === "BucketAlreadyExists" ? taken(name) : error;
    });
}

async function correct(s3: S3Client, thing: Thing, { name: Bucket, keyArn, policy, tags }: StateBucket): Promise<void> {
  const access = await unlessMissing(
    ["NoSuchPublicAccessBlockConfiguration"],
    s3.send(new GetPublicAccessBlockCommand({ Bucket })),
  );
  await thing.correct("public access", same(access?.PublicAccessBlockConfiguration, NOBODY_FROM_OUTSIDE), () =>
    s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: NOBODY_FROM_OUTSIDE })),
  );
  const owners = await unlessMissing(
    ["OwnershipControlsNotFoundError"],
    s3.send(new GetBucketOwnershipControlsCommand({ Bucket })),
  );
  await thing.correct("ownership", same(owners?.OwnershipControls, OWNERSHIP), () =>
    s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: OWNERSHIP })),
  );
  const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
  await thing.correct("versioning", Status === "Enabled", () =>
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } })),
  );
  await correctEncryption(s3, thing, Bucket, keyArn);
  const lifecycle = await unlessMissing(
    ["NoSuchLifecycleConfiguration"],
    s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
  );
  await thing.correct("lifecycle", same(lifecycle?.Rules, LIFECYCLE.Rules), () =>
    s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: LIFECYCLE })),
  );
  const tagged = await unlessMissing(["NoSuchTagSet"], s3.send(new GetBucketTaggingCommand({ Bucket })));
  await thing.correct("tags", hasTags(tagged?.TagSet ?? [], tags), () => {
    const others = (tagged?.TagSet ?? []).filter(({ Key }) => !((Key as string) in tags));
    return s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [...others, ...tagList(tags)] } }));
  });
  // The last: it keeps out whoever comes without TLS, even to set the rest.
  const { Policy = "{}" } =
    (await unlessMissing(["NoSuchBucketPolicy"], s3.send(new GetBucketPolicyCommand({ Bucket })))) ?? {};
  await thing.correct("policy", same(JSON.parse(Policy), policy), () =>
    s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(policy) })),
  );
}

async function correctEncryption(s3: S3Client, thing: Thing, Bucket: string, keyArn: string): Promise<void> {
  const now = await unlessMissing(
    ["ServerSideEncryptionConfigurationNotFoundError"],
    s3.send(new GetBucketEncryptionCommand({ Bucket })),
  );
  const [rule] = now?.ServerSideEncryptionConfiguration?.Rules ?? [];
  const { SSEAlgorithm, KMSMasterKeyID } = rule?.ApplyServerSideEncryptionByDefault ?? {};
  const right = SSEAlgorithm === "aws:kms" && KMSMasterKeyID === keyArn && rule?.BucketKeyEnabled === true;
  await thing.correct("encryption", right, () =>
    s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: encryption(keyArn) })),
  );
}

/** The bucket of Pulumi's state: every version kept for a time, encrypted with its key, closed to everybody outside. */
export async function ensureStateBucket(s3: S3Client, progress: Progress, bucket: StateBucket): Promise<void> {
  await progress.on("state bucket", bucket.name, async (thing) => {
    if (!(await exists(s3, bucket.name))) {
      await thing.make(() => make(s3, bucket));
    }
    await (thing.isThere && correct(s3, thing, bucket));
  });
}
