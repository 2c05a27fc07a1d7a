import { DescribeKeyCommand, KMSClient, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import {
  GetBucketEncryptionCommand,
  HeadBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { beforeAll, describe, expect, test } from "vitest";
import { Values } from "../providers/protocol/model";
import { useAwsProvider } from "../../test/support/aws-provider";

const policy = (more: Values = {}) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid: "One", Effect: "Deny", Principal: "*", Action: ["s3:*"], Resource: ["*"], ...more }],
  });

describe("the local aws provider: keys, secrets, buckets, policies", () => {
  const on = useAwsProvider({ defaultTags: { tags: { Owner: "tests" } } });
  let s3: S3Client;
  let kms: KMSClient;
  let secretsManager: SecretsManagerClient;
  beforeAll(() => {
    s3 = new S3Client({ forcePathStyle: true });
    kms = new KMSClient({});
    secretsManager = new SecretsManagerClient({});
  });

  test("Key", async () => {
    const input = { description: "First", enableKeyRotation: true, deletionWindowInDays: 7, tags: { a: "1" } };
    const key = await on.create("kms.Key", input);
    expect(key.state).toMatchObject({
      ...input,
      keyId: key.id,
      rotationPeriodInDays: 365,
      tags: { a: "1" },
      tagsAll: { a: "1", Owner: "tests" },
    });
    expect(await key.drift()).toEqual([]);
    const own = policy({ Effect: "Allow", Action: "kms:*" });
    await key.update({ ...input, description: "Second", enableKeyRotation: false, policy: own, tags: undefined });
    expect(key.state).toMatchObject({ description: "Second", enableKeyRotation: false, tagsAll: { Owner: "tests" } });
    expect(await key.drift()).toEqual([]);
    // The same in other words is no drift, something else is.
    const reordered = policy({ Effect: "Allow", Action: ["kms:*"], Resource: "*" });
    await kms.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy: reordered }));
    expect(await key.drift()).toEqual([]);
    await kms.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy: policy({ Action: "kms:Decrypt" }) }));
    expect(await key.drift()).toEqual(["policy"]);
    await key.update({ ...input, policy: own, isEnabled: false });
    expect(key.state.isEnabled).toBe(false);
    await key.delete();
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }));
    expect(KeyMetadata?.KeyState).toBe("PendingDeletion");
    expect(key.failures({ deletionWindowInDays: 5 })[0]?.reason).toContain("in the range (7 - 30), got 5");
    expect(key.failures({ policy: "{" })[0]?.reason).toContain('"policy" contains an invalid JSON policy');
  });

  test("Alias", async () => {
    const [one, two] = [await on.create("kms.Key", {}), await on.create("kms.Key", {})];
    const alias = await on.create("kms.Alias", { name: "alias/test", targetKeyId: one.state.arn as string });
    expect(alias.state).toMatchObject({ targetKeyId: one.id, targetKeyArn: one.state.arn as string });
    expect(await alias.drift()).toEqual([]);
    await alias.update({ name: "alias/test", targetKeyId: two.id });
    expect(alias.state).toMatchObject({ targetKeyArn: two.state.arn as string });
    expect(alias.plan({ name: "alias/other", targetKeyId: two.id }).replaces).toEqual(["name"]);
    expect(alias.failures({ name: "test", targetKeyId: two.id })[0]?.reason).toContain("must begin with 'alias/'");
    await alias.delete();
    await one.delete();
    await two.delete();
  });

  test("Secret", async () => {
    const key = await on.create("kms.Key", {});
    const input = { name: "app/one", description: "First", kmsKeyId: key.state.arn as string, tags: { a: "1" } };
    const secret = await on.create("secretsmanager.Secret", { ...input, recoveryWindowInDays: 0 });
    expect(secret.id).toMatch(/^arn:aws:secretsmanager:eu-central-1:000000000000:secret:app\/one-/);
    expect(await secret.drift()).toEqual([]);
    const { SecretList } = await secretsManager.send(new ListSecretsCommand({}));
    expect(SecretList?.map(({ ARN }) => ARN)).toEqual([secret.id]);
    await secret.update({ ...input, recoveryWindowInDays: 0, description: undefined, tags: { b: "2" } });
    expect(secret.state.tagsAll).toEqual({ b: "2", Owner: "tests" });
    expect(await secret.drift()).toEqual([]);
    await secret.delete();

    // With a recovery window the name stays taken.
    const waiting = await on.create("secretsmanager.Secret", { name: "two" });
    await waiting.delete();
    await expect(on.create("secretsmanager.Secret", { name: "two" })).rejects.toThrow(
      /^creating Secrets Manager Secret: ResourceExistsException: /,
    );
    await key.delete();
  });

  test("SecretVersion", async () => {
    const secret = await on.create("secretsmanager.Secret", { name: "three", recoveryWindowInDays: 0 });
    const one = await on.create("secretsmanager.SecretVersion", { secretId: secret.id, secretString: "first" });
    expect(one.state).toMatchObject({ secretString: "first", versionStages: ["AWSCURRENT"], secretArn: secret.id });
    expect(one.id).toBe(`${secret.id}|${one.state.versionId as string}`);
    expect(one.model.properties.secretString).toMatchObject({ secret: true });
    expect(await one.drift()).toEqual([]);
    expect(one.plan({ secretId: secret.id, secretString: "second" }).replaces).toEqual(["secretString"]);

    const two = await on.create("secretsmanager.SecretVersion", { secretId: secret.id, secretString: "second" });
    await one.model.delete(on.clients, one.id, one.state);
    const value = (VersionStage: string) =>
      secretsManager.send(new GetSecretValueCommand({ SecretId: secret.id, VersionStage }));
    expect((await value("AWSCURRENT")).SecretString).toBe("second");
    expect((await value("AWSPREVIOUS")).SecretString).toBe("first");

    await two.update({ secretId: secret.id, secretString: "second", versionStages: ["AWSCURRENT", "blue"] });
    expect((await value("blue")).SecretString).toBe("second");
    await two.update({ secretId: secret.id, secretString: "second", versionStages: ["AWSCURRENT"] });
    expect(await two.drift()).toEqual([]);

    const bytes = Buffer.from([0, 1, 255]).toString("base64");
    const three = await on.create("secretsmanager.SecretVersion", { secretId: secret.id, secretBinary: bytes });
    expect(three.state).toMatchObject({ secretBinary: bytes });
    expect(await three.drift()).toEqual([]);
    const unseen = { secretId: secret.id, secretStringWo: "fourth", secretStringWoVersion: 1 };
    const four = await on.create("secretsmanager.SecretVersion", unseen);
    expect(JSON.stringify(four.state)).not.toContain("fourth");
    expect(await four.drift()).toEqual([]);

    expect(await on.call("aws:secretsmanager/getSecretVersion:getSecretVersion", { secretId: "three" })).toMatchObject({
      secretString: "fourth",
      versionStages: ["AWSCURRENT"],
    });
    expect(await on.call("aws:secretsmanager/getSecret:getSecret", { name: "three" })).toMatchObject({
      arn: secret.id,
    });
    await secret.delete();
    expect(await four.read()).toBeUndefined();
    await four.model.delete(on.clients, four.id, four.state);
  });

  test("SecretPolicy", async () => {
    const secret = await on.create("secretsmanager.Secret", { name: "four", recoveryWindowInDays: 0 });
    const input = { secretArn: secret.id, policy: policy({ Action: "secretsmanager:*" }) };
    const resource = await on.create("secretsmanager.SecretPolicy", input);
    expect(await resource.drift()).toEqual([]);
    await resource.update({ ...input, policy: policy({ Action: "secretsmanager:GetSecretValue" }) });
    expect(await resource.drift()).toEqual([]);
    await secret.drift().then((changed) => expect(changed).toEqual(["policy"]));
    await resource.delete();
    await secret.delete();
  });

  test("Bucket", async () => {
    const bucket = await on.create("s3.Bucket", { tags: { a: "1" } });
    expect(bucket.id).toMatch(/^test-[0-9a-f]{7}$/);
    expect(bucket.state).toMatchObject({
      arn: `arn:aws:s3:::${bucket.id}`,
      bucketRegionalDomainName: `${bucket.id}.s3.eu-central-1.amazonaws.com`,
      bucketRegion: "eu-central-1",
      hostedZoneId: "Z21DNDUVLTQW6Q",
      tagsAll: { a: "1", Owner: "tests" },
    });
    expect(await bucket.drift()).toEqual([]);
    await bucket.update({ tags: { a: "2" } });
    expect(await bucket.drift()).toEqual([]);
    await s3.send(new HeadBucketCommand({ Bucket: bucket.id }));
    const Bucket = bucket.id;
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    for (const Body of ["one", "two"]) {
      await s3.send(new PutObjectCommand({ Bucket, Key: "object", Body }));
    }
    await expect(bucket.delete()).rejects.toThrow(/^deleting S3 Bucket \(test-.*\): BucketNotEmpty: /);
    await bucket.update({ tags: { a: "2" }, forceDestroy: true });
    await bucket.delete();
    expect(bucket.failures({ bucket: "Capital" })[0]?.reason).toContain("only lowercase alphanumeric characters");
    expect(bucket.failures({ versioning: { enabled: true } })[0]?.reason).toContain("has no model of this argument");
  });

  test.each<[type: string, inputs: Values, changed: Values]>([
    [
      "BucketVersioning",
      { versioningConfiguration: { status: "Enabled" } },
      { versioningConfiguration: { status: "Suspended" } },
    ],
    [
      "BucketServerSideEncryptionConfiguration",
      { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      {
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "arn:aws:kms:x:1:key/2" },
            bucketKeyEnabled: true,
          },
        ],
      },
    ],
    [
      "BucketPublicAccessBlock",
      { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      { blockPublicAcls: true },
    ],
    ["BucketPolicy", { policy: policy() }, { policy: policy({ Action: ["s3:GetObject", "s3:PutObject"] }) }],
    [
      "BucketOwnershipControls",
      { rule: { objectOwnership: "BucketOwnerEnforced" } },
      { rule: { objectOwnership: "ObjectWriter" } },
    ],
    [
      "BucketLifecycleConfiguration",
      {
        rules: [
          {
            id: "retention",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: 30 },
            noncurrentVersionExpiration: { noncurrentDays: 30 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
      {
        rules: [
          {
            id: "archive",
            status: "Enabled",
            filter: { and: { prefix: "dumps/", tags: { kind: "daily", keep: "yes" } } },
            transitions: [{ days: 30, storageClass: "GLACIER" }],
            expiration: { date: "2030-01-01T00:00:00Z" },
          },
          { id: "rest", status: "Disabled", filter: {}, expiration: { days: 1 } },
        ],
      },
    ],
  ])("%s", async (type, inputs, changed) => {
    const bucket = (await on.create("s3.Bucket", { bucket: type.toLowerCase() })).id;
    const setting = await on.create(`s3.${type}`, { bucket, ...inputs });
    expect(setting.id).toBe(bucket);
    expect(await setting.drift()).toEqual([]);
    expect(setting.plan({ bucket, ...changed })).toMatchObject({ replaces: [] });
    await setting.update({ bucket, ...changed });
    expect(await setting.drift()).toEqual([]);
    expect(setting.plan({ bucket, ...inputs }).changes).not.toEqual([]);
    expect(setting.plan({ bucket: "other", ...changed }).replaces).toEqual(["bucket"]);
    expect(await setting.imported()).toMatchObject({ bucket });
    await setting.model.delete(on.clients, setting.id, setting.state);
    // Two settings cannot be taken away: S3 goes back to its own.
    const remaining: Record<string, Values> = {
      BucketVersioning: { versioningConfiguration: { status: "Suspended" } },
      BucketServerSideEncryptionConfiguration: {
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
      },
    };
    expect((await setting.read()) ?? {}).toMatchObject(remaining[type] ?? {});
    expect((await setting.read()) === undefined).toBe(remaining[type] === undefined);
    await on.managed("s3.Bucket").model.delete(on.clients, bucket, { forceDestroy: true });
    expect(await setting.read()).toBeUndefined();
    await setting.model.delete(on.clients, setting.id, setting.state);
  });

  test("a bucket's encryption as S3 itself has it", async () => {
    const bucket = await on.create("s3.Bucket", { bucket: "encrypted" });
    const how = { sseAlgorithm: "aws:kms", kmsMasterKeyId: "arn:aws:kms:eu-central-1:000000000000:key/one" };
    const rules = [{ applyServerSideEncryptionByDefault: how, bucketKeyEnabled: true }];
    await on.create("s3.BucketServerSideEncryptionConfiguration", { bucket: bucket.id, rules });
    const found = await s3.send(new GetBucketEncryptionCommand({ Bucket: "encrypted" }));
    expect(found.ServerSideEncryptionConfiguration?.Rules).toEqual([
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: how.kmsMasterKeyId },
        BucketKeyEnabled: true,
      },
    ]);
    await bucket.delete();
  });

  test("Policy of IAM", async () => {
    const input = { name: "reader", description: "Reads", policy: policy({ Principal: undefined }), tags: { a: "1" } };
    const resource = await on.create("iam.Policy", input);
    expect(resource.id).toBe("arn:aws:iam::000000000000:policy/reader");
    expect(await resource.drift()).toEqual([]);
    for (const action of ["a:1", "a:2", "a:3", "a:4", "a:5", "a:6"]) {
      await resource.update({ ...input, policy: policy({ Principal: undefined, Action: action }) });
    }
    expect(resource.state.policy).toContain("a:6");
    expect(await resource.drift()).toEqual([]);
    expect(resource.plan({ ...input, description: "Writes" }).replaces).toEqual(["description"]);
    await resource.delete();
  });
});
