import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
} from "@aws-sdk/client-cloudtrail";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asRole, s3As } from "../support/iam";
import { LocalStack } from "../support/local-stack";

/** The bucket itself, to somebody who may do everything by IAM: what its policy and its lock refuse all the same. */
describe("the bucket for backups", () => {
  let stack: LocalStack;
  let Bucket: string;
  let key: string;
  let other: string;

  beforeAll(async () => {
    stack = await LocalStack.prepared({}, { backup: { lockMode: "compliance", lockDays: 3 } });
    ({ backupBucket: Bucket } = await stack.outputs());
    [key, other] = [await keyArn("backups"), await keyArn("secrets")];
  });
  afterAll(() => stack.close());

  const keyArn = async (purpose: string) => {
    const KeyId = `alias/markenmate-test-${purpose}`;
    const { KeyMetadata } = await new KMSClient({}).send(new DescribeKeyCommand({ KeyId }));
    return KeyMetadata?.Arn as string;
  };
  const as = <Result>(work: (s3: S3Client) => Promise<Result>, overTls = true) =>
    asRole({}, (credentials) => work(s3As(credentials, overTls)));
  const put = (input: Partial<PutObjectCommandInput>, overTls = true) =>
    as((s3) => s3.send(new PutObjectCommand({ Bucket, Key: "dump", Body: "x", ...input })), overTls).then(
      () => "written",
      (error: Error) => error.name,
    );
  const encrypted = (SSEKMSKeyId: string) => ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId }) as const;

  it("takes what is encrypted with its key", async () => {
    expect(await put(encrypted(key))).toBe("written");
  });

  it.each<[string, () => object]>([
    ["does not say so", () => ({})],
    ["is encrypted by S3 alone", () => ({ ServerSideEncryption: "AES256" })],
    ["is encrypted with KMS and names no key", () => ({ ServerSideEncryption: "aws:kms" })],
    ["is encrypted with another key", () => encrypted(other)],
  ])("refuses what %s", async (_, input) => {
    expect(await put(input())).toBe("AccessDenied");
  });

  it("takes a large one in parts, encrypted with its key, and refuses one that is not", async () => {
    const begin = (input: object) =>
      as((s3) => s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "large", ...input })));
    await expect(begin({})).rejects.toMatchObject({ name: "AccessDenied" });
    const { UploadId } = await begin(encrypted(key));
    const upload = { Bucket, Key: "large", UploadId };
    await as(async (s3) => {
      const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "x" }));
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
    });
  });

  it("refuses whoever comes without TLS", async () => {
    expect(await put(encrypted(key), false)).toBe("AccessDenied");
  });

  it("keeps what it has: no version can be deleted before its time", async () => {
    const { Versions = [] } = await as((s3) => s3.send(new ListObjectVersionsCommand({ Bucket })));
    // The emulator forgets the default retention of what came in parts.
    const { Key, VersionId } = Versions.find((version) => version.Key === "dump") ?? {};
    const input = { Bucket, Key, VersionId, BypassGovernanceRetention: true };
    await expect(as((s3) => s3.send(new DeleteObjectCommand(input)))).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("has its accesses logged", async () => {
    const { LoggingEnabled } = await as((s3) => s3.send(new GetBucketLoggingCommand({ Bucket })));
    expect(LoggingEnabled).toMatchObject({
      TargetBucket: expect.stringMatching(/^markenmate-test-backups-access-[0-9a-f]{7}$/) as string,
      TargetPrefix: "access/",
    });
  });

  it("has every reading and writing of its objects in a trail, encrypted and signed", async () => {
    const cloudTrail = new CloudTrailClient({});
    const { trailList = [] } = await cloudTrail.send(new DescribeTrailsCommand({}));
    expect(trailList).toMatchObject([
      {
        ...{ Name: "markenmate-test-backups", S3KeyPrefix: "trail", KmsKeyId: await keyArn("logs") },
        S3BucketName: expect.stringMatching(/^markenmate-test-backups-access-[0-9a-f]{7}$/) as string,
        ...{ LogFileValidationEnabled: true, IncludeGlobalServiceEvents: false, IsMultiRegionTrail: false },
      },
    ]);
    const [{ TrailARN } = {}] = trailList;
    const { AdvancedEventSelectors } = await cloudTrail.send(new GetEventSelectorsCommand({ TrailName: TrailARN }));
    expect(AdvancedEventSelectors?.map(({ FieldSelectors }) => FieldSelectors)).toEqual([
      [
        { Field: "eventCategory", Equals: ["Data"] },
        { Field: "resources.type", Equals: ["AWS::S3::Object"] },
        { Field: "resources.ARN", StartsWith: [`arn:aws:s3:::${Bucket}/`] },
      ],
    ]);
    expect(await cloudTrail.send(new GetTrailStatusCommand({ Name: TrailARN }))).toMatchObject({ IsLogging: true });
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("keeps what was deleted or overwritten by mistake for a week, and nothing longer than that", async () => {
    const { Rules } = await as((s3) => s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })));
    expect(Rules).toMatchObject([{ Expiration: { Days: 30 }, NoncurrentVersionExpiration: { NoncurrentDays: 7 } }]);
  });

  it("cannot be destroyed while there is a backup in it, and the database is there still", async () => {
    const { code, stdout } = await stack.destroyBuckets();
    expect(code).not.toBe(0);
    expect(stdout).toContain("BucketNotEmpty");
    await stack.up();
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });
});
