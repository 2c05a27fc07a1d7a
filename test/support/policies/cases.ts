import * as aws from "@pulumi/aws";
import * as postgresql from "@pulumi/postgresql";
import { CustomResourceOptions, Resource } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { PolicyName } from "../../../policy/levels";

/** Small programs for each policy. What `violates` returns are the stack's outputs. */
export interface Case {
  violates: Record<string, () => object | void>;
  passes: () => object | void;
}

const KEY = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000";
const TAGS = {
  ...{ Application: "shop", Environment: "prod", Owner: "platform" },
  ...{ Purpose: "test", DataClassification: "internal" },
};

/** An instance that no policy finds anything about, but for what is changed. */
const database = (changed: Partial<aws.rds.InstanceArgs> = {}, options: CustomResourceOptions = { protect: true }) =>
  new aws.rds.Instance(
    "database",
    {
      ...{ engine: "postgres", engineVersion: "17", instanceClass: "db.t4g.micro", allocatedStorage: 20 },
      ...{ username: "shop_admin", manageMasterUserPassword: true },
      ...{ publiclyAccessible: false, storageEncrypted: true, kmsKeyId: KEY, backupRetentionPeriod: 7 },
      ...{ deletionProtection: true, skipFinalSnapshot: false, finalSnapshotIdentifier: "last" },
      tags: TAGS,
      ...changed,
    },
    options,
  );

const parameters = (values: Record<string, string>) =>
  new aws.rds.ParameterGroup("parameters", {
    family: "postgres17",
    parameters: Object.entries(values).map(([name, value]) => ({ name, value })),
    tags: TAGS,
  });

const group = () => new aws.ec2.SecurityGroup("group", { description: "test", tags: TAGS });

const rule = (changed: Partial<aws.vpc.SecurityGroupIngressRuleArgs>) =>
  new aws.vpc.SecurityGroupIngressRule("rule", {
    ...{ securityGroupId: group().id, ipProtocol: "tcp", fromPort: 5432, toPort: 5432 },
    ...{ tags: TAGS },
    ...changed,
  });

const server = (sslmode: string | undefined) =>
  new postgresql.Provider("server", { host: "db.example", username: "shop_admin", sslmode });

