import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  ListTagsCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from "@aws-sdk/client-cloudtrail";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Values } from "../providers/protocol/model";
import { useAwsProvider } from "../../test/support/aws-provider";

const allow = (Action: string, Resource: string) => ({
  ...{ Effect: "Allow", Principal: { Service: "cloudtrail.amazonaws.com" } },
  ...{ Action, Resource },
});
const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

const objects = {
  name: "Objects",
  fieldSelectors: [
    { field: "eventCategory", equals: ["Data"] },
    { field: "resources.type", equals: ["AWS::S3::Object"] },
    { field: "resources.ARN", startsWiths: ["arn:aws:s3:::dumps/"] },
  ],
};

describe("the local aws provider: trails", () => {
  const on = useAwsProvider({ defaultTags: { tags: { Owner: "tests" } } });
  let cloudTrail: CloudTrailClient;
  let kmsKeyId: string;
  let closedKey: string;
  beforeAll(async () => {
    cloudTrail = new CloudTrailClient({});
    await on.create("s3.Bucket", { bucket: "trails" });
    await on.create("s3.Bucket", { bucket: "closed" });
    const files = allow("s3:PutObject", "arn:aws:s3:::trails/database/AWSLogs/000000000000/*");
    await on.create("s3.BucketPolicy", {
      bucket: "trails",
      policy: policy(allow("s3:GetBucketAcl", "arn:aws:s3:::trails"), files),
    });
    const own = {
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::000000000000:root" },
      Action: "kms:*",
      Resource: "*",
    };
    const open = await on.create("kms.Key", { policy: policy(own, allow("kms:GenerateDataKey*", "*")) });
    kmsKeyId = open.state.arn as string;
    closedKey = (await on.create("kms.Key", { policy: policy(own) })).state.arn as string;
  });
  afterAll(() => cloudTrail.destroy());

  const trail = (more: Values = {}) => ({
    name: "backups",
    s3BucketName: "trails",
    s3KeyPrefix: "database",
    kmsKeyId,
    enableLogFileValidation: true,
    isMultiRegionTrail: true,
    advancedEventSelectors: [objects],
    tags: { a: "1" },
    ...more,
  });
  const selectorsOf = async (TrailName: string) => cloudTrail.send(new GetEventSelectorsCommand({ TrailName }));

  test("Trail", async () => {
    const made = await on.create("cloudtrail.Trail", trail());
    expect(made.id).toBe("arn:aws:cloudtrail:eu-central-1:000000000000:trail/backups");
    expect(made.state).toMatchObject({
      ...{ arn: made.id, homeRegion: "eu-central-1", enableLogging: true, includeGlobalServiceEvents: true },
      tagsAll: { a: "1", Owner: "tests" },
    });
    expect((await selectorsOf(made.id)).AdvancedEventSelectors).toEqual([
      {
        Name: "Objects",
        FieldSelectors: [
          { Field: "eventCategory", Equals: ["Data"] },
          { Field: "resources.type", Equals: ["AWS::S3::Object"] },
          { Field: "resources.ARN", StartsWith: ["arn:aws:s3:::dumps/"] },
        ],
      },
    ]);
    expect(await made.drift()).toEqual([]);
    const reversed = { ...objects, fieldSelectors: [...objects.fieldSelectors].reverse() };
    expect(made.plan(trail({ advancedEventSelectors: [reversed] })).changes).toEqual([]);

    const basic = [{ dataResources: [{ type: "AWS::S3::Object", values: ["arn:aws:s3:::dumps/"] }] }];
    const fewer = { advancedEventSelectors: undefined, eventSelectors: basic, kmsKeyId: undefined };
    const changed = trail({ ...fewer, enableLogging: false, enableLogFileValidation: false, tags: { b: "2" } });
    expect(made.plan(changed).replaces).toEqual([]);
    await made.update(changed);
    expect(made.state).toMatchObject({ enableLogging: false, enableLogFileValidation: false });
    expect(made.state.kmsKeyId).toBeUndefined();
    expect(made.state.advancedEventSelectors).toBeUndefined();
    expect(made.state.tagsAll).toEqual({ b: "2", Owner: "tests" });
    expect(await made.drift()).toEqual([]);
    await made.update(trail({ advancedEventSelectors: undefined }));
    const { EventSelectors } = await selectorsOf(made.id);
    expect(EventSelectors).toMatchObject([{ ReadWriteType: "All", IncludeManagementEvents: true, DataResources: [] }]);
    expect(await made.drift()).toEqual([]);
    await cloudTrail.send(new StopLoggingCommand({ Name: "backups" }));
    await cloudTrail.send(new UpdateTrailCommand({ Name: "backups", EnableLogFileValidation: false }));
    expect(await made.drift()).toEqual(["enableLogFileValidation", "enableLogging"]);
    expect(made.plan(trail({ name: "other" })).replaces).toEqual(["name"]);
    expect(await made.imported()).toMatchObject({ name: "backups", s3BucketName: "trails", tags: { a: "1" } });
    await made.delete();
    expect((await cloudTrail.send(new DescribeTrailsCommand({}))).trailList).toEqual([]);
    await expect(cloudTrail.send(new ListTagsCommand({ ResourceIdList: [made.id] }))).rejects.toThrow("Unknown trail");
  });

  test("what the plugin and CloudTrail refuse", async () => {
    const managed = on.managed("cloudtrail.Trail");
    const reason = (more: Values) => managed.failures(trail(more))[0]?.reason;
    expect(reason({ eventSelectors: [{}] })).toContain("conflicts with advancedEventSelectors");
    expect(reason({ kmsKeyId: "key" })).toContain("is an invalid ARN");
    const field = (name: string) => ({
      advancedEventSelectors: [{ fieldSelectors: [{ field: name, equals: ["a"] }] }],
    });
    expect(reason(field("bucket"))).toContain("expected field to be one of");
    expect(reason({ snsTopicName: "topic" })).toContain("no model of this argument");

    const refused = (more: Values) => expect(on.create("cloudtrail.Trail", trail(more))).rejects;
    await refused({ s3BucketName: "none" }).toThrow(
      /^creating CloudTrail Trail: S3BucketDoesNotExistException: S3 bucket none does not exist/,
    );
    await refused({ s3BucketName: "closed" }).toThrow("InsufficientS3BucketPolicyException");
    await refused({ s3KeyPrefix: undefined }).toThrow("InsufficientS3BucketPolicyException");
    await refused({ kmsKeyId: closedKey }).toThrow("InsufficientEncryptionPolicyException");
    await refused({ kmsKeyId: `${kmsKeyId}0` }).toThrow("KmsKeyNotFoundException");
    await refused({ includeGlobalServiceEvents: false }).toThrow("must include global service events");
    // Found out only once the trail is there, and then the trail is taken back.
    await refused(field("eventName")).toThrow("InvalidEventSelectorsException");
    const data = { fieldSelectors: [{ field: "eventCategory", equals: ["Data"] }] };
    await refused({ advancedEventSelectors: [data] }).toThrow("resources.type");
    expect((await cloudTrail.send(new DescribeTrailsCommand({}))).trailList).toEqual([]);
  });
});
