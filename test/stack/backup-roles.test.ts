import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
} from "@aws-sdk/client-kms";
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BackupsConfig } from "../../model/outputs/backups";
import { BackupCommands } from "../support/backup-commands";
import { asRole, assume, RoleCredentials, s3As } from "../support/iam";
import { LocalStack } from "../support/local-stack";

const DENIED_BY_S3 = "AccessDenied";
const DENIED = "AccessDeniedException";
const ALLOWED = "allowed";

/** Whoever tries something, and with what. */
interface Hands {
  s3: S3Client;
  plain: S3Client;
  kms: KMSClient;
  secrets: SecretsManagerClient;
}

/** The two roles that work with backups, and the application's: each thing that they may and may not do, tried out as them. */
describe("with backups", () => {
  let stack: LocalStack;
  let config: BackupsConfig;
  let otherKey: string;
  let secretArns: Record<string, string>;
  /** A data key as KMS gave it to the writer. */
  let sealed: Uint8Array;
  let context: Record<string, string>;

  beforeAll(async () => {
    stack = await LocalStack.prepared();
    config = await new BackupCommands(stack).config();
    ({ secretArns } = await stack.outputs());
    context = { stack: config.stack, part: "dump" };
    const KeyId = `alias/${config.stack}-secrets`;
    otherKey = (await new KMSClient({}).send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Arn as string;
    const { kms, s3 } = hands(await assume(config.roles?.writer as string));
    const made = await kms.send(
      new GenerateDataKeyCommand({ KeyId: config.keyArn, KeySpec: "AES_256", EncryptionContext: context }),
    );
    sealed = made.CiphertextBlob as Uint8Array;
    await s3.send(put("dumps/markenmate/there/dump"));
  });
  afterAll(() => stack.close());

  const hands = (credentials: RoleCredentials): Hands => ({
    s3: s3As(credentials),
    plain: s3As(credentials, false),
    kms: new KMSClient({ credentials }),
    secrets: new SecretsManagerClient({ credentials }),
  });
  const outcome = (attempt: Promise<unknown>) =>
    attempt.then(
      () => ALLOWED,
      (error: Error) => error.name,
    );

  const Bucket = () => config.bucket;
  const Key = "dumps/markenmate/there/dump";
  const withKey = (SSEKMSKeyId = config.keyArn) => ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId }) as const;
  const put = (at: string, encryption: object = withKey()) =>
    new PutObjectCommand({ Bucket: Bucket(), Key: at, Body: "x", ...encryption });
  const dataKey = (EncryptionContext?: Record<string, string>, KeyId = config.keyArn) =>
    new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", EncryptionContext });
  const open = (EncryptionContext: Record<string, string>) =>
    new DecryptCommand({ KeyId: config.keyArn, CiphertextBlob: sealed, EncryptionContext });

  type Attempts = Record<string, (as: Hands) => Promise<unknown>>;
  const ON_S3: Attempts = {
    "puts a dump, encrypted with the key": ({ s3 }) => s3.send(put("dumps/markenmate/now/dump")),
    "puts a dump in parts, and gives it up": async ({ s3 }) => {
      const upload = { Bucket: Bucket(), Key: "dumps/markenmate/now/parts" };
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...upload, ...withKey() }));
      await s3.send(new AbortMultipartUploadCommand({ ...upload, UploadId }));
    },
    "puts something elsewhere": ({ s3 }) => s3.send(put("elsewhere")),
    "puts a dump without encryption": ({ s3 }) => s3.send(put("dumps/markenmate/now/dump", {})),
    "puts a dump that S3 encrypts alone": ({ s3 }) =>
      s3.send(put("dumps/markenmate/now/dump", { ServerSideEncryption: "AES256" })),
    "puts a dump with another key": ({ s3 }) => s3.send(put("dumps/markenmate/now/dump", withKey(otherKey))),
    "puts a dump without TLS": ({ plain }) => plain.send(put("dumps/markenmate/now/dump")),
    "reads a dump": ({ s3 }) => s3.send(new GetObjectCommand({ Bucket: Bucket(), Key })),
    "reads a dump without TLS": ({ plain }) => plain.send(new GetObjectCommand({ Bucket: Bucket(), Key })),
    "lists the dumps": ({ s3 }) => s3.send(new ListObjectsV2Command({ Bucket: Bucket(), Prefix: "dumps/markenmate/" })),
    "lists the whole bucket": ({ s3 }) => s3.send(new ListObjectsV2Command({ Bucket: Bucket() })),
    "lists older versions": ({ s3 }) => s3.send(new ListObjectVersionsCommand({ Bucket: Bucket() })),
    "deletes a dump": ({ s3 }) => s3.send(new DeleteObjectCommand({ Bucket: Bucket(), Key })),
    "deletes a version of a dump": ({ s3 }) =>
      s3.send(new DeleteObjectCommand({ Bucket: Bucket(), Key, VersionId: "1", BypassGovernanceRetention: true })),
    "shortens a dump's lock": ({ s3 }) =>
      s3.send(
        new PutObjectRetentionCommand({
          ...{ Bucket: Bucket(), Key, BypassGovernanceRetention: true },
          Retention: { Mode: "GOVERNANCE", RetainUntilDate: new Date(Date.now() + 60_000) },
        }),
      ),
    "changes the bucket's policy": ({ s3 }) => s3.send(new PutBucketPolicyCommand({ Bucket: Bucket(), Policy: "{}" })),
    "ends its versions": ({ s3 }) =>
      s3.send(new PutBucketVersioningCommand({ Bucket: Bucket(), VersioningConfiguration: { Status: "Suspended" } })),
    "ends its lock": ({ s3 }) =>
      s3.send(
        new PutObjectLockConfigurationCommand({
          Bucket: Bucket(),
          ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" },
        }),
      ),
    "lets what is in it expire": ({ s3 }) =>
      s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: Bucket(),
          LifecycleConfiguration: { Rules: [{ Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 1 } }] },
        }),
      ),
    "deletes the bucket": ({ s3 }) => s3.send(new DeleteBucketCommand({ Bucket: Bucket() })),
  };
  const ON_KMS_AND_SECRETS: Attempts = {
    "makes a data key": ({ kms }) => kms.send(dataKey(context)),
    "makes a data key for nothing in particular": ({ kms }) => kms.send(dataKey()),
    "makes a data key for another stack": ({ kms }) => kms.send(dataKey({ ...context, stack: "markenmate-other" })),
    "makes a data key with another key": ({ kms }) => kms.send(dataKey(context, otherKey)),
    "encrypts with the key itself": ({ kms }) =>
      kms.send(
        new EncryptCommand({ KeyId: config.keyArn, Plaintext: new Uint8Array([1]), EncryptionContext: context }),
      ),
    "opens an envelope": ({ kms }) => kms.send(open(context)),
    "reads the login that dumps": ({ secrets }) =>
      secrets.send(new GetSecretValueCommand({ SecretId: config.secretArn })),
    "reads another login": ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: secretArns.app })),
  };

  /** What each of them may; everything else is denied. */
  const MAY = {
    writer: [
      "puts a dump, encrypted with the key",
      "puts a dump in parts, and gives it up",
      "makes a data key",
      "reads the login that dumps",
    ],
    restorer: ["reads a dump", "lists the dumps", "opens an envelope"],
    application: ["reads another login"],
  };

  const attempts = [
    ...Object.entries(ON_S3).map(([name, attempt]) => ({ name, attempt, denied: DENIED_BY_S3 })),
    ...Object.entries(ON_KMS_AND_SECRETS).map(([name, attempt]) => ({ name, attempt, denied: DENIED })),
  ];

  describe.each(["writer", "restorer", "application"] as const)("the %s", (who) => {
    let as: Hands;

    beforeAll(async () => {
      if (who !== "application") {
        as = hands(await assume(config.roles?.[who] as string));
      }
    });

    it.each(attempts.map((each) => ({ ...each, may: MAY[who].includes(each.name) ? "may" : "may not" })))(
      "$may: $name",
      async ({ attempt, denied, may }) => {
        const { secretReadPolicyArns } = await stack.outputs();
        const result =
          who === "application"
            ? await asRole({ policyArn: secretReadPolicyArns.app }, (credentials) =>
                outcome(attempt(hands(credentials))),
              )
            : await outcome(attempt(as));
        expect(result).toBe(may === "may" ? ALLOWED : denied);
      },
    );

    it("may all of what is listed for it", () => {
      expect(attempts.filter(({ name }) => MAY[who].includes(name))).toHaveLength(MAY[who].length);
    });
  });

  it("nobody else opens or seals envelopes, with every right of IAM", async () => {
    await asRole({}, async (credentials) => {
      const { kms } = hands(credentials);
      expect([await outcome(kms.send(dataKey(context))), await outcome(kms.send(open(context)))]).toEqual([
        DENIED,
        DENIED,
      ]);
    });
  });

  it("an envelope is not opened as anything else than it was sealed as", async () => {
    const { kms } = hands(await assume(config.roles?.restorer as string));
    expect(await outcome(kms.send(open({ ...context, part: "manifest" })))).toBe("InvalidCiphertextException");
  });
});
