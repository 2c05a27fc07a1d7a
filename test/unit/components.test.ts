import { output } from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { onlyApplication } from "../../model/access/applications";
import { Credentials } from "../../components/access/credentials";
import { Database } from "../../components/database/database";
import { Encryption } from "../../components/encryption/encryption";
import { hidingPolicy } from "../../model/observability/hidden-columns";
import { Monitoring } from "../../components/observability/notifications";
import { Network } from "../../components/network/network";
import { PARAMETERS } from "../../model/parameters";
import { Roles } from "../../components/access/roles";
import { tagsOf } from "../../model/aws/tags";
import { parseSettings } from "../../model/settings";
import { among, record, Registered } from "../support/mocks";

/** How the components are wired, seen by a monitor that notes every registration. */
let all: Registered[];

const account = { id: "123456789012", partition: "aws", region: "eu-central-1" };
const logRetentionDays = 365;

function program(): void {
  const settings = parseSettings("test", {
    application: "shop",
    network: { adminCidrs: ["10.8.0.0/24"], endpoints: ["s3", "secretsmanager"] },
    database: { engineVersion: "17.5", port: 6543, readReplica: false },
    access: { deployers: ["deploy"], readers: { app: ["web"] } },
    schemas: ["public", "sales"],
  });
  const tags = tagsOf(settings, "test", "internal");
  const name = "shop-test";
  const encryption = new Encryption(name, { account, protect: true, keepDatabaseKey: true, tags });
  const { databaseKeyArn: storageKeyArn, secretsKeyArn, logsKeyArn } = encryption;
  const network = new Network(name, {
    account,
    settings: settings.network,
    databasePort: 6543,
    services: [],
    logsKeyArn,
    logRetentionDays,
    tags,
  });
  const database = new Database(name, {
    account,
    databaseName: "shop",
    masterUsername: "shop_admin",
    settings: settings.database,
    parameters: [...PARAMETERS],
    subnetIds: network.databaseSubnetIds,
    securityGroupId: network.databaseSecurityGroupId,
    storageKeyArn,
    secretsKeyArn,
    logsKeyArn,
    logRetentionDays,
    hiddenColumns: ["password", "token"],
    tags,
  });
  const application = onlyApplication("shop", settings.schemas, settings.roles);
  const credentials = new Credentials(name, {
    account,
    application,
    ...settings.access,
    address: { host: database.host, port: database.port },
    master: { secretArn: database.masterSecretArn, managed: true },
    secretsKeyArn,
    protect: true,
    tags,
  });
  new Roles(name, {
    application,
    database,
    connection: { host: database.host, port: database.port, sslmode: "verify-full" },
    caFile: "ca.pem",
    credentials,
    extensions: ["pg_stat_statements"],
    protect: true,
    checks: {
      trustOwnNames: () => output("master-password"),
      remember: () => undefined,
      verifyPassword: ({ password }) => password,
      endSessionsOf: () => output(0),
      applyAudit: () => output(0),
    },
  });
  const { instanceIdentifier, parameterGroupName } = database;
  new Monitoring(name, {
    account,
    instanceIdentifier,
    parameterGroupName,
    logsKeyArn,
    emails: ["ops@example.com"],
    tags,
  });
}

const { ofType, one } = among(() => all);

beforeAll(async () => {
  all = await record(program);
});

