import {
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { beforeAll, describe, expect, test } from "vitest";
import { Values } from "../providers/protocol/model";
import { Managed, useAwsProvider } from "../../test/support/aws-provider";

/** Without the local RDS in front of the emulator: no server, and no secret of the master's. */
describe("the local aws provider: RDS", () => {
  const on = useAwsProvider();
  let rds: RDSClient;
  let subnetIds: string[];
  let securityGroupId: string;
  let kmsKeyId: string;
  beforeAll(async () => {
    rds = new RDSClient({});
    const vpc = await on.create("ec2.Vpc", { cidrBlock: "10.0.0.0/16" });
    const subnets = [1, 2, 3].map((n) => on.create("ec2.Subnet", { vpcId: vpc.id, cidrBlock: `10.0.${n}.0/24` }));
    subnetIds = (await Promise.all(subnets)).map(({ id }) => id);
    securityGroupId = (await on.create("ec2.SecurityGroup", { vpcId: vpc.id })).id;
    kmsKeyId = (await on.create("kms.Key", {})).state.arn as string;
  });

  test("SubnetGroup", async () => {
    const [one, two, three] = subnetIds;
    const input = { name: "isolated", subnetIds: [two, one], tags: { a: "1" } };
    const group = await on.create("rds.SubnetGroup", input);
    expect(group.state).toMatchObject({
      description: "Managed by Pulumi",
      arn: "arn:aws:rds:eu-central-1:000000000000:subgrp:isolated",
      vpcId: expect.stringMatching(/^vpc-/) as string,
      tagsAll: { a: "1" },
    });
    expect(await group.drift()).toEqual([]);
    await group.update({ ...input, description: "Isolated", subnetIds: [one, three], tags: { b: "2" } });
    expect(group.state).toMatchObject({ description: "Isolated", tags: { b: "2" } });
    expect(await group.drift()).toEqual([]);
    expect(group.plan({ ...input, name: "other" }).replaces).toEqual(["name"]);
    expect(group.failures({ ...input, name: "Upper" })[0]?.reason).toContain("only lowercase alphanumeric");
    await group.delete();
  });

  test("ParameterGroup", async () => {
    const many = Array.from({ length: 30 }, (_, n) => ({ name: `test.parameter_${n}`, value: String(n) }));
    const parameters = [
      ...many,
      { name: "LOG_statement", value: "ddl" },
      { name: "shared_buffers", value: "16384", applyMethod: "pending-reboot" },
    ];
    const input = { name: "own-postgres17", family: "postgres17", parameters, tags: { a: "1" } };
    const group = await on.create("rds.ParameterGroup", input);
    expect(group.state).toMatchObject({ family: "postgres17", description: "Managed by Pulumi" });
    expect(group.state.parameters).toHaveLength(32);
    expect(group.state.parameters).toContainEqual({ name: "log_statement", value: "ddl", applyMethod: "immediate" });
    expect(await group.drift()).toEqual([]);
    // A parameter that has its default value anyway stays in the state.
    const fewer = [{ name: "work_mem", value: "4MB" }, ...many.slice(0, 2)];
    await group.update({ ...input, parameters: fewer });
    expect(group.state.parameters).toHaveLength(3);
    expect(await group.drift()).toEqual([]);
    const byHand = { ParameterName: "work_mem", ParameterValue: "8MB", ApplyMethod: "immediate" as const };
    await rds.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName: group.id, Parameters: [byHand] }));
    expect(await group.drift()).toEqual(["parameters"]);
    expect((await group.imported()).parameters).toHaveLength(3);
    expect(group.plan({ ...input, family: "postgres18" }).replaces).toEqual(["family"]);
    await group.delete();
  });

  describe("Instance", () => {
    let input: Values;
    let instance: Managed;
    beforeAll(async () => {
      await on.create("rds.SubnetGroup", { name: "database", subnetIds });
      for (const name of ["one-postgres17", "two-postgres17"]) {
        await on.create("rds.ParameterGroup", { name, family: "postgres17" });
      }
      input = {
        identifier: "database",
        engine: "postgres",
        engineVersion: "17",
        instanceClass: "db.t4g.small",
        allocatedStorage: 20,
        storageType: "gp3",
        storageEncrypted: true,
        kmsKeyId,
        dbName: "app",
        username: "app_admin",
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: kmsKeyId,
        port: 5432,
        publiclyAccessible: false,
        multiAz: false,
        dbSubnetGroupName: "database",
        vpcSecurityGroupIds: [securityGroupId],
        parameterGroupName: "one-postgres17",
        caCertIdentifier: "rds-ca-rsa4096-g1",
        backupWindow: "01:00-02:00",
        maintenanceWindow: "Sun:03:00-Sun:04:00",
        backupRetentionPeriod: 7,
        enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
        iamDatabaseAuthenticationEnabled: true,
        autoMinorVersionUpgrade: true,
        copyTagsToSnapshot: true,
        deletionProtection: true,
        skipFinalSnapshot: false,
        tags: { a: "1" },
      };
      instance = await on.create("rds.Instance", input);
    });

    test("is created as asked for", async () => {
      expect(instance.id).toMatch(/^db-[0-9A-Z]+$/);
      expect(instance.state).toMatchObject({
        arn: "arn:aws:rds:eu-central-1:000000000000:db:database",
        resourceId: instance.id,
        status: "available",
        endpoint: `${instance.state.address as string}:${instance.state.port as number}`,
        engineVersion: "17",
        masterUserSecrets: [],
        caCertIdentifier: "rds-ca-rsa4096-g1",
        backupWindow: "01:00-02:00",
        tagsAll: { a: "1" },
      });
      expect(instance.state.engineVersionActual).toMatch(/^17/);
      expect(await instance.drift()).toEqual([]);
    });

    test("the port it got is an output, not a drift", () => {
      const { port: _, ...rest } = input;
      expect(instance.plan(rest).changes).toEqual([]);
      expect(instance.plan({ ...input, port: 5433 })).toEqual({ changes: ["port"], replaces: [] });
    });

    test.each([
      ["engine", "mysql"],
      ["username", "other"],
      ["dbName", "other"],
      ["storageEncrypted", false],
      ["kmsKeyId", "arn:aws:kms:eu-central-1:000000000000:key/other"],
      ["availabilityZone", "eu-central-1c"],
    ])("another %s replaces it", (name, value) => {
      expect(instance.plan({ ...input, [name]: value })).toEqual({ changes: [name], replaces: [name] });
    });

    test("is changed in place", async () => {
      const changed = {
        ...input,
        allocatedStorage: 30,
        maxAllocatedStorage: 100,
        instanceClass: "db.m7g.large",
        parameterGroupName: "two-postgres17",
        backupRetentionPeriod: 14,
        iamDatabaseAuthenticationEnabled: undefined,
        enabledCloudwatchLogsExports: ["postgresql"],
        autoMinorVersionUpgrade: false,
        deletionProtection: undefined,
        tags: { b: "2" },
      };
      await instance.update({ ...changed, applyImmediately: true });
      expect(instance.state).toMatchObject({
        ...{ allocatedStorage: 30, maxAllocatedStorage: 100, parameterGroupName: "two-postgres17" },
        ...{ deletionProtection: false, iamDatabaseAuthenticationEnabled: false, tagsAll: { b: "2" } },
      });
      expect(await instance.drift()).toEqual([]);
      await instance.update({ ...changed, maxAllocatedStorage: undefined, applyImmediately: true });
      expect(await instance.drift()).toEqual([]);
      await instance.update({ ...input, applyImmediately: true });
      expect(await instance.drift()).toEqual([]);
    });

    test("a change by hand is a drift", async () => {
      const hand = { DBInstanceIdentifier: "database", ApplyImmediately: true };
      await rds.send(new ModifyDBInstanceCommand({ ...hand, PubliclyAccessible: true, MultiAZ: true }));
      expect((await instance.drift()).sort()).toEqual(["multiAz", "publiclyAccessible"]);
      await rds.send(new ModifyDBInstanceCommand({ ...hand, PubliclyAccessible: false, MultiAZ: false }));
      expect(await instance.drift()).toEqual([]);
    });

    test("cannot be renamed here, and is not replaced for it", async () => {
      const renamed = { ...input, identifier: "other" };
      expect(instance.plan(renamed).replaces).toEqual([]);
      const before = { ...instance };
      await expect(instance.update(renamed)).rejects.toThrow("the emulator cannot rename an instance");
      Object.assign(instance, before);
    });

    test("is imported by its name", async () => {
      const state = await instance.imported("database");
      expect(state).toMatchObject({ resourceId: instance.id, skipFinalSnapshot: true, deleteAutomatedBackups: true });
      expect(await instance.imported("no-such-database")).toBeUndefined();
    });

    test("is deleted only when it may be, and leaves a snapshot", async () => {
      await expect(instance.delete()).rejects.toThrow(
        /^deleting RDS DB Instance \(db-.*\): final_snapshot_identifier is required when skip_final_snapshot is false$/,
      );
      await instance.update({ ...input, finalSnapshotIdentifier: "database-final" });
      await expect(instance.delete()).rejects.toThrow("InvalidParameterCombination");
      await instance.update({ ...input, finalSnapshotIdentifier: "database-final", deletionProtection: false });
      await instance.delete();
      const { DBSnapshots = [] } = await rds.send(new DescribeDBSnapshotsCommand({}));
      expect(DBSnapshots.map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier)).toEqual(["database-final"]);
      expect((await rds.send(new DescribeDBInstancesCommand({}))).DBInstances).toEqual([]);
    });

    test("faulty arguments", async () => {
      const managed = on.managed("rds.Instance");
      const reasons = (more: Values) => managed.failures({ ...input, ...more }).map(({ reason }) => reason);
      expect(reasons({ identifier: "Upper" })[0]).toContain("only lowercase alphanumeric characters and hyphens");
      expect(reasons({ identifier: "a--b" })[0]).toContain("cannot contain two consecutive hyphens");
      expect(reasons({ finalSnapshotIdentifier: "-x" })[0]).toContain("must begin with alphabetic character");
      expect(reasons({ kmsKeyId: "1234" })).toEqual(['"kmsKeyId" (1234) is an invalid ARN']);
      expect(reasons({ password: "secret" })).toEqual(['"manageMasterUserPassword": conflicts with password']);
      expect(reasons({ backupRetentionPeriod: 36 })[0]).toContain("in the range (0 - 35), got 36");
      const { username: _, ...nobody } = input;
      await expect(managed.create({ ...nobody, identifier: "nobody" })).rejects.toThrow('"username": required field');
    });
  });
});
