import {
  AttachRolePolicyCommand,
  CreatePolicyVersionCommand,
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { GetKeyRotationStatusCommand, KMSClient, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketLifecycleCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { useAwsProvider } from "../support/aws-provider";
import { ACCOUNT, bootstrap, byToken, environmentOf, githubToken, REPOSITORY } from "../support/bootstrapped";
import { asRole, assumeAnyway, s3As } from "../support/iam";

interface Result {
  result: string;
  message?: string;
  outcomes: { what: string; name: string; done: string; changed: string[] }[];
  variables: { repository: Record<string, string>; environments: Record<string, Record<string, string>> };
  secretsProvider: string;
}

const BUCKET = `shop-pulumi-state-${ACCOUNT}`;
const SHOP = ["--application", "shop", "--environment", "dev,prod"];
const arn = (kind: string, name: string) => `arn:aws:iam::${ACCOUNT}:${kind}/${name}`;

async function run(...args: string[]): Promise<Result> {
  const { code, stdout, stderr } = await bootstrap([...args, "--json"]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Result;
}

const those = ({ outcomes }: Result, done: string) => outcomes.filter((outcome) => outcome.done === done);
const namesOf = (outcomes: Result["outcomes"]) => outcomes.map(({ name }) => name);

describe("ops/bootstrap, in an empty account", () => {
  useAwsProvider();
  const s3 = () => new S3Client({ forcePathStyle: true });
  let first: Result;

  it("makes nothing in a dry run, and says what it would make", async () => {
    const dry = await run(...SHOP, "--dry-run");
    expect(dry.result).toBe("looked");
    expect(dry.outcomes.every(({ done }) => done === "made")).toBe(true);
    first = await run(...SHOP, "--account", ACCOUNT);
    expect(first.outcomes).toEqual(dry.outcomes);
  });

  it("says what GitHub and Pulumi have to know", () => {
    expect(first.variables).toEqual({
      repository: {
        AWS_REGION: "eu-central-1",
        PULUMI_BACKEND_URL: `s3://${BUCKET}?region=eu-central-1`,
        AWS_PREVIEW_ROLE_ARN: arn("role", "shop-preview"),
        AWS_DRIFT_ROLE_ARN: arn("role", "shop-drift"),
      },
      environments: {
        dev: { AWS_DEPLOY_ROLE_ARN: arn("role", "shop-dev-deploy") },
        prod: { AWS_DEPLOY_ROLE_ARN: arn("role", "shop-prod-deploy") },
      },
    });
    expect(first.secretsProvider).toBe("awskms://alias/shop-pulumi-secrets?region=eu-central-1");
  });

  it("changes nothing the second time", async () => {
    const second = await run(...SHOP);
    expect(namesOf(those(second, "as it was"))).toEqual(namesOf(first.outcomes));
  });

  it("brings back what somebody has changed, and nothing else", async () => {
    const iam = new IAMClient({});
    const kms = new KMSClient({});
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    });
    const trust = PolicyDocument.replace('"Action":"*","Resource":"*"', '"Principal":"*","Action":"sts:AssumeRole"');
    const RoleName = "shop-dev-deploy";
    const Bucket = BUCKET;
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: arn("policy", "shop-prod-deploy-data") }));
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "more", PolicyDocument }));
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "shop-preview", PolicyDocument: trust }));
    for (let version = 2; version <= 5; version++) {
      const PolicyArn = arn("policy", "shop-prod-boundary");
      await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
    }
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }],
    });
    await kms.send(new PutKeyPolicyCommand({ KeyId: await keyOf(Bucket), PolicyName: "default", Policy }));
    await s3().send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } }));
    await s3().send(new DeletePublicAccessBlockCommand({ Bucket }));
    await s3().send(new DeleteBucketLifecycleCommand({ Bucket }));
    await s3().send(
      new PutBucketPolicyCommand({ Bucket, Policy: PolicyDocument.replace('"Action"', '"Principal":"*","Action"') }),
    );

    const repaired = await run(...SHOP);
    expect(
      Object.fromEntries(those(repaired, "brought up to date").map(({ name, changed }) => [name, changed])),
    ).toEqual({
      "alias/shop-pulumi-state": ["policy"],
      [BUCKET]: ["public access", "versioning", "lifecycle", "policy"],
      "shop-dev-deploy": ["with shop-prod-deploy-data", "with more"],
      "shop-prod-boundary": ["rights"],
      "shop-preview": ["trust"],
    });
    expect(those(await run(...SHOP), "as it was")).toHaveLength(first.outcomes.length);
  });

  async function keyOf(Bucket: string): Promise<string> {
    const { ServerSideEncryptionConfiguration } = await s3().send(new GetBucketEncryptionCommand({ Bucket }));
    return ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID as string;
  }

  it("has keys that are rotated, and a provider that is GitHub's", async () => {
    const { KeyRotationEnabled } = await new KMSClient({}).send(
      new GetKeyRotationStatusCommand({ KeyId: await keyOf(BUCKET) }),
    );
    expect(KeyRotationEnabled).toBe(true);
    const OpenIDConnectProviderArn = arn("oidc-provider", "token.actions.githubusercontent.com");
    const { Url, ClientIDList } = await new IAMClient({}).send(
      new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }),
    );
    expect([Url, ClientIDList]).toEqual(["https://token.actions.githubusercontent.com", ["sts.amazonaws.com"]]);
  });

  it("keeps the state bucket from whoever comes without TLS, with another key, or to delete it", async () => {
    await asRole({}, async (credentials) => {
      const put = (more = {}) => new PutObjectCommand({ Bucket: BUCKET, Key: ".pulumi/x", Body: "x", ...more });
      await expect(s3As(credentials, false).send(put())).rejects.toMatchObject({ name: "AccessDenied" });
      const overTls = s3As(credentials);
      await overTls.send(put());
      await expect(overTls.send(put({ ServerSideEncryption: "AES256" }))).rejects.toMatchObject({
        name: "AccessDenied",
      });
      const other = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: `arn:aws:kms:eu-central-1:${ACCOUNT}:key/other` };
      await expect(overTls.send(put(other))).rejects.toMatchObject({ name: "AccessDenied" });
      await expect(overTls.send(new DeleteBucketCommand({ Bucket: BUCKET }))).rejects.toMatchObject({
        name: "AccessDenied",
      });
    });
  });

  describe("takes workflows at their word, and only these", () => {
    const repo = `repo:${REPOSITORY}`;
    const taken = (role: string, token: string) =>
      byToken(role, token).then(
        () => true,
        (error: Error) => {
          expect(error.name).toBe("AccessDenied");
          return false;
        },
      );

    it.each([
      ["shop-dev-deploy", `${repo}:environment:dev`, true],
      ["shop-dev-deploy", `${repo}:environment:prod`, false],
      ["shop-dev-deploy", `${repo}:environment:dev-2`, false],
      ["shop-dev-deploy", `${repo}:ref:refs/heads/main`, false],
      ["shop-dev-deploy", `${repo}:pull_request`, false],
      ["shop-prod-deploy", `${repo}:environment:dev`, false],
      ["shop-prod-deploy", `${repo}:environment:prod`, true],
      ["shop-prod-deploy", "repo:somebody/shop:environment:prod", false],
      ["shop-prod-deploy", `repo:${REPOSITORY}-2:environment:prod`, false],
      ["shop-prod-deploy", `${repo}:environment:PROD`, false],
      ["shop-preview", `${repo}:pull_request`, true],
      ["shop-preview", `${repo}:ref:refs/heads/main`, false],
      ["shop-preview", `${repo}:environment:prod`, false],
      ["shop-preview", "repo:somebody/shop:pull_request", false],
      ["shop-drift", `${repo}:ref:refs/heads/main`, true],
      ["shop-drift", `${repo}:ref:refs/heads/other`, false],
      ["shop-drift", `${repo}:ref:refs/tags/main`, false],
      ["shop-drift", `${repo}:pull_request`, false],
      ["shop-drift", `${repo}:environment:prod`, false],
      ["shop-drift", "repo:acme/other:ref:refs/heads/main", false],
    ])("%s, %s: %s", async (role, subject, expected) => {
      expect(await taken(role, githubToken(subject))).toBe(expected);
    });

    it("not for another audience or of another issuer", async () => {
      const subject = `${repo}:environment:prod`;
      expect(await taken("shop-prod-deploy", githubToken(subject, { aud: "https://github.com/acme" }))).toBe(false);
      expect(await taken("shop-prod-deploy", githubToken(subject, { iss: "https://gitlab.com" }))).toBe(false);
    });

    it("by conditions that compare in full", async () => {
      const { Role } = await new IAMClient({}).send(new GetRoleCommand({ RoleName: "shop-drift" }));
      expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument as string))).toMatchObject({
        Statement: [
          {
            Effect: "Allow",
            Principal: { Federated: arn("oidc-provider", "token.actions.githubusercontent.com") },
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition: {
              StringEquals: {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": `${repo}:ref:refs/heads/main`,
              },
            },
          },
        ],
      });
    });
  });

  describe("refuses with a message that names the cure", () => {
    const failing = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
      const { code, stderr } = await bootstrap(args, env);
      expect(stderr).not.toMatch(/^\s+at /m);
      return { code, says: stderr };
    };

    it("where the bucket's name is another account's, or the bucket lies in another region", async () => {
      const credentials = { accessKeyId: "123456789012", secretAccessKey: "test" };
      const theirs = new S3Client({ forcePathStyle: true, credentials });
      await theirs.send(new CreateBucketCommand({ Bucket: "somebody-elses" }));
      const far = { LocationConstraint: "eu-west-1" as const };
      const there = new S3Client({ forcePathStyle: true, region: "eu-west-1" });
      await there.send(new CreateBucketCommand({ Bucket: "far-away", CreateBucketConfiguration: far }));
      const [taken, elsewhere] = await Promise.all([
        failing([...SHOP, "--state-bucket", "somebody-elses"]),
        failing([...SHOP, "--state-bucket", "far-away"]),
      ]);
      expect(taken).toMatchObject({
        code: 1,
        says: expect.stringMatching(/somebody-elses.*belongs to another account.*--state-bucket/s) as string,
      });
      expect(elsewhere).toMatchObject({
        code: 1,
        says: expect.stringMatching(/far-away lies in eu-west-1.*AWS_REGION.*--state-bucket/s) as string,
      });
    });

    it("without credentials, with wrong ones, in another account, and where a right is missing", async () => {
      const keys = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
      const preview = await assumeAnyway(arn("role", "shop-preview"));
      const [none, unknown, other, right] = await Promise.all([
        failing(SHOP, keys),
        failing(SHOP, { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "wrong" }),
        failing([...SHOP, "--account", "123456789012"]),
        failing(["--application", "other"], environmentOf(preview)),
      ]);
      expect(none).toMatchObject({
        code: 1,
        says: expect.stringMatching(/No AWS credentials.*aws sso login/s) as string,
      });
      expect(unknown).toMatchObject({ code: 1, says: expect.stringMatching(/does not know.*AWS_PROFILE/s) as string });
      expect(other).toMatchObject({
        code: 3,
        says: expect.stringContaining(`belong to account ${ACCOUNT}`) as string,
      });
      expect(right).toMatchObject({
        code: 1,
        says: expect.stringMatching(/A right is missing.*kms:.*docs\/bootstrap\.md/s) as string,
      });
    });
  });
});
