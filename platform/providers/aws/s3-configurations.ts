import {
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  LoggingEnabled,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketLoggingCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Property, ResourceModel, Values } from "../protocol/model";
import { sameKey } from "./arn";
import { AwsClients } from "./clients";
import { retryWhile, unlessMissing } from "./errors";
import { samePolicy, validPolicy } from "./policy";
import { awsResource, each } from "./resource";
import { fromWire, sameBlocks, toWire } from "./s3-wire";

/** One of a bucket's settings that is a resource of its own: written whole, found by the bucket's name, which is its id. */
interface BucketSetting {
  title: string;
  properties: Record<string, Property>;
  put(s3: S3Client, bucket: string, inputs: Values): Promise<unknown>;
  /** Undefined when the bucket has no such setting. */
  get(s3: S3Client, bucket: string): Promise<Values | undefined>;
  remove(s3: S3Client, bucket: string, state: Values): Promise<unknown>;
  /** S3's codes for "there is none". */
  none?: string;
}

export function bucketSetting(setting: BucketSetting): ResourceModel<AwsClients> {
  // Another setting of the same bucket is being changed, or the bucket has just been made.
  const put = (s3: S3Client, bucket: string, inputs: Values) =>
    retryWhile(["OperationAborted", "NoSuchBucket"], () => setting.put(s3, bucket, inputs));
  const gone = ["NoSuchBucket", ...(setting.none ? [setting.none] : [])];
  return awsResource({
    title: `S3 Bucket ${setting.title}`,
    properties: { bucket: { required: true, forceNew: true }, ...setting.properties },
    create: async ({ s3 }, inputs) => {
      await put(s3, inputs.bucket as string, inputs);
      return inputs.bucket as string;
    },
    read: async ({ s3 }, bucket) => {
      const found = await unlessMissing(setting.get(s3, bucket), ...gone);
      return found && { bucket, ...found };
    },
    update: async ({ s3 }, bucket, _before, inputs) => {
      await put(s3, bucket, inputs);
    },
    delete: ({ s3 }, bucket, state) => unlessMissing(setting.remove(s3, bucket, state), ...gone),
  });
}

/** Accepted and kept; that the bucket is the account's own is not checked here. */
const expectedBucketOwner: Property = { forceNew: true, notRead: true };

/** `aws_s3_bucket_versioning`. Deleting it suspends versioning: it can never be taken away again. */
export const bucketVersioning = bucketSetting({
  title: "Versioning",
  properties: {
    versioningConfiguration: {
      required: true,
      validate: ({ status }: Values) =>
        ["Enabled", "Suspended", "Disabled"].includes(status as string)
          ? undefined
          : `expected status to be one of ["Enabled" "Suspended" "Disabled"], got ${status as string}`,
      // mfaDelete is computed: S3 tells it only when it was ever set.
      same: (before, after) => {
        const [a, b] = [before, after] as [Values | undefined, Values | undefined];
        return a?.status === b?.status && (a?.mfaDelete ?? "Disabled") === (b?.mfaDelete ?? "Disabled");
      },
    },
    expectedBucketOwner,
    mfa: { notRead: true },
  },
  put: async (s3, Bucket, { versioningConfiguration, mfa: MFA }) => {
    // A bucket that never had versions cannot be told to have none.
    if (versioningConfiguration.status !== "Disabled") {
      const VersioningConfiguration = toWire(versioningConfiguration) as object;
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration, MFA }));
    }
  },
  get: async (s3, Bucket) => {
    const { Status, MFADelete } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
    return {
      versioningConfiguration: { status: Status ?? "Disabled", ...(MFADelete ? { mfaDelete: MFADelete } : {}) },
    };
  },
  remove: async (s3, Bucket, { versioningConfiguration }) => {
    if (versioningConfiguration?.status !== "Disabled") {
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } }));
    }
  },
});

const sameEncryption = (before: unknown, after: unknown) => {
  const [a, b] = [before, after].map((rules) => (rules ?? []) as Values[]) as [Values[], Values[]];
  const without = (rules: Values[]) =>
    rules.map(({ applyServerSideEncryptionByDefault: how, ...rule }) => ({ ...rule, algorithm: how?.sseAlgorithm }));
  const keyOf = (rules: Values[]): unknown => rules[0]?.applyServerSideEncryptionByDefault?.kmsMasterKeyId;
  return sameBlocks(without(a), without(b)) && (keyOf(a) === keyOf(b) || sameKey(keyOf(a), keyOf(b)));
};

/** `aws_s3_bucket_server_side_encryption_configuration`. */
export const bucketEncryption = bucketSetting({
  title: "Server-side Encryption Configuration",
  properties: { rules: { required: true, set: true, same: sameEncryption }, expectedBucketOwner },
  put: (s3, Bucket, { rules }) => {
    const ServerSideEncryptionConfiguration = { Rules: toWire(rules) as [] };
    return s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
  },
  get: async (s3, Bucket) => {
    const found = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    return { rules: fromWire(found.ServerSideEncryptionConfiguration?.Rules ?? []) };
  },
  remove: (s3, Bucket) => s3.send(new DeleteBucketEncryptionCommand({ Bucket })),
  none: "ServerSideEncryptionConfigurationNotFoundError",
});

