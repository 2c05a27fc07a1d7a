import { describe, expect, it } from "vitest";
import { environmentOf, POLICIES, PolicyName } from "../../policy/levels";
import { toPlain, UNKNOWN, Values } from "../../policy/resource";
import { findings, resource, says } from "../support/policies/findings";

/** Decisions that need no engine: kinds of resource that the stack has not, values that a preview does not know. */
describe("levels", () => {
  it("hold a stack of any name to what prod is held to", () => {
    expect(["local", "dev", "prod", "staging", "prod-eu"].map(environmentOf)).toEqual([
      ...["local", "dev", "prod", "prod", "prod"],
    ]);
  });

  it("are nowhere stricter than in prod", () => {
    expect(POLICIES.filter(({ levels }) => levels.prod !== "mandatory")).toEqual([]);
  });
});

describe("what a preview does not know", () => {
  it("is kept apart from what it knows", () => {
    const throwing = (value: object, key: string): object =>
      new Proxy(value, {
        get: (target, property) => {
          if (property === key) {
            throw new Error("unknown");
          }
          return Reflect.get(target, property) as unknown;
        },
      });
    const shown = { known: 1, list: throwing(["a", "b"], "1"), nested: throwing({ a: 1, b: 2 }, "b") };
    expect(toPlain(throwing({ ...shown, id: "" }, "id"))).toEqual({
      ...{ known: 1, list: ["a", UNKNOWN], nested: { a: 1, b: UNKNOWN } },
      id: UNKNOWN,
    });
  });

  it.each<[PolicyName, string, Values]>([
    ["no-public-database", "aws:rds/instance:Instance", { publiclyAccessible: UNKNOWN }],
    ["no-open-security-group", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", { cidrIpv4: UNKNOWN }],
    ["no-open-security-group", "aws:ec2/securityGroup:SecurityGroup", { ingress: UNKNOWN }],
    ["force-ssl", "aws:rds/parameterGroup:ParameterGroup", { family: "postgres17", parameters: UNKNOWN }],
    ["verified-server", "pulumi:providers:postgresql", { sslmode: UNKNOWN }],
    ["encrypted-storage", "aws:rds/instance:Instance", { storageEncrypted: UNKNOWN, kmsKeyId: UNKNOWN }],
    ["encrypted-log-group", "aws:cloudwatch/logGroup:LogGroup", { kmsKeyId: UNKNOWN }],
    ["no-wildcard-iam", "aws:iam/policy:Policy", { policy: UNKNOWN }],
    ["tagged", "aws:sns/topic:Topic", { tags: UNKNOWN }],
    ["backup-retention", "aws:rds/instance:Instance", { backupRetentionPeriod: UNKNOWN }],
    ["log-retention", "aws:cloudwatch/logGroup:LogGroup", { retentionInDays: UNKNOWN }],
    ["no-plain-secret", "pulumi:pulumi:Stack", { keyArns: { secrets: UNKNOWN }, host: UNKNOWN }],
    ["protected-resources", "postgresql:index/role:Role", {}],
  ])("is left to the update: %s, %s", (name, type, props) => {
    const unnamed = resource("postgresql:index/defaultPrivileges:DefaultPrivileges", {});
    expect(findings(name, resource(type, props), unnamed)).toEqual([]);
  });
});

describe("no-open-security-group", () => {
  const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
  it.each([
    [{ cidrIpv4: "0.0.0.0/0" }, "port 5432 is open to 0.0.0.0/0"],
    [{ cidrIpv6: "::/0" }, "port 5432 is open to ::/0"],
    // Everybody, in two halves.
    [{ cidrIpv4: "128.0.0.0/1" }, "port 5432 is open to 128.0.0.0/1"],
    [{ cidrIpv4: "10.0.0.0/8", toPort: 5440 }, "ports 5432 to 5440 is open to 10.0.0.0/8"],
    [{ cidrIpv4: "10.0.0.0/8", ipProtocol: "-1" }, "every port is open to 10.0.0.0/8"],
  ])("refuses %j", (changed, message) => {
    const props = { ipProtocol: "tcp", fromPort: 5432, toPort: 5432, ...changed };
    expect(findings("no-open-security-group", resource(INGRESS, props))).toEqual(says(message));
  });

  it.each([
    { cidrIpv4: "10.0.0.0/8" },
    { cidrIpv4: "10.1.0.0/16", toPort: 5440 },
    { referencedSecurityGroupId: "sg-1", ipProtocol: "-1", fromPort: undefined, toPort: undefined },
  ])("takes %j", (changed) => {
    const props = { ipProtocol: "tcp", fromPort: 5432, toPort: 5432, ...changed };
    expect(findings("no-open-security-group", resource(INGRESS, props))).toEqual([]);
  });

  it("reads the older kind of rule, and lets what goes out alone", () => {
    const rule = { protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["10.1.0.0/16", "0.0.0.0/0"] };
    const older = (type: string) => resource("aws:ec2/securityGroupRule:SecurityGroupRule", { ...rule, type });
    expect(findings("no-open-security-group", older("ingress"))).toEqual(says("port 22 is open to 0.0.0.0/0"));
    expect(findings("no-open-security-group", older("egress"))).toEqual([]);
  });

  it("reads the default group's own rules", () => {
    const ingress = [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }];
    const group = resource("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", { ingress });
    expect(findings("no-open-security-group", group)).toEqual(says("every port is open to 0.0.0.0/0"));
  });
});

