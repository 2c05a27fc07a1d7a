import { output } from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { Backup } from "../../components/backup";
import { Credentials } from "../../components/credentials";
import { Database } from "../../components/database";
import { Encryption } from "../../components/encryption";
import { Network } from "../../components/network";
import { PARAMETERS } from "../../components/parameters";
import { Roles } from "../../components/roles";
import { record, Registered } from "../support/mocks";

/** How the components are wired, seen by a monitor that notes every registration. */
let all: Registered[];

function program(): void {
  const tags = { Environment: "test" };
  const encryption = new Encryption("shop-test", { protect: true, tags });
  const network = new Network("shop-test", { vpcCidr: "10.0.0.0/16", availabilityZones: 3, databasePort: 6543, tags });
  const database = new Database("shop-test", {
    databaseName: "shop",
    masterUsername: "shop_admin",
    engineVersion: "17.5",
    instanceClass: "db.t4g.micro",
    storageGb: 20,
    port: 6543,
    multiAz: false,
    backupRetentionDays: 7,
    deletionProtection: true,
    parameters: [...PARAMETERS],
    subnetIds: network.databaseSubnetIds,
    securityGroupId: network.databaseSecurityGroupId,
    storageKeyArn: encryption.databaseKeyArn,
    secretsKeyArn: encryption.secretsKeyArn,
    tags,
  });
  const credentials = new Credentials("shop-test", {
    application: "shop",
    secretsKeyArn: encryption.secretsKeyArn,
    protect: true,
    tags,
  });
  const roles = new Roles("shop-test", {
    application: "shop",
    database,
    caFile: "ca.pem",
    credentials: credentials.of,
    schemas: ["public", "sales"],
    extensions: ["pg_stat_statements"],
    protect: true,
  });
  credentials.publish({ host: database.host, port: database.port, databaseName: "shop" }, roles);
  new Backup("shop-test-backups", { keyArn: output("arn:key"), protect: true, tags });
}

const ofType = (type: string) => all.filter((resource) => resource.type === type);
const one = (type: string, name?: string) => {
  const found = ofType(type).filter((resource) => !name || resource.name === name);
  expect(found, `${type} ${name ?? ""}`).toHaveLength(1);
  return found[0] as Registered;
};

beforeAll(async () => {
  all = await record(program);
});

describe("network", () => {
  it("has a subnet in each zone, all on one route table without routes", () => {
    const subnets = ofType("aws:ec2/subnet:Subnet");
    expect(
      subnets.map(({ inputs }) => [inputs.cidrBlock, inputs.availabilityZone, inputs.mapPublicIpOnLaunch]),
    ).toEqual([
      ["10.0.0.0/20", "zone-a", false],
      ["10.0.16.0/20", "zone-b", false],
      ["10.0.32.0/20", "zone-c", false],
    ]);
    expect(one("aws:ec2/routeTable:RouteTable").inputs.routes).toBeUndefined();
    expect(ofType("aws:ec2/routeTableAssociation:RouteTableAssociation")).toHaveLength(3);
    expect(all.filter(({ type }) => /internetGateway|natGateway|:Route$/.test(type))).toEqual([]);
  });

  it("opens one port, from the application's group to the database's, and nothing else", () => {
    const port = { ipProtocol: "tcp", fromPort: 6543, toPort: 6543 };
    expect(one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs).toMatchObject({
      ...port,
      securityGroupId: "shop-test-database-id",
      referencedSecurityGroupId: "shop-test-application-id",
    });
    expect(one("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule").inputs).toMatchObject({
      ...port,
      securityGroupId: "shop-test-application-id",
      referencedSecurityGroupId: "shop-test-database-id",
    });
    for (const { inputs } of [
      ...ofType("aws:ec2/securityGroup:SecurityGroup"),
      one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"),
    ]) {
      expect([inputs.ingress, inputs.egress]).toEqual([undefined, undefined]);
    }
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
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: "shop-test-final",
    });
    expect(inputs.password).toBeUndefined();
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
      ["shop-test-readonly", false],
      ["shop-test-migrate", true],
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
    const versions = ofType("aws:secretsmanager/secretVersion:SecretVersion");
    expect(versions).toHaveLength(3);
    for (const { name, dependencies } of versions) {
      expect(dependencies, name).toContainEqual(expect.stringMatching(/postgresql:index\/role:Role::shop-test-app$/));
    }
  });

  it("give each secret a policy that reads it alone", () => {
    const { inputs } = one("aws:iam/policy:Policy", "shop-test-app-read-secret");
    const policy = JSON.parse(inputs.policy as string) as { Statement: { Resource: string }[] };
    expect(policy.Statement.map(({ Resource }) => Resource)).toEqual(["arn:shop-test-app", "arn:shop-test-secrets"]);
  });
});

describe("backup bucket", () => {
  it("is versioned, encrypted, closed and protected", () => {
    expect(one("aws:s3/bucket:Bucket").protect).toBe(true);
    expect(one("aws:s3/bucketVersioning:BucketVersioning").inputs.versioningConfiguration).toEqual({
      status: "Enabled",
    });
    expect(one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const rules = JSON.stringify(
      one("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration").inputs.rules,
    );
    expect(rules).toContain("aws:kms");
    expect(one("aws:s3/bucketPolicy:BucketPolicy").inputs.policy).toContain('"aws:SecureTransport":"false"');
  });
});