const BLOCKED = {
  ...{ blockPublicAcls: true, blockPublicPolicy: true },
  ...{ ignorePublicAcls: true, restrictPublicBuckets: true },
};
const NAME = "shop-backups";
const ARN = `arn:aws:s3:::${NAME}`;
const TLS_ONLY = {
  ...{ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: [ARN, `${ARN}/*`] },
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

/** What belongs to a bucket that no policy finds anything about. */
const PARTS: Record<string, (bucket: aws.s3.Bucket) => Resource> = {
  policy: (bucket) => new aws.s3.BucketPolicy("policy", { bucket: bucket.id, policy: document(TLS_ONLY) }),
  blocked: (bucket) => new aws.s3.BucketPublicAccessBlock("blocked", { bucket: bucket.id, ...BLOCKED }),
  encryption: (bucket) => encrypted(bucket, { sseAlgorithm: "aws:kms", kmsMasterKeyId: KEY }),
  versions: (bucket) =>
    new aws.s3.BucketVersioning("versions", {
      bucket: bucket.id,
      versioningConfiguration: { status: "Enabled" },
    }),
};

const encrypted = (bucket: aws.s3.Bucket, how: { sseAlgorithm: string; kmsMasterKeyId?: string }) =>
  new aws.s3.BucketServerSideEncryptionConfiguration("encryption", {
    bucket: bucket.id,
    rules: [{ applyServerSideEncryptionByDefault: how }],
  });

function bucket(changed: Record<string, ((bucket: aws.s3.Bucket) => Resource) | undefined> = {}) {
  const made = new aws.s3.Bucket("bucket", { bucket: NAME, tags: TAGS }, { protect: true });
  Object.values({ ...PARTS, ...changed }).forEach((part) => part?.(made));
  return made;
}

const logGroup = (changed: aws.cloudwatch.LogGroupArgs = {}) =>
  new aws.cloudwatch.LogGroup("logs", { kmsKeyId: KEY, retentionInDays: 400, tags: TAGS, ...changed });

const key = (options: CustomResourceOptions) =>
  new aws.kms.Key("key", { enableKeyRotation: true, tags: TAGS }, options);

const iam = (...statements: object[]) =>
  void new aws.iam.Policy("iam", { policy: document(...statements), tags: TAGS });

const password = () => new random.RandomPassword("password", { length: 24 });

function owner(options: CustomResourceOptions) {
  const provider = server("verify-full");
  const role = new postgresql.Role("migrate", { name: "shop_migrate" }, { provider, ...options });
  new postgresql.DefaultPrivileges(
    "defaults",
    {
      ...{ owner: role.name, role: "shop_app", database: "shop", schema: "public" },
      ...{ objectType: "table", privileges: ["SELECT"] },
    },
    { provider },
  );
}

export const CASES: Record<PolicyName, Case> = {
  "no-public-database": {
    violates: { "public address": () => void database({ publiclyAccessible: true }) },
    passes: () => void database(),
  },
  "no-open-security-group": {
    violates: {
      "the whole of IPv4": () => void rule({ cidrIpv4: "0.0.0.0/0" }),
      "the whole of IPv6, in the group itself": () =>
        void new aws.ec2.SecurityGroup("group", {
          description: "test",
          ingress: [{ protocol: "tcp", fromPort: 22, toPort: 22, ipv6CidrBlocks: ["::/0"] }],
          tags: TAGS,
        }),
    },
    passes: () => void rule({ cidrIpv4: "10.1.0.0/16" }),
  },
  "force-ssl": {
    violates: {
      "0": () => void parameters({ "rds.force_ssl": "0" }),
      "nothing said": () => void parameters({ lock_timeout: "5000" }),
      "an old version's default": () => void database({ engineVersion: "14" }),
    },
    passes: () => void parameters({ "rds.force_ssl": "1" }),
  },
  "tls-version": {
    violates: {
      "TLSv1.1": () => void parameters({ "rds.force_ssl": "1", ssl_min_protocol_version: "TLSv1.1" }),
    },
    passes: () => void parameters({ "rds.force_ssl": "1", ssl_min_protocol_version: "TLSv1.2" }),
  },
  "verified-server": {
    violates: { require: () => void server("require"), "nothing said": () => void server(undefined) },
    passes: () => void server("verify-full"),
  },
  "bucket-tls-only": {
    violates: {
      "no policy": () => void bucket({ policy: undefined }),
      "a policy about something else": () =>
        void bucket({
          policy: ({ id }) =>
            new aws.s3.BucketPolicy("policy", {
              bucket: id,
              policy: document({ ...TLS_ONLY, Condition: undefined, Action: "s3:DeleteObject" }),
            }),
        }),
    },
    passes: () => void bucket(),
  },
  "no-public-bucket": {
    violates: {
      "no block": () => void bucket({ blocked: undefined }),
      "half a block": () =>
        void bucket({
          blocked: ({ id }) =>
            new aws.s3.BucketPublicAccessBlock("blocked", { ...BLOCKED, bucket: id, blockPublicPolicy: false }),
        }),
      "everybody may read": () =>
        void bucket({
          policy: ({ id }) =>
            new aws.s3.BucketPolicy("policy", {
              bucket: id,
              policy: document(TLS_ONLY, {
                ...{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `${ARN}/*` },
              }),
            }),
        }),
    },
    passes: () => void bucket(),
  },
  "encrypted-storage": {
    violates: {
      "not at all": () => void database({ storageEncrypted: false, kmsKeyId: undefined }),
      "with a key of AWS's": () => void database({ kmsKeyId: undefined }),
    },
    passes: () => void database(),
  },
  "encrypted-bucket": {
    violates: {
      "nothing said": () => void bucket({ encryption: undefined }),
      "with a key of S3's": () => void bucket({ encryption: (it) => encrypted(it, { sseAlgorithm: "AES256" }) }),
    },
    passes: () => {
      const logged = bucket();
      const logs = new aws.s3.Bucket("access", { bucket: `${NAME}-access`, tags: TAGS }, { protect: true });
      const arn = `arn:aws:s3:::${NAME}-access`;
      new aws.s3.BucketPolicy("access", {
        bucket: logs.id,
        policy: document({ ...TLS_ONLY, Resource: [arn, `${arn}/*`] }),
      });
      new aws.s3.BucketPublicAccessBlock("access", { bucket: logs.id, ...BLOCKED });
      new aws.s3.BucketServerSideEncryptionConfiguration("access", {
        bucket: logs.id,
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
      });
      new aws.s3.BucketLogging("logging", { bucket: logged.id, targetBucket: logs.id, targetPrefix: "access/" });
    },
  },
  "encrypted-log-group": {
    violates: { "nothing said": () => void logGroup({ kmsKeyId: undefined }) },
    passes: () => void logGroup(),
  },
  "no-wildcard-iam": {
    violates: {
      "all of a service": () => iam({ Effect: "Allow", Action: "s3:*", Resource: `${ARN}/*` }),
      everywhere: () => iam({ Effect: "Allow", Action: ["s3:PutObject"], Resource: "*" }),
      "a policy of AWS's": () =>
        void new aws.iam.RolePolicyAttachment("attached", {
          role: "shop",
          policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
        }),
    },
    passes: () =>
      iam(
        { Effect: "Allow", Action: ["s3:Get*"], Resource: `${ARN}/*` },
        { Effect: "Allow", Action: "rds:DescribeDBInstances", Resource: "*" },
        { Effect: "Deny", Action: "*", Resource: "*" },
      ),
  },
  "no-plain-secret": {
    violates: {
      "a password in a tag": () => void logGroup({ tags: { ...TAGS, Note: password().result } }),
      "a tag named so": () => void logGroup({ tags: { ...TAGS, apiToken: "0123" } }),
      "a password in an output": () => ({ databasePassword: password().result }),
      "an address with a password in an output": () => ({ url: "postgresql://shop:correct-horse@db.example/shop" }),
    },
    passes: () => {
      password();
      return { secretArn: logGroup().arn, roles: { password: 3 } };
    },
  },
  tagged: {
    violates: { "no owner": () => void logGroup({ tags: { ...TAGS, Owner: "" } }) },
    passes: () => {
      const { Owner, ...tags } = TAGS;
      const provider = new aws.Provider("tagging", { region: "eu-central-1", defaultTags: { tags: { Owner } } });
      new aws.sns.Topic("topic", { tags }, { provider });
    },
  },
  "versioned-bucket": {
    violates: { "nothing said": () => void bucket({ versions: undefined }) },
    passes: () => void bucket(),
  },
  "backup-retention": {
    violates: { "six days": () => void database({ backupRetentionPeriod: 6 }) },
    passes: () => void database(),
  },
  "log-retention": {
    violates: { "a month": () => void logGroup({ retentionInDays: 30 }) },
    passes: () => void logGroup({ retentionInDays: undefined }),
  },
  "deletion-protection": {
    violates: {
      "no protection": () => void database({ deletionProtection: false }),
      "no last snapshot": () => void database({ skipFinalSnapshot: true, finalSnapshotIdentifier: undefined }),
    },
    passes: () => void database(),
  },
  "protected-resources": {
    violates: {
      database: () => void database({}, { protect: false }),
      key: () => void key({}),
      "owner of the tables": () => void owner({}),
    },
    passes: () => {
      key({ protect: true });
      owner({ protect: true });
    },
  },
};
