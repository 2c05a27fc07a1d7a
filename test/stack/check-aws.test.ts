import { EC2Client, AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand } from "@aws-sdk/client-ec2";
import { DeleteSecurityGroupCommand, RevokeSecurityGroupIngressCommand } from "@aws-sdk/client-ec2";
import {
  CloudWatchLogsClient,
  DeleteRetentionPolicyCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { DisableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { ModifyDBInstanceCommand, ModifyEventSubscriptionCommand, RDSClient } from "@aws-sdk/client-rds";
import {
  GetBucketLoggingCommand,
  GetObjectCommand,
  PutBucketLoggingCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  DeleteResourcePolicyCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from "@aws-sdk/client-iam";
import { GetTopicAttributesCommand, SetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AwsClients, checkAws, clientsFor } from "../../ops/checks/aws";
import { CheckConfig, checkConfig } from "../../model/outputs/check";
import { expireAfter } from "../support/faults/aws-lifecycle";
import { record } from "../support/recorded-rights";
import { assume, readable, RoleCredentials, s3As } from "../support/iam";
import { LocalStack } from "../support/local-stack";

/** The checks of AWS alone, as the role that they are made for. */
let stack: LocalStack;
let config: CheckConfig;
let credentials: RoleCredentials;
let clients: AwsClients;
const called = new Set<string>();

beforeAll(async () => {
  stack = await LocalStack.prepared();
  config = checkConfig.parse((await stack.outputs()).check);
  credentials = await assume(config.checkerArn as string);
  clients = { ...clientsFor(() => Promise.resolve(credentials)), s3: s3As(credentials) };
  Object.entries(clients).forEach(([name, client]) => record(called, name, client as S3Client));
});
afterAll(() => stack.close());

async function look(changed = config, now = new Date()): Promise<[string, string][]> {
  const results = await checkAws(changed, clients, now);
  expect(results.filter(({ skipped }) => skipped !== undefined)).toEqual([]);
  return results.flatMap(({ findings }) => findings.map(({ check, subject }): [string, string] => [check, subject]));
}

describe("the role", () => {
  it("finds nothing wrong with a clean stack", async () => {
    expect(await look()).toEqual([]);
  });

  it("has just the rights that the checks use", async () => {
    await look();
    const RoleName = `${config.stack}-checker`;
    const iam = new IAMClient({});
    const { PolicyNames: [PolicyName] = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    const { PolicyDocument = "" } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
    const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument)) as { Statement: { Action: string[] }[] };
    // Only where somebody has made a snapshot by hand.
    called.add("rds:DescribeDBSnapshotAttributes");
    expect(Statement.flatMap(({ Action }) => Action).sort()).toEqual([...called].sort());
  });

  it("reads one login and no backup, and changes nothing", async () => {
    expect(await readable(credentials, { ...config.aws.secretArns, master: config.aws.masterSecretArn })).toEqual([
      "monitor",
    ]);
    const s3 = s3As(credentials);
    const Object_ = { Bucket: config.aws.bucket, Key: "dumps/markenmate/there/dump" };
    const denied = (attempt: Promise<unknown>) => expect(attempt).rejects.toThrow(/denied|not authorized/i);
    await denied(s3.send(new GetObjectCommand(Object_)));
    await denied(s3.send(new PutObjectCommand({ ...Object_, Body: "x" })));
    await denied(new KMSClient({ credentials }).send(new DisableKeyCommand({ KeyId: config.aws.keyArns.logs })));
    const DBInstanceIdentifier = config.aws.instanceIdentifier;
    await denied(
      new RDSClient({ credentials }).send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, MultiAZ: true })),
    );
  });
});

type Plant = () => Promise<() => Promise<unknown>>;
const s3 = () => new S3Client({ forcePathStyle: true });
const PORT = 5432;

/** Lets a group of somebody else's in, as if an operator had. */
const letIn = async (permission: object) => {
  const ec2 = new EC2Client({});
  const target = { GroupId: config.aws.securityGroupId, IpPermissions: [permission] };
  await ec2.send(new AuthorizeSecurityGroupIngressCommand(target));
  return () => ec2.send(new RevokeSecurityGroupIngressCommand(target));
};

const lock = (Mode: "GOVERNANCE" | "COMPLIANCE", Days: number) =>
  s3().send(
    new PutObjectLockConfigurationCommand({
      Bucket: config.aws.bucket,
      ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: { Mode, Days } } },
    }),
  );

const keep =
  (log: () => string): Plant =>
  async () => {
    const logs = new CloudWatchLogsClient({});
    await logs.send(new DeleteRetentionPolicyCommand({ logGroupName: log() }));
    return () =>
      logs.send(
        new PutRetentionPolicyCommand({ logGroupName: log(), retentionInDays: config.aws.wanted.logRetentionDays }),
      );
  };

const events =
  (kind: string, change: object, back: object): Plant =>
  async () => {
    const modify = (to: object) =>
      new RDSClient({}).send(
        new ModifyEventSubscriptionCommand({ SubscriptionName: `${config.stack}-${kind}`, ...to }),
      );
    await modify(change);
    return () => modify(back);
  };

const unguarded =
  (arn: () => string): Plant =>
  async () => {
    const client = new SecretsManagerClient({});
    const { ResourcePolicy } = await client.send(new GetResourcePolicyCommand({ SecretId: arn() }));
    await client.send(new DeleteResourcePolicyCommand({ SecretId: arn() }));
    return () => client.send(new PutResourcePolicyCommand({ SecretId: arn(), ResourcePolicy }));
  };

