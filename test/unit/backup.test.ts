import { output } from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { Backup } from "../../components/backup/backup";
import { PolicyDocument } from "../../model/aws/account";
import { refuseReplicaAtHome } from "../../components/stack/guards";
import { tagsOf } from "../../model/aws/tags";
import { parseSettings } from "../../model/settings";
import { mistakes } from "../support/mistakes";
import { among, record, Registered } from "../support/mocks";

const account = { id: "123456789012", partition: "aws", region: "eu-central-1" };
let all: Registered[];

function program() {
  const settings = parseSettings("test", { application: "shop" });
  new Backup("shop-test-backups", {
    account,
    settings: settings.backup,
    keyArn: output("arn:key"),
    logsKeyArn: output("arn:logs-key"),
    logRetentionDays: 365,
    protect: true,
    tags: tagsOf(settings, "test", "internal"),
  });
}

const { ofType, one } = among(() => all);

beforeAll(async () => {
  all = await record(program);
});

describe("backup bucket", () => {
  const BUCKETS = ["shop-test-backups", "shop-test-backups-access"];

  it("is versioned, locked for as long as the settings say, encrypted and protected, and so is the log of its accesses", () => {
    expect(
      ofType("aws:s3/bucket:Bucket")
        .map(({ name, protect }) => [name, protect])
        .sort(),
    ).toEqual(BUCKETS.map((name) => [name, true]));
    expect(one("aws:s3/bucket:Bucket", "shop-test-backups").inputs.objectLockEnabled).toBe(true);
    expect(one("aws:s3/bucketVersioning:BucketVersioning").inputs.versioningConfiguration).toEqual({
      status: "Enabled",
    });
    expect(one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").inputs.rule).toEqual({
      defaultRetention: { mode: "GOVERNANCE", days: 7 },
    });
    const encryption = ofType("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration");
    expect(
      encryption.map(({ name, inputs }) => [name, JSON.stringify(inputs.rules).includes("aws:kms")]).sort(),
    ).toEqual([
      ["shop-test-backups", true],
      ["shop-test-backups-access", false],
    ]);
    const rules = (name: string) =>
      one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", name).inputs.rules;
    const noncurrentVersionExpiration = { noncurrentDays: 7 };
    expect(rules("shop-test-backups")).toMatchObject([{ expiration: { days: 30 }, noncurrentVersionExpiration }]);
    expect(rules("shop-test-backups-access")).toMatchObject([{ expiration: { days: 365 } }]);
    expect(one("aws:s3/bucketLogging:BucketLogging").inputs).toMatchObject({
      targetBucket: "shop-test-backups-access-id",
    });
  });

  it("is closed to the public and to connections without TLS", () => {
    const blocks = ofType("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
    expect(blocks.map(({ name }) => name).sort()).toEqual(BUCKETS);
    for (const { inputs } of blocks) {
      expect(inputs).toMatchObject({
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
    }
    const policies = ofType("aws:s3/bucketPolicy:BucketPolicy");
    expect(policies.map(({ name }) => name).sort()).toEqual(BUCKETS);
    for (const { inputs } of policies) {
      expect(inputs.policy).toContain('"aws:SecureTransport":"false"');
    }
  });
});

describe("the trail of who touches backups", () => {
  const ARN = "arn:aws:cloudtrail:eu-central-1:123456789012:trail/shop-test-backups";

  it("has every event of the bucket's objects, and of nothing else, encrypted and signed", () => {
    const { inputs, protect } = one("aws:cloudtrail/trail:Trail", "shop-test-backups");
    expect(inputs).toMatchObject({
      ...{ name: "shop-test-backups", s3BucketName: "shop-test-backups-access-id", s3KeyPrefix: "trail" },
      ...{ kmsKeyId: "arn:logs-key", enableLogFileValidation: true },
      ...{ includeGlobalServiceEvents: false, isMultiRegionTrail: false },
      advancedEventSelectors: [
        {
          fieldSelectors: [
            { field: "eventCategory", equals: ["Data"] },
            { field: "resources.type", equals: ["AWS::S3::Object"] },
            { field: "resources.ARN", startsWiths: ["arn:shop-test-backups/"] },
          ],
        },
      ],
    });
    expect(protect).toBe(false);
  });

  it("is let into the log bucket, alone and under its prefix, before it is made", () => {
    const policy = one("aws:s3/bucketPolicy:BucketPolicy", "shop-test-backups-access").inputs.policy as string;
    const { Statement } = JSON.parse(policy) as PolicyDocument;
    expect(Statement.filter(({ Principal }) => JSON.stringify(Principal).includes("cloudtrail"))).toEqual([
      {
        Sid: "TheTrailLooks",
        Effect: "Allow",
        Principal: { Service: "cloudtrail.amazonaws.com" },
        Action: "s3:GetBucketAcl",
        Resource: "arn:shop-test-backups-access",
        Condition: { StringEquals: { "aws:SourceArn": ARN } },
      },
      {
        Sid: "TheTrailWrites",
        Effect: "Allow",
        Principal: { Service: "cloudtrail.amazonaws.com" },
        Action: "s3:PutObject",
        Resource: "arn:shop-test-backups-access/trail/AWSLogs/123456789012/*",
        Condition: { StringEquals: { "aws:SourceArn": ARN, "s3:x-amz-acl": "bucket-owner-full-control" } },
      },
    ]);
    expect(one("aws:cloudtrail/trail:Trail").dependencies).toContain(
      "markenmate:components:Backup$aws:s3/bucketPolicy:BucketPolicy::shop-test-backups-access",
    );
  });
});

describe("the settings of backups", () => {
  it.each([
    [{ retentionDays: 0, lockMode: "none" }, "backup.retentionDays: 0 keeps no backup; set 1 or more days"],
    [{ lockDays: 0 }, "backup.lockDays: 0 locks nothing; set 1 or more days, or backup.lockMode to none"],
    [{ lockMode: "strict" }, 'backup.lockMode: "strict" is not known here; set one of none, governance, compliance'],
    [
      { lockDays: 40 },
      "backup.lockDays: 40 outlasts backup.retentionDays 30, after which backups are to be deleted; set it to that or less",
    ],
  ])("%j", (backup, message) => {
    expect(mistakes({ backup })).toEqual([message]);
  });

  it("want a region that is one, and not the stack's own", () => {
    expect(mistakes({ backup: { replicaRegion: "Ireland" } })).toEqual([
      'backup.replicaRegion: "Ireland" is no region of AWS; write e.g. eu-west-1',
    ]);
    for (const replicaRegion of ["eu-west-1", "ap-southeast-2", "us-gov-east-1"]) {
      expect(mistakes({ backup: { replicaRegion } })).toEqual([]);
      expect(() => refuseReplicaAtHome(replicaRegion, account)).not.toThrow();
    }
    expect(() => refuseReplicaAtHome(undefined, account)).not.toThrow();
    expect(() => refuseReplicaAtHome("eu-central-1", account)).toThrow(
      "backup.replicaRegion: eu-central-1 is the stack's own region, and whatever takes the backups takes copies there as well; set another region, or leave the setting out",
    );
  });

  it("want a lock in prod", () => {
    const raw = {
      backup: { lockMode: "none" },
      access: { deployers: ["deploy"] },
      notifications: { emails: ["ops@example.com"] },
    };
    expect(mistakes(raw, "prod")).toEqual([
      'backup.lockMode: "none" lets backups be deleted before their time; in prod, set compliance or governance',
    ]);
    expect(mistakes(raw)).toEqual([]);
  });
});
