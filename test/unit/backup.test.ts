import { output } from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { Backup } from "../../components/backup";
import { tagsOf } from "../../components/tags";
import { parseSettings } from "../../settings";
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

  it("want a lock in prod", () => {
    const raw = { backup: { lockMode: "none" }, access: { deployers: ["deploy"] } };
    expect(mistakes(raw, "prod")).toEqual([
      'backup.lockMode: "none" lets backups be deleted before their time; in prod, set compliance or governance',
    ]);
    expect(mistakes(raw)).toEqual([]);
  });
});
