import { describe, expect, it } from "vitest";
import { UNKNOWN, Values } from "../../policy/resource";
import { document, findings, resource, says } from "../support/policies/findings";

/** What the engine's own tests have no room for: every way to write a bucket's settings, and statements of policies. */
describe("buckets", () => {
  it("may have their settings inside, as they had in earlier versions of the provider", () => {
    const kms = { sseAlgorithm: "aws:kms", kmsMasterKeyId: "arn:key" };
    const inline = (how: Values) => ({
      serverSideEncryptionConfiguration: { rule: { applyServerSideEncryptionByDefault: how } },
      versioning: { enabled: true },
    });
    const bucket = (props: Values) => resource("aws:s3/bucketV2:BucketV2", props);
    expect(findings("encrypted-bucket", bucket(inline(kms)))).toEqual([]);
    expect(findings("encrypted-bucket", bucket(inline({ sseAlgorithm: "AES256" })))).toEqual(says("does not encrypt"));
    expect(findings("versioned-bucket", bucket(inline(kms)))).toEqual([]);
  });

  it("are not opened by access lists, inside or apart", () => {
    const apart = resource("aws:s3/bucketAcl:BucketAcl", { acl: "public-read" });
    expect(findings("no-public-bucket", apart)).toEqual(says("acl public-read opens the bucket"));
    const inside = resource("aws:s3/bucket:Bucket", { acl: "authenticated-read" });
    expect(findings("no-public-bucket", inside)[0]).toContain("acl authenticated-read opens the bucket");
  });

  it("have settings of their own, not another bucket's", () => {
    const one = resource("aws:s3/bucket:Bucket", { bucket: "one" });
    const policy: Values = { policy: UNKNOWN };
    const type = "aws:s3/bucketPolicy:BucketPolicy";
    expect(findings("bucket-tls-only", one, resource(type, { ...policy, bucket: "other" }))).toEqual(says("no policy"));
    expect(findings("bucket-tls-only", one, resource(type, { ...policy, bucket: "one" }))).toEqual([]);
    const made = resource(type, { ...policy, bucket: UNKNOWN }, { madeOf: { bucket: [one.urn] } });
    expect(findings("bucket-tls-only", one, made)).toEqual([]);
  });

  it.each([
    ["the objects alone", { Resource: "arn:aws:s3:::one/*" }],
    ["one action alone", { Action: "s3:GetObject" }],
    ["somebody alone", { Principal: { AWS: "arn:aws:iam::123456789012:root" } }],
    ["those with TLS", { Condition: { Bool: { "aws:SecureTransport": "true" } } }],
  ])("are not closed to plain text by a statement about %s", (_, changed) => {
    const everything = {
      Action: "s3:*",
      Resource: ["arn:aws:s3:::one", "arn:aws:s3:::one/*"],
      Principal: { AWS: "*" },
    };
    const statement = { Effect: "Deny", ...everything, Condition: { Bool: { "aws:SecureTransport": "false" } } };
    const policy = (...statements: object[]) =>
      findings("bucket-tls-only", resource("aws:s3/bucketPolicy:BucketPolicy", { policy: document(...statements) }));
    expect(policy({ ...statement, ...changed })).toEqual(says("without TLS"));
    expect(policy(statement)).toEqual([]);
  });
});

describe("no-wildcard-iam", () => {
  const allowed = (statement: object, type = "aws:iam/rolePolicy:RolePolicy") =>
    findings("no-wildcard-iam", resource(type, { policy: document({ Effect: "Allow", ...statement }) }));

  it.each([
    [{ Action: "*", Resource: "arn:one" }, "allows *"],
    [{ Action: ["rds:*"], Resource: "arn:one" }, "allows rds:*"],
    [{ NotAction: "iam:*", Resource: "arn:one" }, "all but a few actions"],
    [{ Action: "s3:GetObject", NotResource: "arn:one" }, "all resources but a few"],
    [
      { Sid: "Write", Action: ["s3:ListAllMyBuckets", "rds:DeleteDBInstance"], Resource: ["*"] },
      "the statement Write allows rds:DeleteDBInstance on every resource",
    ],
    [{ Action: "secretsmanager:GetSecretValue", Resource: "*" }, "GetSecretValue on every resource"],
    [{ Action: "kms:Decrypt", Resource: "*" }, "kms:Decrypt on every resource"],
  ])("refuses %j", (statement, message) => {
    expect(allowed(statement)).toEqual(says(message));
  });

  it.each([
    { Action: ["rds:Describe*", "logs:DescribeLogGroups", "ecr:GetAuthorizationToken"], Resource: "*" },
    { Action: "s3:Get*", Resource: "arn:aws:s3:::one/*" },
    { Effect: "Deny", Action: "*", Resource: "*" },
  ])("takes %j", (statement) => {
    expect(allowed(statement)).toEqual([]);
  });

  it("reads policies inside of roles, and who may take them on", () => {
    const role = (props: Values) => findings("no-wildcard-iam", resource("aws:iam/role:Role", props));
    const policy = document({ Effect: "Allow", Action: "*", Resource: "*" });
    expect(role({ inlinePolicies: [{ name: "own", policy }] })[0]).toContain("allows *");
    expect(role({ managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonS3FullAccess"] })).toEqual(
      says("AmazonS3FullAccess"),
    );
    const trust = { Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" };
    expect(role({ assumeRolePolicy: document(trust) })).toEqual(says("lets everybody take the role on"));
  });
});