const BLOCKS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

/** `aws_s3_bucket_public_access_block`. */
export const bucketPublicAccessBlock = bucketSetting({
  title: "Public Access Block",
  properties: { ...each({ default: false }, ...BLOCKS), skipDestroy: { notRead: true } },
  put: (s3, Bucket, inputs) => {
    const given = Object.fromEntries(BLOCKS.map((name) => [name, Boolean(inputs[name])]));
    return s3.send(
      new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: toWire(given) as object }),
    );
  },
  get: async (s3, Bucket) => {
    const found = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    return fromWire(found.PublicAccessBlockConfiguration) as Values | undefined;
  },
  remove: async (s3, Bucket, { skipDestroy }) =>
    skipDestroy ? undefined : s3.send(new DeletePublicAccessBlockCommand({ Bucket })),
  none: "NoSuchPublicAccessBlockConfiguration",
});

/** `aws_s3_bucket_policy`. */
export const bucketPolicy = bucketSetting({
  title: "Policy",
  properties: { policy: { required: true, json: true, same: samePolicy, validate: validPolicy("policy") } },
  put: (s3, Bucket, { policy: Policy }) => s3.send(new PutBucketPolicyCommand({ Bucket, Policy })),
  get: async (s3, Bucket) => ({ policy: (await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy }),
  remove: (s3, Bucket) => s3.send(new DeleteBucketPolicyCommand({ Bucket })),
  none: "NoSuchBucketPolicy",
});

/** `aws_s3_bucket_ownership_controls`. */
export const bucketOwnershipControls = bucketSetting({
  title: "Ownership Controls",
  properties: { rule: { required: true } },
  put: (s3, Bucket, { rule }) => {
    const OwnershipControls = { Rules: toWire([rule]) as [] };
    return s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
  },
  get: async (s3, Bucket) => {
    const found = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    return { rule: fromWire(found.OwnershipControls?.Rules?.[0]) };
  },
  remove: (s3, Bucket) => s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket })),
  none: "OwnershipControlsNotFoundError",
});

/** `aws_s3_bucket_lifecycle_configuration`. */
export const bucketLifecycle = bucketSetting({
  title: "Lifecycle Configuration",
  properties: {
    rules: { required: true, same: sameBlocks },
    transitionDefaultMinimumObjectSize: { computed: true },
    expectedBucketOwner,
    timeouts: { notRead: true },
  },
  put: (s3, Bucket, { rules, transitionDefaultMinimumObjectSize: TransitionDefaultMinimumObjectSize }) => {
    const LifecycleConfiguration = { Rules: toWire(rules) as [] };
    const input = { Bucket, LifecycleConfiguration, TransitionDefaultMinimumObjectSize };
    return s3.send(new PutBucketLifecycleConfigurationCommand(input));
  },
  get: async (s3, Bucket) => {
    const found = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    return {
      rules: fromWire(found.Rules ?? []),
      transitionDefaultMinimumObjectSize: found.TransitionDefaultMinimumObjectSize,
    };
  },
  remove: (s3, Bucket) => s3.send(new DeleteBucketLifecycleCommand({ Bucket })),
  none: "NoSuchLifecycleConfiguration",
});

/** `aws_s3_bucket_object_lock_configuration`. Deleting it takes the default away; the lock itself can never go. */
export const bucketObjectLock = bucketSetting({
  title: "Object Lock Configuration",
  properties: {
    objectLockEnabled: { default: "Enabled", forceNew: true },
    rule: { same: sameBlocks },
    token: { notRead: true, secret: true },
    expectedBucketOwner,
  },
  put: (s3, Bucket, { objectLockEnabled, rule }) => {
    const ObjectLockConfiguration = { ObjectLockEnabled: objectLockEnabled, Rule: toWire(rule) as object };
    return s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
  },
  get: async (s3, Bucket) => {
    const { ObjectLockConfiguration: found } = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
    return found?.Rule && { objectLockEnabled: found.ObjectLockEnabled, rule: fromWire(found.Rule) };
  },
  remove: (s3, Bucket, { objectLockEnabled }) => {
    const ObjectLockConfiguration = { ObjectLockEnabled: objectLockEnabled };
    return s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
  },
  none: "ObjectLockConfigurationNotFoundError",
});

/** `aws_s3_bucket_logging`. */
export const bucketLogging = bucketSetting({
  title: "Logging",
  properties: {
    targetBucket: { required: true },
    targetPrefix: { required: true },
    targetGrants: { set: true },
    targetObjectKeyFormat: {},
    expectedBucketOwner,
  },
  put: (s3, Bucket, { targetBucket, targetPrefix, targetGrants, targetObjectKeyFormat }) => {
    const LoggingEnabled = toWire({
      targetBucket,
      targetPrefix,
      targetGrants,
      targetObjectKeyFormat,
    }) as LoggingEnabled;
    return s3.send(new PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: { LoggingEnabled } }));
  },
  get: async (s3, Bucket) => {
    const { LoggingEnabled: found } = await s3.send(new GetBucketLoggingCommand({ Bucket }));
    return found && (fromWire(found) as Values);
  },
  remove: (s3, Bucket) => s3.send(new PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: {} })),
});
