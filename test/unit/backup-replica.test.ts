import { output } from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { Statement } from "../../model/aws/account";
import { Backup } from "../../components/backup/backup";
import { replicationPolicy, restorerPolicy, writerPolicy } from "../../model/policies/backups";
import { BackupReplica } from "../../components/backup/replica";
import { keyPolicy } from "../../model/policies/keys";
import { tagsOf } from "../../model/aws/tags";
import { parseSettings } from "../../model/settings";
import { BackupsConfig, backupsConfig } from "../../model/outputs/backups";
import { inReplica } from "../../ops/backups/target";
import { among, record, Registered } from "../support/mocks";

const account = { id: "123456789012", partition: "aws", region: "eu-central-1" };
const AWAY = "eu-west-1";
const NAME = "shop-test-backup-replica";
let all: Registered[];

function program() {
  const settings = parseSettings("test", { application: "shop", backup: { lockDays: 3, replicaRegion: AWAY } });
  const common = { account, settings: settings.backup, protect: true, tags: tagsOf(settings, "test", "confidential") };
  const source = new Backup("shop-test-backups", {
    ...common,
    keyArn: output("arn:key"),
    logsKeyArn: output("arn:logs-key"),
    logRetentionDays: 365,
  });
  new BackupReplica(NAME, {
    ...common,
    stack: "shop-test",
    region: AWAY,
    source,
    sourceKeyArn: output("arn:key"),
  });
}

const { ofType, one } = among(() => all);

beforeAll(async () => {
  all = await record(program);
});