const upgradeLog = () => `/aws/rds/instance/${config.aws.instanceIdentifier}/upgrade`;
const flowLog = () => `/aws/vpc/flow-logs/${config.stack}`;
const theBucket = (what: string) => () => `${config.aws.bucket}: ${what}`;
const theGroup = () => `security group ${config.aws.securityGroupId}`;

const FAULTS: [name: string, plant: Plant, check: string, subject: () => string][] = [
  [
    "a lock for a day",
    async () => (await lock("GOVERNANCE", 1), () => lock("GOVERNANCE", 7)),
    "bucket",
    theBucket("lock"),
  ],
  [
    "a lock of another mode",
    async () => (await lock("COMPLIANCE", 7), () => lock("GOVERNANCE", 7)),
    "bucket",
    theBucket("lock"),
  ],
  ["backups gone after eight days", () => expireAfter(config.aws.bucket, 8), "bucket", theBucket("days kept")],
  ["backups kept for ever", () => expireAfter(config.aws.bucket), "bucket", theBucket("days kept")],
  [
    "no log of who used the bucket",
    async () => {
      const { bucket: Bucket } = config.aws;
      const { LoggingEnabled } = await s3().send(new GetBucketLoggingCommand({ Bucket }));
      const put = (status: object) => s3().send(new PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: status }));
      await put({});
      return () => put({ LoggingEnabled });
    },
    "bucket",
    theBucket("log of who used it"),
  ],
  ["a log of upgrades kept for ever", keep(upgradeLog), "logs", () => `${upgradeLog()}: days kept`],
  ["a network's log kept for ever", keep(flowLog), "logs", () => `${flowLog()}: days kept`],
  [
    "events that are switched off",
    events("instance", { Enabled: false }, { Enabled: true }),
    "events",
    () => "events of db-instance",
  ],
  [
    "a secret that nothing guards",
    unguarded(() => config.aws.secretArns.app as string),
    "secrets",
    () => "secret of app: who may not read it",
  ],
  [
    "a master's secret that nothing guards",
    unguarded(() => config.aws.masterSecretArn),
    "secrets",
    () => "secret of the master: who may not read it",
  ],
  [
    "a group of somebody else's",
    async () => {
      const ec2 = new EC2Client({});
      const { GroupId } = await ec2.send(
        new CreateSecurityGroupCommand({ GroupName: "foreign", Description: "foreign", VpcId: config.aws.vpcId }),
      );
      const undo = await letIn({ IpProtocol: "tcp", FromPort: PORT, ToPort: PORT, UserIdGroupPairs: [{ GroupId }] });
      return async () => {
        await undo();
        await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
      };
    },
    "network",
    theGroup,
  ],
  [
    "a range of IPv6",
    () => letIn({ IpProtocol: "tcp", FromPort: PORT, ToPort: PORT, Ipv6Ranges: [{ CidrIpv6: "::/0" }] }),
    "network",
    theGroup,
  ],
  [
    "the application on another port",
    async () => {
      const { applicationSecurityGroup: GroupId } = (await stack.outputs()) as unknown as Record<string, string>;
      return letIn({ IpProtocol: "tcp", FromPort: 22, ToPort: 22, UserIdGroupPairs: [{ GroupId }] });
    },
    "network",
    theGroup,
  ],
  [
    "another group on the instance",
    async () => {
      const { applicationSecurityGroup } = (await stack.outputs()) as unknown as Record<string, string>;
      const set = (...VpcSecurityGroupIds: string[]) =>
        new RDSClient({}).send(
          new ModifyDBInstanceCommand({ DBInstanceIdentifier: config.aws.instanceIdentifier, VpcSecurityGroupIds }),
        );
      await set(config.aws.securityGroupId, applicationSecurityGroup as string);
      return () => set(config.aws.securityGroupId);
    },
    "instance",
    () => "security groups",
  ],
  [
    "no log of upgrades",
    async () => {
      const set = (CloudwatchLogsExportConfiguration: object) =>
        new RDSClient({}).send(
          new ModifyDBInstanceCommand({
            DBInstanceIdentifier: config.aws.instanceIdentifier,
            CloudwatchLogsExportConfiguration,
          }),
        );
      await set({ DisableLogTypes: ["upgrade"] });
      return () => set({ EnableLogTypes: ["upgrade"] });
    },
    "instance",
    () => "log of upgrades in CloudWatch",
  ],
  [
    "a topic that takes what comes without TLS",
    async () => {
      const { topicArn: TopicArn } = config.aws;
      const sns = new SNSClient({});
      const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
      const set = (AttributeValue: string) =>
        sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }));
      const policy = JSON.parse(Attributes?.Policy ?? "{}") as { Statement: { Sid: string }[] };
      await set(JSON.stringify({ ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid !== "TlsOnly") }));
      return () => set(Attributes?.Policy ?? "");
    },
    "alarms",
    () => "topic: requests without TLS",
  ],
];

describe("a fault is found, and nothing else with it:", () => {
  it.each(FAULTS)("%s", async (_, plant, check, subject) => {
    const undo = await plant();
    try {
      expect(await look()).toEqual([[check, subject()]]);
    } finally {
      await undo();
    }
    expect(await look()).toEqual([]);
  });

  it("a topic that nobody hears, where somebody must", async () => {
    const wanted = { ...config.aws.wanted, heard: true };
    expect(await look({ ...config, aws: { ...config.aws, wanted } })).toEqual([["alarms", "topic: who hears it"]]);
  });

  it("passwords that are too old", async () => {
    const found = await look(config, new Date(Date.now() + 91 * 86_400_000));
    const aged = found.filter(([check, subject]) => check === "secrets" && subject.endsWith(": age"));
    expect(aged).toHaveLength(Object.keys(config.aws.secretArns).length + 1);
  });
});
