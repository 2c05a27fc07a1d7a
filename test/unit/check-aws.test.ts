import { DBInstance } from "@aws-sdk/client-rds";
import { describe, expect, it } from "vitest";
import { AWS_CHECKS, checkAws, clientsFor } from "../../ops/checks/aws";
import { judgeBackups } from "../../ops/checks/aws/bucket";
import { AwsConfig } from "../../model/outputs/check-aws";
import { judgeInstance, judgeReplica } from "../../ops/checks/aws/instance";
import { judgeSubscriptions } from "../../ops/checks/aws/logs";
import { judgeRules } from "../../ops/checks/aws/network";
import { openStatements } from "../../ops/checks/aws/policy";
import { judgeSecret } from "../../ops/checks/aws/secrets";
import { judgeSnapshot } from "../../ops/checks/aws/snapshots";
import { CheckConfig } from "../../model/outputs/check";

/** What the emulator cannot be brought to say. */
const NOW = new Date("2026-11-25T12:00:00Z");
const inDays = (days: number) => new Date(NOW.getTime() + days * 86_400_000);
const config = {
  securityGroupId: "sg-database",
  parameterGroupName: "shop-prod-postgres17",
  topicArn: "arn:topic",
  keyArns: { database: "arn:database", secrets: "arn:secrets", backups: "arn:backups", logs: "arn:logs" },
  wanted: {
    ...{ multiAz: true, deletionProtection: true, backupRetentionDays: 14, engineVersion: "17", masterRotates: true },
    ...{ masterUsername: "shop_admin", monitoringIntervalSeconds: 60, adminCidrs: ["10.9.0.0/16"], port: 6432 },
    heard: true,
  },
} as AwsConfig;
const instance: DBInstance = {
  ...{ PubliclyAccessible: false, StorageEncrypted: true, KmsKeyId: "arn:database", DeletionProtection: true },
  ...{ MultiAZ: true, BackupRetentionPeriod: 14, AutoMinorVersionUpgrade: true, CopyTagsToSnapshot: true },
  ...{ IAMDatabaseAuthenticationEnabled: true, EnabledCloudwatchLogsExports: ["postgresql", "upgrade"] },
  ...{ MonitoringInterval: 60, MasterUsername: "shop_admin", EngineVersion: "17.6" },
  VpcSecurityGroups: [{ VpcSecurityGroupId: "sg-database" }],
  DBParameterGroups: [{ DBParameterGroupName: "shop-prod-postgres17", ParameterApplyStatus: "in-sync" }],
  CertificateDetails: { ValidTill: inDays(300) },
  LatestRestorableTime: new Date(NOW.getTime() - 300_000),
};
const subjects = (problems: { subject: string }[]) => problems.map(({ subject }) => subject);

describe("an instance", () => {
  it("in order has no finding", () => expect(judgeInstance(instance, config, NOW)).toEqual([]));

  it.each<[string, DBInstance]>([
    ["encryption at rest", { StorageEncrypted: false }],
    ["key of the storage", { KmsKeyId: "arn:another" }],
    ["deletion protection", { DeletionProtection: false }],
    ["minor upgrades by RDS", { AutoMinorVersionUpgrade: false }],
    ["seconds between readings of the system", { MonitoringInterval: 0 }],
    ["name of the master", { MasterUsername: "postgres" }],
    ["version of PostgreSQL", { EngineVersion: "16.9" }],
    [
      "parameters in force",
      { DBParameterGroups: [{ ...instance.DBParameterGroups?.[0], ParameterApplyStatus: "pending-reboot" }] },
    ],
    ["changes that wait", { PendingModifiedValues: { DBInstanceClass: "db.m7g.large" } }],
    ["certificate", { CertificateDetails: { ValidTill: inDays(29) } }],
    ["point-in-time recovery", { LatestRestorableTime: inDays(-1) }],
  ])("%s", (subject, change) => {
    expect(subjects(judgeInstance({ ...instance, ...change }, config, NOW))).toEqual([subject]);
  });

  it("that is a replica needs no standby and no backups", () => {
    const replica = { ...instance, MultiAZ: false, BackupRetentionPeriod: 0, LatestRestorableTime: undefined };
    expect(judgeReplica(replica, config, NOW)).toEqual([]);
    expect(subjects(judgeReplica({ ...replica, PubliclyAccessible: true }, config, NOW))).toEqual([
      "replica: public access",
    ]);
  });
});

describe("a snapshot", () => {
  const id = { DBSnapshotIdentifier: "before-the-move", Encrypted: true };

  it("of this account alone, encrypted, has no finding", () => expect(judgeSnapshot(id, [])).toEqual([]));

  it("that is public, shared, or in clear has one", () => {
    expect(judgeSnapshot(id, ["all"])[0]).toMatchObject({ found: "everybody" });
    expect(judgeSnapshot(id, ["210987654321"])[0]).toMatchObject({ found: "the account 210987654321" });
    expect(subjects(judgeSnapshot({ ...id, Encrypted: false }, []))).toEqual(["snapshot before-the-move: encryption"]);
  });
});

