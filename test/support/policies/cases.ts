import * as aws from "@pulumi/aws";
import * as postgresql from "@pulumi/postgresql";
import { CustomResourceOptions, Resource } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { PolicyName } from "../../../policy/levels";

/** Small programs for each policy, each of which may return outputs of the stack. */
export interface Case {
  violates: Record<string, Program>;
  passes: Program;
}
export type Program = () => object | void;

/** What the names of the running case's resources begin with. */
let current = "";
const named = (name: string) => `${current}-${name}`;

/** Runs a program with its resources named after it. */
export function run(id: string, program: Program): object | void {
  current = id;
  return program();
}

const KEY = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000";
const TAGS = {
  ...{ Application: "shop", Environment: "prod", Owner: "platform" },
  ...{ Purpose: "test", DataClassification: "internal" },
};

/** An instance that no policy finds anything about, but for what is changed. */
const database = (changed: Partial<aws.rds.InstanceArgs> = {}, options: CustomResourceOptions = { protect: true }) =>
  new aws.rds.Instance(
    named("database"),
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
  new aws.rds.ParameterGroup(named("parameters"), {
    family: "postgres17",
    parameters: Object.entries(values).map(([name, value]) => ({ name, value })),
    tags: TAGS,
  });

const group = () => new aws.ec2.SecurityGroup(named("group"), { description: "test", tags: TAGS });

const rule = (changed: Partial<aws.vpc.SecurityGroupIngressRuleArgs>) =>
  new aws.vpc.SecurityGroupIngressRule(named("rule"), {
    ...{ securityGroupId: group().id, ipProtocol: "tcp", fromPort: 5432, toPort: 5432 },
    ...{ tags: TAGS },
    ...changed,
  });

const server = (sslmode: string | undefined) =>
  new postgresql.Provider(named("server"), { host: "db.example", username: "shop_admin", sslmode });

const BLOCKED = {
  ...{ blockPublicAcls: true, blockPublicPolicy: true },
  ...{ ignorePublicAcls: true, restrictPublicBuckets: true },
};
const arnOf = (bucket: string) => `arn:aws:s3:::${named(bucket)}`;
const tlsOnly = (arn = arnOf("bucket")) => ({
  ...{ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: [arn, `${arn}/*`] },
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});
const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

/** What belongs to a bucket that no policy finds anything about. */
const PARTS: Record<string, (bucket: aws.s3.Bucket) => Resource> = {
  policy: (bucket) => new aws.s3.BucketPolicy(named("policy"), { bucket: bucket.id, policy: document(tlsOnly()) }),
  blocked: (bucket) => new aws.s3.BucketPublicAccessBlock(named("blocked"), { bucket: bucket.id, ...BLOCKED }),
  encryption: (bucket) => encrypted(bucket, { sseAlgorithm: "aws:kms", kmsMasterKeyId: KEY }),
  versions: (bucket) =>
    new aws.s3.BucketVersioning(named("versions"), {
      bucket: bucket.id,
      versioningConfiguration: { status: "Enabled" },
    }),
};

const encrypted = (bucket: aws.s3.Bucket, how: { sseAlgorithm: string; kmsMasterKeyId?: string }) =>
  new aws.s3.BucketServerSideEncryptionConfiguration(named("encryption"), {
    bucket: bucket.id,
    rules: [{ applyServerSideEncryptionByDefault: how }],
  });

function bucket(changed: Record<string, ((bucket: aws.s3.Bucket) => Resource) | undefined> = {}) {
  const made = new aws.s3.Bucket(named("bucket"), { bucket: named("bucket"), tags: TAGS }, { protect: true });
  Object.values({ ...PARTS, ...changed }).forEach((part) => part?.(made));
  return made;
}

const logGroup = (changed: aws.cloudwatch.LogGroupArgs = {}) =>
  new aws.cloudwatch.LogGroup(named("logs"), { kmsKeyId: KEY, retentionInDays: 400, tags: TAGS, ...changed });

const key = (options: CustomResourceOptions) =>
  new aws.kms.Key(named("key"), { enableKeyRotation: true, tags: TAGS }, options);

const iam = (...statements: object[]) =>
  void new aws.iam.Policy(named("iam"), { policy: document(...statements), tags: TAGS });

const password = () => new random.RandomPassword(named("password"), { length: 24 });

const inside = () => new postgresql.Database(named("inside"), { name: "shop" }, { provider: server("verify-full") });

function owner(options: CustomResourceOptions) {
  const provider = server("verify-full");
  const role = new postgresql.Role(named("migrate"), { name: "shop_migrate" }, { provider, ...options });
  new postgresql.DefaultPrivileges(
    named("defaults"),
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
        void new aws.ec2.SecurityGroup(named("group"), {
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
            new aws.s3.BucketPolicy(named("policy"), {
              bucket: id,
              policy: document({ ...tlsOnly(), Condition: undefined, Action: "s3:DeleteObject" }),
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
            new aws.s3.BucketPublicAccessBlock(named("blocked"), { ...BLOCKED, bucket: id, blockPublicPolicy: false }),
        }),
      "everybody may read": () =>
        void bucket({
          policy: ({ id }) =>
            new aws.s3.BucketPolicy(named("policy"), {
              bucket: id,
              policy: document(tlsOnly(), {
                ...{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `${arnOf("bucket")}/*` },
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
      const logs = new aws.s3.Bucket(named("access"), { bucket: named("access"), tags: TAGS }, { protect: true });
      new aws.s3.BucketPolicy(named("access"), {
        bucket: logs.id,
        policy: document(tlsOnly(arnOf("access"))),
      });
      new aws.s3.BucketPublicAccessBlock(named("access"), { bucket: logs.id, ...BLOCKED });
      new aws.s3.BucketServerSideEncryptionConfiguration(named("access"), {
        bucket: logs.id,
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
      });
      new aws.s3.BucketLogging(named("logging"), { bucket: logged.id, targetBucket: logs.id, targetPrefix: "access/" });
    },
  },
  "encrypted-log-group": {
    violates: { "nothing said": () => void logGroup({ kmsKeyId: undefined }) },
    passes: () => void logGroup(),
  },
  "no-wildcard-iam": {
    violates: {
      "all of a service": () => iam({ Effect: "Allow", Action: "s3:*", Resource: `${arnOf("bucket")}/*` }),
      everywhere: () => iam({ Effect: "Allow", Action: ["s3:PutObject"], Resource: "*" }),
      "a policy of AWS's": () =>
        void new aws.iam.RolePolicyAttachment(named("attached"), {
          role: "shop",
          policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
        }),
    },
    passes: () =>
      iam(
        { Effect: "Allow", Action: ["s3:Get*"], Resource: `${arnOf("bucket")}/*` },
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
      const provider = new aws.Provider(named("tagging"), { region: "eu-central-1", defaultTags: { tags: { Owner } } });
      new aws.sns.Topic(named("topic"), { tags }, { provider });
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
      "database inside of a server": () => void inside(),
      "owner of the tables": () => void owner({}),
    },
    passes: () => {
      key({ protect: true });
      owner({ protect: true });
    },
  },
};
