import {
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  KMSClient,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import {
  GetBucketReplicationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketReplicationCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Values } from "../providers/protocol/model";
import { assumableBy, useAwsProvider } from "../../test/support/aws-provider";

const AWAY = "eu-west-1";

describe("the local aws provider: copies in another region", () => {
  const on = useAwsProvider({ defaultTags: { tags: { Owner: "tests" } } });
  let kms: KMSClient;
  let kmsAway: KMSClient;
  let s3: S3Client;
  let s3Away: S3Client;
  beforeAll(() => {
    [kms, kmsAway] = [new KMSClient({}), new KMSClient({ region: AWAY })];
    [s3, s3Away] = [new S3Client({ forcePathStyle: true }), new S3Client({ forcePathStyle: true, region: AWAY })];
  });
  afterAll(() => [kms, kmsAway, s3, s3Away].forEach((client) => client.destroy()));

  test("ReplicaKey", async () => {
    const primary = await on.create("kms.Key", { multiRegion: true, description: "Primary" });
    expect(primary.id).toMatch(/^mrk-[0-9a-f]{32}$/);
    expect(await primary.drift()).toEqual([]);
    expect(primary.plan({ multiRegion: false }).replaces).toEqual(["multiRegion"]);
    const primaryKeyArn = primary.state.arn as string;
    const input = { primaryKeyArn, region: AWAY, description: "Copy", deletionWindowInDays: 7, tags: { a: "1" } };
    const replica = await on.create("kms.ReplicaKey", input);
    expect(replica.id).toBe(primary.id);
    expect(replica.state).toMatchObject({
      ...{ arn: primaryKeyArn.replace("eu-central-1", AWAY), keyId: primary.id, region: AWAY, primaryKeyArn },
      ...{ keySpec: "SYMMETRIC_DEFAULT", keyUsage: "ENCRYPT_DECRYPT", keyRotationEnabled: false, enabled: true },
      tagsAll: { a: "1", Owner: "tests" },
    });
    expect(await replica.drift()).toEqual([]);
    expect(await primary.drift()).toEqual([]);

    // What one encrypts, the other decrypts.
    const KeyId = primary.id;
    for (const [from, to] of [
      [kms, kmsAway],
      [kmsAway, kms],
    ] as const) {
      const { CiphertextBlob } = await from.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("kept") }));
      const { Plaintext } = await to.send(new DecryptCommand({ CiphertextBlob }));
      expect(Buffer.from(Plaintext ?? []).toString()).toBe("kept");
    }

    const statement = { Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" };
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    const changed = { ...input, description: undefined, policy, enabled: false, tags: { b: "2" } };
    expect(replica.plan(changed).replaces).toEqual([]);
    await replica.update(changed);
    expect(replica.state).toMatchObject({ description: "", policy, enabled: false, tags: { b: "2" } });
    expect(await replica.drift()).toEqual([]);
    expect((await primary.read())?.isEnabled).toBe(true);
    await replica.update(input);
    await kmsAway.send(new UpdateKeyDescriptionCommand({ KeyId, Description: "Changed" }));
    await kmsAway.send(new DisableKeyCommand({ KeyId }));
    expect(await replica.drift()).toEqual(["description", "enabled"]);

    expect(replica.plan({ ...input, primaryKeyArn: `${primaryKeyArn}0` }).replaces).toEqual(["primaryKeyArn"]);
    expect(replica.plan({ ...input, region: "eu-west-2" }).replaces).toEqual(["region"]);
    expect(replica.failures({ ...input, deletionWindowInDays: 6 })[0]?.reason).toContain("(7 - 30), got 6");
    expect(replica.failures({ ...input, primaryKeyArn: primary.id })[0]?.reason).toContain("is an invalid ARN");
    await expect(on.create("kms.ReplicaKey", input)).rejects.toThrow(
      /^creating KMS Replica Key: AlreadyExistsException: /,
    );
    const single = (await on.create("kms.Key", {})).state.arn as string;
    await expect(on.create("kms.ReplicaKey", { ...input, primaryKeyArn: single })).rejects.toThrow(
      "is not a multi-Region key",
    );
    await replica.delete();
    await primary.delete();
  });

  describe("BucketReplicationConfig", () => {
    let role: string;
    let replicaKmsKeyId: string;
    beforeAll(async () => {
      role = (await on.create("iam.Role", { name: "copier", assumeRolePolicy: assumableBy("s3.amazonaws.com") })).state
        .arn as string;
      const everything = { Effect: "Allow", Action: "*", Resource: "*" };
      const policy = JSON.stringify({ Version: "2012-10-17", Statement: [everything] });
      await on.create("iam.RolePolicy", { name: "everything", role: "copier", policy });
      replicaKmsKeyId = (await on.create("kms.Key", { region: AWAY })).state.arn as string;
      for (const [bucket, region] of [
        ["dumps", "eu-central-1"],
        ["copies", AWAY],
        ["plain", AWAY],
      ] as const) {
        await on.create("s3.Bucket", { bucket, region });
        if (bucket !== "plain") {
          const versioningConfiguration = { status: "Enabled" };
          await on.create("s3.BucketVersioning", { bucket, region, versioningConfiguration });
        }
      }
    });

    const destination = (more: Values = {}) => ({
      bucket: "arn:aws:s3:::copies",
      storageClass: "STANDARD_IA",
      encryptionConfiguration: { replicaKmsKeyId },
      metrics: { status: "Enabled", eventThreshold: { minutes: 15 } },
      replicationTime: { status: "Enabled", time: { minutes: 15 } },
      ...more,
    });
    const config = (rule: Values = {}, to: Values = {}) => ({
      bucket: "dumps",
      role,
      rules: [
        {
          id: "all",
          priority: 1,
          status: "Enabled",
          filter: { prefix: "app/" },
          deleteMarkerReplication: { status: "Disabled" },
          sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
          destination: destination(to),
          ...rule,
        },
      ],
    });

    test("is written whole, and objects follow it", async () => {
      const made = await on.create("s3.BucketReplicationConfig", config());
      expect(made.id).toBe("dumps");
      const { ReplicationConfiguration } = await s3.send(new GetBucketReplicationCommand({ Bucket: "dumps" }));
      expect(ReplicationConfiguration?.Rules?.[0]).toMatchObject({
        Destination: { EncryptionConfiguration: { ReplicaKmsKeyID: replicaKmsKeyId }, StorageClass: "STANDARD_IA" },
      });
      expect(await made.drift()).toEqual([]);
      await s3.send(new PutObjectCommand({ Bucket: "dumps", Key: "app/one", Body: "kept" }));
      const copy = await s3Away.send(new GetObjectCommand({ Bucket: "copies", Key: "app/one" }));
      expect(await copy.Body?.transformToString()).toBe("kept");
      const original = await s3.send(new HeadObjectCommand({ Bucket: "dumps", Key: "app/one" }));
      expect(original.ReplicationStatus).toBe("COMPLETED");

      // With KMS: the copy is encrypted with the key of its own region; without a right of the role's there is none.
      const sourceKey = (await on.create("kms.Key", {})).state.arn as string;
      const encrypted = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: sourceKey, Body: "kept" } as const;
      const statusOf = async (Key: string) =>
        (await s3.send(new HeadObjectCommand({ Bucket: "dumps", Key }))).ReplicationStatus;
      await s3.send(new PutObjectCommand({ Bucket: "dumps", Key: "app/two", ...encrypted }));
      expect(await statusOf("app/two")).toBe("COMPLETED");
      const there = await s3Away.send(new HeadObjectCommand({ Bucket: "copies", Key: "app/two" }));
      expect(there.SSEKMSKeyId).toBe(replicaKmsKeyId);
      const mayNot = await on.create("iam.Role", {
        name: "powerless",
        assumeRolePolicy: assumableBy("s3.amazonaws.com"),
      });
      await made.update({ ...config(), role: mayNot.state.arn });
      await s3.send(new PutObjectCommand({ Bucket: "dumps", Key: "app/three", ...encrypted }));
      expect(await statusOf("app/three")).toBe("FAILED");
      await made.update(config());

      // Everything is copied; ids and priorities that the program leaves out are the service's and Terraform's.
      const rest = { id: undefined, priority: undefined, filter: {}, deleteMarkerReplication: { status: "Enabled" } };
      const changed = config(rest, { metrics: undefined, replicationTime: undefined, account: "000000000000" });
      expect(made.plan(changed)).toEqual({ changes: ["rules"], replaces: [] });
      await made.update(changed);
      expect(await made.drift()).toEqual([]);
      const owned = config(rest, { account: "000000000000", accessControlTranslation: { owner: "Destination" } });
      await made.update(owned);
      expect(await made.drift()).toEqual([]);
      // A rule of the first version of the schema.
      const old = { filter: undefined, priority: undefined, deleteMarkerReplication: undefined, prefix: "app/" };
      const first = config(old, { metrics: undefined, replicationTime: undefined });
      expect(made.plan(first).changes).toEqual(["rules"]);
      await made.update(first);
      expect(await made.drift()).toEqual([]);

      const by = { Role: role, Rules: ReplicationConfiguration?.Rules };
      await s3.send(new PutBucketReplicationCommand({ Bucket: "dumps", ReplicationConfiguration: by }));
      expect(await made.drift()).toEqual(["rules"]);
      expect(made.plan({ ...config(), bucket: "other" }).replaces).toEqual(["bucket"]);
      expect(await made.imported()).toMatchObject({ bucket: "dumps", role });
      await made.delete();
    });

    test("what the plugin and S3 refuse", async () => {
      const managed = on.managed("s3.BucketReplicationConfig");
      const reason = (rule: Values, to: Values = {}) => managed.failures(config(rule, to))[0]?.reason;
      expect(reason({ status: "On" })).toContain("expected status to be one of");
      expect(reason({}, { bucket: "copies" })).toContain("is an invalid ARN");
      expect(reason({}, { account: "1" })).toContain("expected length of destination.account");
      const refused = (rule: Values, to: Values = {}, more: Values = {}) =>
        expect(on.create("s3.BucketReplicationConfig", { ...config(rule, to), ...more })).rejects;
      await refused({}, {}, { bucket: "plain", region: AWAY }).toThrow("Versioning must be 'Enabled' on the bucket");
      await refused({}, { bucket: "arn:aws:s3:::plain" }).toThrow("Destination bucket must have versioning enabled");
      await refused({}, { bucket: "arn:aws:s3:::none" }).toThrow("Destination bucket must exist");
      await refused({ deleteMarkerReplication: undefined }).toThrow("DeleteMarkerReplication must be specified");
      await refused({ sourceSelectionCriteria: undefined }).toThrow("SseKmsEncryptedObjects must be specified");
      await refused(
        {},
        { encryptionConfiguration: { replicaKmsKeyId: replicaKmsKeyId.replace(AWAY, "eu-west-2") } },
      ).toThrow("KMS key must be in the same region as the destination bucket");
      await refused({}, { metrics: undefined }).toThrow("both ReplicationTime and Metrics or neither");
    });
  });
});