describe("the bucket for copies", () => {
  const PARTS = [
    ...["Bucket", "BucketVersioning", "BucketLifecycleConfiguration", "BucketObjectLockConfiguration", "BucketPolicy"],
    ...["BucketServerSideEncryptionConfiguration", "BucketOwnershipControls", "BucketPublicAccessBlock"],
  ].map((type) => `aws:s3/${type.replace(/^./, (letter) => letter.toLowerCase())}:${type}`);

  it.each(PARTS)("has its %s in the other region, as the first bucket has it", (type) => {
    const { region, ...copy } = one(type, NAME).inputs;
    expect(region).toBe(AWAY);
    const { region: home, ...original } = one(type, "shop-test-backups").inputs;
    expect(home).toBeUndefined();
    const translated = JSON.stringify(original)
      .replaceAll("arn:shop-test-backups", `arn:${NAME}`)
      .replaceAll("shop-test-backups-id", `${NAME}-id`)
      .replaceAll('arn:key"', `arn:${NAME}"`)
      .replaceAll('arn:key\\"', `arn:${NAME}\\"`);
    expect(JSON.stringify(copy)).toBe(translated);
  });

  it("is protected, with its key, which is the replica of the first one's", () => {
    expect(one("aws:s3/bucket:Bucket", NAME).protect).toBe(true);
    const key = one("aws:kms/replicaKey:ReplicaKey");
    expect(key.protect).toBe(true);
    expect(key.inputs).toMatchObject({ primaryKeyArn: "arn:key", region: AWAY, deletionWindowInDays: 30 });
    expect(JSON.parse(key.inputs.policy as string)).toEqual(
      keyPolicy("backups", { ...account, region: AWAY }, "shop-test"),
    );
    expect(key.inputs.policy).toContain("s3.eu-west-1.amazonaws.com");
    expect(key.inputs.policy).not.toContain("eu-central-1");
  });

  it("gets what is encrypted and no deletion, once there are versions at both ends and the role may", () => {
    const { inputs, dependencies } = one("aws:s3/bucketReplicationConfig:BucketReplicationConfig");
    expect(inputs.rules).toEqual([
      {
        id: "copies",
        status: "Enabled",
        filter: { prefix: "" },
        deleteMarkerReplication: { status: "Disabled" },
        sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
        destination: { bucket: `arn:${NAME}`, encryptionConfiguration: { replicaKmsKeyId: `arn:${NAME}` } },
      },
    ]);
    const awaited = [
      "markenmate:components:Backup$aws:s3/bucketVersioning:BucketVersioning::shop-test-backups",
      `markenmate:components:BackupReplica$aws:s3/bucketVersioning:BucketVersioning::${NAME}`,
      "markenmate:components:BackupReplica$aws:iam/rolePolicy:RolePolicy::shop-test-backup-replication",
    ];
    expect(dependencies).toEqual(expect.arrayContaining(awaited));
  });

  it("is written by S3 alone, on behalf of this account", () => {
    const { inputs } = one("aws:iam/role:Role", "shop-test-backup-replication");
    expect((JSON.parse(inputs.assumeRolePolicy as string) as { Statement: Statement[] }).Statement).toMatchObject([
      {
        Principal: { Service: "s3.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
    ]);
    expect(ofType("aws:iam/role:Role")).toHaveLength(1);
  });
});

describe("the policies", () => {
  const replica = { bucketArn: "arn:copies", keyArn: "arn:replica-key", region: AWAY };
  const source = { account, stack: "shop-test", bucketArn: "arn:bucket", keyArn: "arn:key" };
  const short = ({ Sid, Action, Resource }: Statement) => [Sid, Action, Resource];

  it("let S3 read originals and their locks, write copies, and delete nothing", () => {
    const { Statement } = replicationPolicy(source, replica);
    expect(Statement.map(short)).toEqual([
      ["FindWhatToCopy", ["s3:GetReplicationConfiguration", "s3:ListBucket"], "arn:bucket"],
      [
        "ReadVersions",
        [
          ...["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
          ...["s3:GetObjectRetention", "s3:GetObjectLegalHold"],
        ],
        "arn:bucket/*",
      ],
      ["WriteCopies", ["s3:ReplicateObject", "s3:ReplicateTags"], "arn:copies/*"],
      ["LetS3DecryptObjects", ["kms:Decrypt"], "arn:key"],
      ["LetS3EncryptCopies", ["kms:Encrypt"], "arn:replica-key"],
    ]);
    expect(Statement.slice(3).map(({ Condition }) => Condition?.StringEquals)).toEqual([
      { "kms:ViaService": "s3.eu-central-1.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": "arn:bucket" },
      { "kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": "arn:copies" },
    ]);
  });

  it("let the restorer read copies as it reads originals, and the writer know nothing of them", () => {
    const { Statement } = restorerPolicy({ ...source, replica });
    const half = Statement.length / 2;
    expect(Statement.slice(0, half)).toEqual(restorerPolicy(source).Statement);
    const inPlace = { ...source, ...replica, account: { ...account, region: AWAY } };
    expect(
      Statement.slice(half).map(({ Sid, ...rest }) => ({ ...rest, Sid: Sid.replace("InTheReplica", "") })),
    ).toEqual(restorerPolicy(inPlace).Statement);
    expect(new Set(Statement.map(({ Sid }) => Sid)).size).toBe(Statement.length);
    expect(writerPolicy({ ...source, replica })).toEqual(writerPolicy(source));
  });
});

describe("--from-replica", () => {
  const config: BackupsConfig = backupsConfig.parse({
    ...{ stack: "shop-test", bucket: "originals", keyArn: "arn:aws:kms:eu-central-1:123456789012:key/mrk-1" },
    ...{ secretArn: "arn:secret", database: "shop", validations: [] },
    replica: { bucket: "copies", keyArn: "arn:aws:kms:eu-west-1:123456789012:key/mrk-1", region: AWAY },
  });

  it("reads the copies with the replica of the key, and everything else is as it was", () => {
    const { bucket, keyArn } = config.replica ?? {};
    expect(inReplica(config)).toEqual({ ...config, bucket, keyArn });
  });

  it("is misused where there are none", () => {
    expect(() => inReplica({ ...config, replica: undefined })).toThrow(
      "--from-replica: there are no copies of the backups of shop-test",
    );
  });
});