describe("rules of the database's group", () => {
  const tags = (Environment: string) => [
    { Key: "Application", Value: "shop" },
    { Key: "Environment", Value: Environment },
  ];
  const groups = [
    { GroupId: "sg-app", Tags: tags("prod") },
    { GroupId: "sg-dev", Tags: tags("dev") },
  ];
  const judge = (rule: object) =>
    judgeRules(
      {
        GroupId: "sg-database",
        Tags: tags("prod"),
        IpPermissions: [{ IpProtocol: "tcp", FromPort: 6432, ToPort: 6432, ...rule }],
      },
      groups,
      config,
    ).map(({ found }) => found);

  it("let in the stack's own groups and the ranges of the settings", () => {
    expect(judge({ UserIdGroupPairs: [{ GroupId: "sg-app" }], IpRanges: [{ CidrIp: "10.9.0.0/16" }] })).toEqual([]);
  });

  it("are found when they let in anything else, or on another port", () => {
    expect(judge({ UserIdGroupPairs: [{ GroupId: "sg-dev" }] })).toEqual(["sg-dev may come in on tcp port 6432"]);
    expect(judge({ PrefixListIds: [{ PrefixListId: "pl-1" }] })).toEqual(["pl-1 may come in on tcp port 6432"]);
    expect(judge({ ToPort: 6440, UserIdGroupPairs: [{ GroupId: "sg-app" }] })).toEqual([
      "sg-app may come in on tcp port 6432 to 6440",
    ]);
  });
});

describe("a secret", () => {
  const policy = JSON.stringify({
    Statement: [{ Effect: "Deny", Principal: "*", Action: "secretsmanager:GetSecretValue", Resource: "*" }],
  });
  const versions = (days: number) => [{ VersionStages: ["AWSCURRENT"], CreatedDate: inDays(-days) }];
  const secret = { KmsKeyId: "arn:secrets", LastChangedDate: NOW };

  it("is as old as its password, whatever else changed since", () => {
    expect(judgeSecret("app", secret, versions(90), policy, config, NOW)).toEqual([]);
    expect(subjects(judgeSecret("app", secret, versions(91), policy, config, NOW))).toEqual(["secret of app: age"]);
  });

  it("that RDS should have rotated, or that will be deleted, is found", () => {
    const master = { ...secret, RotationEnabled: true };
    const late = { ...master, NextRotationDate: inDays(-2) };
    expect(
      judgeSecret(undefined, { ...master, NextRotationDate: inDays(1) }, versions(1), policy, config, NOW),
    ).toEqual([]);
    expect(subjects(judgeSecret(undefined, late, versions(1), policy, config, NOW))).toEqual([
      "secret of the master: last rotation",
    ]);
    expect(subjects(judgeSecret("app", { ...secret, DeletedDate: NOW }, versions(1), policy, config, NOW))).toEqual([
      "secret of app: existence",
    ]);
  });
});

it("a subscription that nobody confirmed counts as nobody, and its address is not told", () => {
  const pending = { Protocol: "email", Endpoint: "ops@example.com", SubscriptionArn: "PendingConfirmation" };
  const problems = judgeSubscriptions([pending], config);
  expect(subjects(problems)).toEqual(["topic: subscription by email", "topic: who hears it"]);
  expect(JSON.stringify(problems)).not.toContain("example.com");
  expect(judgeSubscriptions([{ ...pending, SubscriptionArn: "arn:aws:sns:one" }], config)).toEqual([]);
});

describe("a policy", () => {
  const found = (statement: object) =>
    openStatements(JSON.stringify({ Statement: { Sid: "It", Effect: "Allow", Principal: "*", ...statement } }));

  it("lets everybody in, unless a condition keeps it within an account", () => {
    const open = ["the statement It lets everybody in"];
    expect(found({})).toEqual(open);
    expect(found({ Principal: { AWS: ["*"] } })).toEqual(open);
    expect(found({ Condition: { Bool: { "aws:SecureTransport": "true" } } })).toEqual(open);
    expect(found({ Condition: { StringEquals: { "AWS:SourceAccount": "123456789012" } } })).toEqual([]);
    expect(found({ Principal: { AWS: "arn:aws:iam::123456789012:root" } })).toEqual([]);
    expect(found({ Effect: "Deny" })).toEqual([]);
  });
});

describe("the newest backup", () => {
  const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);
  const judge = (taken: number[], since: number) =>
    judgeBackups("shop", taken.map(hoursAgo), hoursAgo(since), NOW).map(({ found }) => found);

  it("is of the last day, or the database itself is no older", () => {
    expect(judge([50, 25], 100)).toEqual([]);
    expect(judge([], 25)).toEqual([]);
    expect(judge([50, 26], 100)).toEqual(["26 hours old"]);
    expect(judge([], 26)).toEqual(["none"]);
  });
});

describe("whoever has no right to look", () => {
  const aws = {
    ...config,
    ...{ instanceIdentifier: "shop-prod", vpcId: "vpc-1", bucket: "shop-backups", trail: "shop-backups" },
    ...{ secretArns: { app: "arn:app" }, masterSecretArn: "arn:master" },
  };
  const stack = { stack: "shop-prod", database: { name: "shop" }, applications: [], aws } as unknown as CheckConfig;
  const lookAndFail = (name: string) => {
    const clients = clientsFor(undefined);
    const send = () => Promise.reject(Object.assign(new Error("not you"), { name }));
    Object.values(clients).forEach((client: object) => Object.assign(client, { send }));
    return checkAws(stack, clients, NOW);
  };

  it("is told of each check that it could not be made", async () => {
    const results = await lookAndFail("AccessDeniedException");
    expect(results.map(({ check, skipped }) => [check, skipped])).toEqual(
      AWS_CHECKS.map(({ check }) => [check, "not you"]),
    );
  });

  it("is not told so of anything else that goes wrong", async () => {
    await expect(lookAndFail("TimeoutError")).rejects.toThrow("not you");
  });
});