describe("network", () => {
  it("has subnets in each zone, all on one route table without routes", () => {
    const subnets = ofType("aws:ec2/subnet:Subnet");
    expect(
      subnets.map(({ name, inputs }) => [name, inputs.cidrBlock, inputs.availabilityZone, inputs.mapPublicIpOnLaunch]),
    ).toEqual([
      ["shop-test-database-1", "10.20.0.0/20", "zone-a", false],
      ["shop-test-database-2", "10.20.16.0/20", "zone-b", false],
      ["shop-test-database-3", "10.20.32.0/20", "zone-c", false],
      ["shop-test-operations-1", "10.20.48.0/20", "zone-a", false],
      ["shop-test-operations-2", "10.20.64.0/20", "zone-b", false],
      ["shop-test-operations-3", "10.20.80.0/20", "zone-c", false],
    ]);
    expect(one("aws:ec2/routeTable:RouteTable").inputs.routes).toBeUndefined();
    expect(ofType("aws:ec2/routeTableAssociation:RouteTableAssociation")).toHaveLength(6);
    expect(all.filter(({ type }) => /internetGateway|natGateway|:Route$/.test(type))).toEqual([]);
  });

  it("opens the database's port to the application's group and the VPN, endpoints to the application, and nothing else", () => {
    const rule = ({ inputs }: Registered) => [
      inputs.securityGroupId,
      inputs.referencedSecurityGroupId ?? inputs.cidrIpv4 ?? inputs.prefixListId,
      [inputs.ipProtocol, inputs.fromPort, inputs.toPort].join(" "),
    ];
    const inTurn = (type: string) => ofType(type).map(rule).sort();
    expect(inTurn("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")).toEqual([
      ["shop-test-database-id", "10.8.0.0/24", "tcp 6543 6543"],
      ["shop-test-database-id", "shop-test-application-id", "tcp 6543 6543"],
      ["shop-test-endpoints-id", "shop-test-application-id", "tcp 443 443"],
    ]);
    expect(inTurn("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")).toEqual([
      ["shop-test-application-id", "pl-s3", "tcp 443 443"],
      ["shop-test-application-id", "shop-test-database-id", "tcp 6543 6543"],
      ["shop-test-application-id", "shop-test-endpoints-id", "tcp 443 443"],
    ]);
    for (const { inputs } of [
      ...ofType("aws:ec2/securityGroup:SecurityGroup"),
      one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"),
    ]) {
      expect([inputs.ingress, inputs.egress]).toEqual([undefined, undefined]);
    }
  });

  it("has endpoints for what was asked for, for this account only", () => {
    const endpoints = ofType("aws:ec2/vpcEndpoint:VpcEndpoint");
    expect(endpoints.map(({ inputs }) => [inputs.vpcEndpointType, inputs.serviceName])).toEqual([
      ["Gateway", "com.amazonaws.eu-central-1.s3"],
      ["Interface", "com.amazonaws.eu-central-1.secretsmanager"],
    ]);
    for (const { inputs } of endpoints) {
      expect(inputs.policy).toContain('{"StringEquals":{"aws:PrincipalAccount":"123456789012"}}');
    }
  });

  it("logs what flows, encrypted, for as long as was asked for", () => {
    expect(one("aws:ec2/flowLog:FlowLog").inputs).toMatchObject({
      trafficType: "ALL",
      logDestination: "arn:aws:logs:eu-central-1:123456789012:log-group:/shop/sessions",
      vpcId: "shop-test-id",
    });
    const groups = ofType("aws:cloudwatch/logGroup:LogGroup");
    expect(groups).toHaveLength(3);
    for (const { inputs } of groups) {
      expect(inputs).toMatchObject({ kmsKeyId: "arn:shop-test-logs", retentionInDays: 365 });
    }
  });

  it("hides columns in PostgreSQL's log, before the database writes to it", () => {
    const { inputs } = one("aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy");
    expect(inputs.logGroupName).toBe("/aws/rds/instance/shop-test/postgresql");
    expect(JSON.parse(inputs.policyDocument as string)).toEqual(
      hidingPolicy("shop-test-postgresql", ["password", "token"]),
    );
    expect(one("aws:rds/instance:Instance").dependencies).toContainEqual(
      expect.stringMatching(/LogDataProtectionPolicy::shop-test-postgresql$/),
    );
  });
});

describe("database", () => {
  it("is private, encrypted with its own key, and hard to delete", () => {
    const { inputs, protect } = one("aws:rds/instance:Instance");
    expect(protect).toBe(true);
    expect(inputs).toMatchObject({
      publiclyAccessible: false,
      storageEncrypted: true,
      kmsKeyId: "arn:shop-test-database",
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: "arn:shop-test-secrets",
      username: "shop_admin",
      deletionProtection: true,
      iamDatabaseAuthenticationEnabled: true,
    });
    expect(inputs.password).toBeUndefined();
  });

  it("leaves a snapshot, backups and the key to both when it is deleted after all", () => {
    expect(one("aws:rds/instance:Instance").inputs).toMatchObject({
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: "shop-test-final-00000000",
      deleteAutomatedBackups: false,
    });
    const kept = all.filter(({ type, retainOnDelete }) => retainOnDelete && !type.startsWith("aws:secretsmanager"));
    expect(kept.map(({ type, name }) => [type, name])).toEqual([["aws:kms/key:Key", "shop-test-database"]]);
  });

  it("makes the backups' key, and no other, one that another region can have, and never makes it anew for that", () => {
    const keys = all.filter(({ type }) => type === "aws:kms/key:Key");
    expect(keys.filter(({ inputs }) => inputs.multiRegion).map(({ name }) => name)).toEqual(["shop-test-backups"]);
    expect(keys.filter(({ ignoreChanges }) => !ignoreChanges.includes("multiRegion"))).toEqual([]);
    expect(keys.filter(({ inputs, protect }) => !inputs.enableKeyRotation || !protect)).toEqual([]);
  });

  it("takes its settings from parameters.ts, static ones with the next restart", () => {
    const { inputs } = one("aws:rds/parameterGroup:ParameterGroup");
    expect(inputs).toMatchObject({ family: "postgres17", name: "shop-test-postgres17" });
    const parameters = inputs.parameters as { name: string; value: string; applyMethod: string }[];
    expect(parameters).toHaveLength(PARAMETERS.length);
    expect(parameters).toContainEqual({ name: "rds.force_ssl", value: "1", applyMethod: "immediate" });
    expect(parameters).toContainEqual({ name: "max_connections", value: "100", applyMethod: "pending-reboot" });
  });
});

