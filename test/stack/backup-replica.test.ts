import { DecryptCommand, DescribeKeyCommand, GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketReplicationCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BackupsConfig } from "../../model/outputs/backups";
import { BackupName, keyOf } from "../../ops/backups/naming";
import { BackupCommands } from "../support/backup-commands";
import { asRole, assume, assumeAnyway, RoleCredentials, s3As } from "../support/iam";
import { LocalStack } from "../support/local-stack";

const AWAY = "eu-west-1";
const ALLOWED = "allowed";

/** Backups in two regions: what S3 copies, who may read the copies, and what is left when the originals are gone. */
describe("with copies in a second region", () => {
  let stack: LocalStack;
  let commands: BackupCommands;
  let config: BackupsConfig;
  let replica: NonNullable<BackupsConfig["replica"]>;
  let backup: BackupName;

  const here = new S3Client({ forcePathStyle: true });
  const away = new S3Client({ forcePathStyle: true, region: AWAY });
  const outcome = (attempt: Promise<unknown>) =>
    attempt.then(
      () => ALLOWED,
      (error: Error) => error.name,
    );

  beforeAll(async () => {
    stack = await LocalStack.prepared({}, { backup: { replicaRegion: AWAY } });
    await stack.as("migrate", (client) => client.query("CREATE TABLE kept AS SELECT generate_series(1, 100) AS id"));
    commands = new BackupCommands(stack);
    config = await commands.config();
    replica = config.replica as NonNullable<BackupsConfig["replica"]>;
    backup = await commands.backUp();
  });
  afterAll(() => stack.close());

  it("has nothing to change in a second update", async () => {
    await stack.up("--refresh", "--expect-no-changes");
  });

  it("has the same key there, and the same lock and end", async () => {
    expect(replica).toMatchObject({ keyArn: config.keyArn.replace("eu-central-1", AWAY), region: AWAY });
    const KeyId = "alias/markenmate-test-backup-replica";
    const { KeyMetadata } = await new KMSClient({ region: AWAY }).send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({ Arn: replica.keyArn, MultiRegion: true });
    const settings = ({ s3, Bucket }: { s3: S3Client; Bucket: string }) =>
      Promise.all([
        s3.send(new GetObjectLockConfigurationCommand({ Bucket })),
        s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
      ]).then(([{ ObjectLockConfiguration }, { Rules }]) => ({ ObjectLockConfiguration, Rules }));
    const there = await settings({ s3: away, Bucket: replica.bucket });
    expect(there).toEqual(await settings({ s3: here, Bucket: config.bucket }));
    expect(there.ObjectLockConfiguration?.Rule?.DefaultRetention).toMatchObject({ Mode: "GOVERNANCE", Days: 7 });
  });

  it("copies a backup, encrypted with the key of its region and locked", async () => {
    for (const part of ["manifest", "dump"] as const) {
      const Key = keyOf(backup, part);
      const original = await here.send(new HeadObjectCommand({ Bucket: config.bucket, Key }));
      expect(original).toMatchObject({ ReplicationStatus: "COMPLETED", SSEKMSKeyId: config.keyArn });
      const copy = await away.send(new HeadObjectCommand({ Bucket: replica.bucket, Key }));
      expect(copy).toMatchObject({ ReplicationStatus: "REPLICA", SSEKMSKeyId: replica.keyArn });
      const input = { Bucket: replica.bucket, Key, VersionId: copy.VersionId };
      expect(await outcome(away.send(new DeleteObjectCommand(input)))).toBe("AccessDenied");
    }
  });

  describe("as the roles", () => {
    const DUMPS = "dumps/markenmate/";
    let as: Record<"writer" | "restorer", { s3: S3Client; kms: KMSClient }>;

    const s3Of = (credentials: RoleCredentials) => s3As(credentials, true, AWAY);
    const hands = async (role: "writer" | "restorer") => {
      const credentials = await assume(config.roles?.[role] as string);
      return { s3: s3Of(credentials), kms: new KMSClient({ credentials, region: AWAY }) };
    };
    beforeAll(async () => {
      as = { writer: await hands("writer"), restorer: await hands("restorer") };
    });

    const read = (s3: S3Client) =>
      outcome(s3.send(new GetObjectCommand({ Bucket: replica.bucket, Key: keyOf(backup, "dump") })));
    const list = (s3: S3Client) =>
      outcome(s3.send(new ListObjectsV2Command({ Bucket: replica.bucket, Prefix: DUMPS })));
    const put = (s3: S3Client, encryption: object = {}) =>
      outcome(
        s3.send(new PutObjectCommand({ Bucket: replica.bucket, Key: `${DUMPS}now/dump`, Body: "x", ...encryption })),
      );
    const remove = (s3: S3Client) =>
      outcome(s3.send(new DeleteObjectCommand({ Bucket: replica.bucket, Key: keyOf(backup, "dump") })));
    const encrypted = () => ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: replica.keyArn });
    const context = () => ({ stack: config.stack, part: "dump" });
    /** A data key as the writer gets it, in the first region, and how somebody opens it in the other. */
    const opened = async (kms: KMSClient, KeyId = replica.keyArn) => {
      const credentials = await assume(config.roles?.writer as string);
      const { CiphertextBlob } = await new KMSClient({ credentials }).send(
        new GenerateDataKeyCommand({ KeyId: config.keyArn, KeySpec: "AES_256", EncryptionContext: context() }),
      );
      return outcome(kms.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext: context() })));
    };

    it("the restorer finds, reads and opens, and neither writes nor deletes", async () => {
      const { s3, kms } = as.restorer;
      expect([await list(s3), await read(s3), await opened(kms)]).toEqual([ALLOWED, ALLOWED, ALLOWED]);
      expect([await put(s3, encrypted()), await remove(s3)]).toEqual(["AccessDenied", "AccessDenied"]);
    });

    it("the writer does nothing there", async () => {
      const { s3, kms } = as.writer;
      const tried = [await list(s3), await read(s3), await put(s3, encrypted()), await remove(s3)];
      expect(tried).toEqual(Array(4).fill("AccessDenied"));
      expect(await opened(kms)).toBe("AccessDeniedException");
    });

    it("S3, which copies, is the only one to be so, and reads, writes and deletes nothing by itself", async () => {
      const rules = await here.send(new GetBucketReplicationCommand({ Bucket: config.bucket }));
      const arn = rules.ReplicationConfiguration?.Role as string;
      expect(arn).toMatch(/:role\/markenmate-test-backup-replication$/);
      expect(await outcome(assume(arn))).toBe("AccessDenied");
      const credentials = await assumeAnyway(arn);
      const s3 = s3Of(credentials);
      const original = { Bucket: config.bucket, Key: keyOf(backup, "dump") };
      const tried = [
        await outcome(s3As(credentials).send(new GetObjectCommand(original))),
        await outcome(s3As(credentials).send(new DeleteObjectCommand(original))),
        ...[await list(s3), await read(s3), await put(s3, encrypted()), await remove(s3)],
      ];
      expect(tried).toEqual(Array(6).fill("AccessDenied"));
      expect(await opened(new KMSClient({ credentials }), config.keyArn)).toBe("AccessDeniedException");
      expect(await opened(new KMSClient({ credentials, region: AWAY }))).toBe("AccessDeniedException");
    });

    it("whoever may everything by IAM opens nothing, and writes only with the key", async () => {
      await asRole({}, async (credentials) => {
        expect(await opened(new KMSClient({ credentials, region: AWAY }))).toBe("AccessDeniedException");
        const s3 = s3Of(credentials);
        const other = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: config.keyArn };
        expect([await put(s3), await put(s3, other)]).toEqual(["AccessDenied", "AccessDenied"]);
        expect(
          await outcome(s3As(credentials, false, AWAY).send(new ListObjectsV2Command({ Bucket: replica.bucket }))),
        ).toBe("AccessDenied");
      });
    });
  });

  it("is restored from the copies once the originals are deleted, and says when there are none", async () => {
    const { Versions = [] } = await here.send(new ListObjectVersionsCommand({ Bucket: config.bucket }));
    for (const { Key } of Versions) {
      await here.send(new DeleteObjectCommand({ Bucket: config.bucket, Key }));
    }
    for (const { Key, VersionId } of Versions) {
      const input = { Bucket: config.bucket, Key, VersionId, BypassGovernanceRetention: true };
      await here.send(new DeleteObjectCommand(input));
    }
    expect(await commands.keys()).toEqual([]);
    const gone = await commands.run("verify-backup");
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining("There is no backup of markenmate")]);

    const { code, stdout, stderr } = await commands.run("verify-backup", ["--from-replica", "--json"]);
    expect([code, stderr]).toEqual([0, expect.stringContaining(replica.bucket)]);
    expect(JSON.parse(stdout)).toMatchObject({ result: "restored", backup: backup.takenAt });
    const listed = await commands.run("restore", ["--list", "--from-replica", "--json"]);
    expect(JSON.parse(listed.stdout)).toMatchObject({ backups: [backup.takenAt] });

    const { replica: _, ...without } = config;
    const misuse = await commands.withConfig("verify-backup", JSON.stringify(without), ["--from-replica"]);
    expect([misuse.code, misuse.stderr]).toEqual([2, expect.stringContaining("there are no copies of the backups")]);
  });
});