describe("databases", () => {
  const instance = (props: Values) => resource("aws:rds/instance:Instance", props);

  it("may be replicas, which have their source's key, backups and end", () => {
    const replica = instance({ replicateSourceDb: "one", storageEncrypted: true, deletionProtection: true });
    for (const name of [
      "encrypted-storage",
      "backup-retention",
      "deletion-protection",
      "protected-resources",
    ] as const) {
      expect(findings(name, replica)).toEqual([]);
    }
  });

  it("say themselves that they take no plain text, or are new enough for RDS's default to", () => {
    const plain = (more: Values) => findings("force-ssl", instance({ engine: "postgres", ...more }));
    expect(plain({ engineVersion: "14.12", parameterGroupName: "default.postgres14" })).toEqual(
      says("before PostgreSQL 15"),
    );
    expect(plain({ engineVersion: "14.12", parameterGroupName: "own" })).toEqual([]);
    expect(plain({ engineVersion: "15" })).toEqual([]);
  });

  it("of other engines have no such parameter", () => {
    const group = resource("aws:rds/parameterGroup:ParameterGroup", { family: "mysql8.0", parameters: [] });
    expect(findings("force-ssl", group)).toEqual([]);
  });

  it("keep snapshots to themselves", () => {
    const snapshot = resource("aws:rds/snapshot:Snapshot", { sharedAccounts: ["all"] });
    expect(findings("no-public-database", snapshot)).toEqual(says("lets everybody restore the snapshot"));
  });

  it("keep backups at all", () => {
    expect(findings("backup-retention", instance({}))).toEqual(says("is not set, which keeps none"));
    expect(findings("backup-retention", instance({ backupRetentionPeriod: 0 }))).toEqual(says("0 is too few days"));
  });
});

describe("encrypted-storage", () => {
  it("looks at volumes and at every disk of a host", () => {
    const volume = resource("aws:ebs/volume:Volume", { encrypted: false });
    expect(findings("encrypted-storage", volume)).toEqual(says("the volume is not encrypted"));
    const host = (props: Values) => findings("encrypted-storage", resource("aws:ec2/instance:Instance", props));
    expect(host({})).toEqual(says("rootBlockDevice is not encrypted"));
    const disk: Values = { encrypted: true, kmsKeyId: UNKNOWN };
    expect(host({ rootBlockDevice: disk })).toEqual([]);
    expect(host({ rootBlockDevice: disk, ebsBlockDevices: [{ encrypted: true }] })).toEqual(
      says("with a key of AWS's"),
    );
  });
});

describe("no-plain-secret", () => {
  const STACK = "pulumi:pulumi:Stack";
  const password = resource("random:index/randomPassword:RandomPassword", { result: "correct-horse" });

  it("finds the value of a password in any output, however deep, and in tags", () => {
    const stack = resource(STACK, { connection: [{ how: "user=shop password=correct-horse" }] });
    const topic = resource("aws:sns/topic:Topic", { tags: { Note: "correct-horse" } });
    expect(findings("no-plain-secret", password, stack, topic)).toEqual([
      expect.stringContaining("the output connection.0.how"),
      expect.stringContaining("the tag Note"),
    ]);
  });

  it("finds what a secret of AWS's has inside", () => {
    const secretString = JSON.stringify({ username: "shop_app_user", password: "battery-staple" });
    const version = resource("aws:secretsmanager/secretVersion:SecretVersion", { secretString });
    const outputs = resource(STACK, { one: "battery-staple", two: "shop_app_user" });
    expect(findings("no-plain-secret", version, outputs)).toEqual(says("the output one"));
  });

  it.each<Values>([
    { databasePassword: "x" },
    { tokens: ["x"] },
    { keys: { privateKey: UNKNOWN } },
    { note: "-----BEGIN RSA PRIVATE KEY-----" },
    { note: "AKIAIOSFODNN7EXAMPLE" },
    { note: "postgresql://shop:secret@db.example/shop" },
  ])("tells by the name or the look: %j", (outputs) => {
    expect(findings("no-plain-secret", resource(STACK, outputs))).toHaveLength(1);
  });

  it.each([
    { masterSecretArn: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:one" },
    { secret: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:one" },
    { roles: { password: 3 } },
    { url: "https://db.example/shop" },
  ])("takes %j", (outputs) => {
    expect(findings("no-plain-secret", password, resource(STACK, outputs))).toEqual([]);
  });
});

describe("tagged", () => {
  it("names what is missing, and counts the provider's own tags", () => {
    const tags = { Application: "shop", Environment: "prod", Owner: "platform" };
    const topic = (provider?: Values) => findings("tagged", resource("aws:sns/topic:Topic", { tags }, { provider }));
    expect(topic()).toEqual(says("the tags Purpose, DataClassification are missing"));
    const own = JSON.stringify({ tags: { Purpose: "test", DataClassification: "internal" } });
    expect(topic({ defaultTags: own })).toEqual([]);
  });
});

describe("protected-resources", () => {
  it("takes for the owner whose future tables others get rights on", () => {
    const role = (name: string) => resource("postgresql:index/role:Role", { name }, { urn: name });
    const defaults = resource("postgresql:index/defaultPrivileges:DefaultPrivileges", { owner: "shop_migrate" });
    const found = findings("protected-resources", role("shop_app"), role("shop_migrate"), defaults);
    expect(found).toEqual(says("the role that owns the tables"));
  });
});