describe("roles", () => {
  const inside = () => all.filter(({ type }) => /^postgresql:index/.test(type));

  it("come one after the other, in one chain", () => {
    const chain = inside();
    expect(chain.length).toBeGreaterThan(20);
    chain.forEach((resource, index) => {
      const before = chain[index - 1];
      const onOthers = resource.dependencies.filter((urn) => urn.includes("postgresql:index"));
      expect(onOthers, resource.name).toEqual(
        before ? [expect.stringContaining(`${before.type}::${before.name}`)] : [],
      );
    });
  });

  it("get a verifier, never the password", () => {
    for (const role of ofType("postgresql:index/role:Role")) {
      expect(JSON.stringify(role.inputs)).toContain("SCRAM-SHA-256$4096:");
    }
    expect(JSON.stringify(inside().map(({ inputs }) => inputs))).not.toContain("mock-password");
  });

  it("protect the one that owns the tables", () => {
    expect(ofType("postgresql:index/role:Role").map(({ name, protect }) => [name, protect])).toEqual([
      ["shop-test-app", false],
      ["shop-test-app-clone", false],
      ["shop-test-readonly", false],
      ["shop-test-readonly-clone", false],
      ["shop-test-backup", false],
      ["shop-test-backup-clone", false],
      ["shop-test-monitor", false],
      ["shop-test-monitor-clone", false],
      ["shop-test-migrate", true],
      ["shop-test-migrate-clone", false],
    ]);
  });

  it("connect as the master that is no superuser, with the server's name verified", () => {
    expect(one("pulumi:providers:postgresql").inputs).toMatchObject({
      database: "shop",
      username: "shop_admin",
      sslmode: "verify-full",
      sslrootcert: "ca.pem",
      superuser: "false",
    });
  });

  it("replace default privileges by deleting first", () => {
    const list = ofType("postgresql:index/defaultPrivileges:DefaultPrivileges");
    expect(
      list.every(({ deleteBeforeReplace, inputs }) => deleteBeforeReplace && inputs.owner === "shop_migrate"),
    ).toBe(true);
  });
});

describe("credentials", () => {
  it("tell of a password only after the server knows it", () => {
    const [app, readonly, migrate] = ofType("aws:secretsmanager/secretVersion:SecretVersion");
    const last = ofType("postgresql:index/defaultPrivileges:DefaultPrivileges").at(-1);
    // One after the other, and the first after everything in the server.
    expect(app?.dependencies).toContainEqual(expect.stringContaining(`${last?.type}::${last?.name}`));
    // The version before stays: AWSPREVIOUS is what is still in use until the next one.
    expect([app, readonly, migrate].map((version) => version?.retainOnDelete)).toEqual([true, true, true]);
    expect(readonly?.dependencies).toContainEqual(expect.stringContaining("SecretVersion::shop-test-app"));
    expect(migrate?.dependencies).toContainEqual(expect.stringContaining("SecretVersion::shop-test-readonly"));
  });

  it("give each secret a policy that reads it alone", () => {
    const { inputs } = one("aws:iam/policy:Policy", "shop-test-app-read-secret");
    const policy = JSON.parse(inputs.policy as string) as { Statement: { Resource: string }[] };
    expect(policy.Statement.map(({ Resource }) => Resource)).toEqual(["arn:shop-test-app", "arn:shop-test-secrets"]);
  });
});
