import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import {
  DBInstance,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  RebootDBInstanceCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from "@aws-sdk/client-rds";
import { DescribeSecretCommand, ListSecretsCommand } from "@aws-sdk/client-secrets-manager";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../shared/paths";
import { hasPgaudit, LocalRds } from "../../test/support/local-rds";

function everyFile(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

const described = (local: LocalRds, id: string) =>
  local.rds
    .send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))
    .then(({ DBInstances }) => DBInstances?.[0] as DBInstance);

describe.each(["15", "17"])("the local RDS, PostgreSQL %s", async (version) => {
  const canAudit = await hasPgaudit(version);
  const id = `shop-${version}`;
  let local: LocalRds;
  let instance: DBInstance;

  beforeAll(async () => {
    local = await LocalRds.open(`rds-${version}`);
    instance = await local.create(id, {
      EngineVersion: version,
      MasterUserSecretKmsKeyId: "alias/secrets",
      Port: 5432,
    });
  });
  afterAll(() => local.close());

  it("is of the version that was asked for", async () => {
    expect(await local.value(instance, "SHOW server_version")).toMatch(new RegExp(`^${version}\\.`));
  });

  it("is described where it really listens, with the master's secret", async () => {
    expect(instance.Endpoint?.Address).toBe("localhost");
    expect(instance.Endpoint?.Port).toBeGreaterThan(1024);
    expect(instance.Endpoint?.Port).toBeLessThan(32768);
    expect(instance.MasterUserSecret).toMatchObject({ SecretStatus: "active", KmsKeyId: "alias/secrets" });
    const found = await described(local, id);
    expect(found.Endpoint).toEqual(instance.Endpoint);
    expect(found.MasterUserSecret).toEqual(instance.MasterUserSecret);
    const modified = await local.rds.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: id, CopyTagsToSnapshot: true }),
    );
    expect(modified.DBInstance?.MasterUserSecret).toEqual(instance.MasterUserSecret);
    const secret = await local.secrets.send(
      new DescribeSecretCommand({ SecretId: instance.MasterUserSecret?.SecretArn }),
    );
    expect(secret.Name).toMatch(/^rds!db-[0-9a-f-]{36}$/);
    expect(secret.KmsKeyId).toBe("alias/secrets");
  });

  describe("connections", () => {
    const refused = (settings: object) => local.as(instance, (client) => client.query("SELECT 1"), settings);

    it("are encrypted, with SCRAM", async () => {
      const tls = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
      expect(await local.value(instance, tls)).toMatch(/^TLSv1\.[23]$/);
    });

    it("are refused without TLS, in RDS's words", async () => {
      await expect(refused({ ssl: false })).rejects.toMatchObject({
        code: "28000",
        message: expect.stringMatching(/no pg_hba.conf entry for host "127.0.0.1".*no encryption/) as string,
      });
    });

    it("are refused by a client that trusts another authority", async () => {
      const ca = readFileSync(path.join(ROOT, "test/support/other-ca.pem"), "utf8");
      await expect(refused({ ssl: { ca } })).rejects.toThrowError(/unable to (verify|get)|self.signed/);
    });

    it("are refused by a client that expects another name", async () => {
      await expect(refused({ host: "127.0.0.1" })).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    });

    it("are refused with a wrong password, and to the superuser with any", async () => {
      await expect(refused({ password: "wrong" })).rejects.toMatchObject({ code: "28P01" });
      await expect(refused({ user: "rdsadmin", password: "x" })).rejects.toMatchObject({ code: "28000" });
    });

    it("are refused to a role whose password is an md5 hash", async () => {
      await local.as(instance, (master) => master.query(`CREATE ROLE old_times LOGIN PASSWORD 'md5${"0".repeat(32)}'`));
      await expect(refused({ user: "old_times", password: "x" })).rejects.toMatchObject({ code: "28P01" });
      await local.as(instance, (master) => master.query("DROP ROLE old_times"));
    });
  });

  describe("the master", () => {
    it("is no superuser, makes roles and databases, and owns the database", async () => {
      await local.as(instance, async (master) => {
        const { rows } = await master.query(
          `SELECT rolsuper, rolcreaterole, rolcreatedb, rolinherit, rolreplication, rolbypassrls,
                  pg_has_role(rolname, 'rds_superuser', 'MEMBER') AS rds_superuser,
                  (SELECT pg_get_userbyid(datdba) = rolname FROM pg_database WHERE datname = current_database()) AS owner
           FROM pg_roles WHERE rolname = current_user`,
        );
        expect(rows).toEqual([
          {
            ...{ rolsuper: false, rolcreaterole: true, rolcreatedb: true, rolinherit: true },
            ...{ rolreplication: false, rolbypassrls: false, rds_superuser: true, owner: true },
          },
        ]);
      });
    });

    it("gives rds_superuser on, and no superuser can be made", async () => {
      await local.as(instance, async (master) => {
        await master.query("CREATE ROLE helper; GRANT rds_superuser TO helper; DROP ROLE helper");
        await expect(master.query("CREATE ROLE root SUPERUSER")).rejects.toMatchObject({ code: "42501" });
        await expect(master.query("COPY (SELECT 1) TO PROGRAM 'true'")).rejects.toMatchObject({ code: "42501" });
      });
    });

    it("creates, uses and drops the extension pg_stat_statements", async () => {
      await local.as(instance, async (master) => {
        await master.query("CREATE EXTENSION pg_stat_statements");
        await master.query("SELECT count(*) FROM pg_stat_statements");
        await master.query("DROP EXTENSION pg_stat_statements");
      });
    });

    it.skipIf(!canAudit)("cannot create pgaudit in a server that has not loaded it", async () => {
      await local.as(instance, (master) =>
        expect(master.query("CREATE EXTENSION pgaudit")).rejects.toThrowError(/shared_preload_libraries/),
      );
    });
  });

  it("keeps the master's password out of every file and every log line", async () => {
    const password = await local.password(instance);
    const holding = everyFile(local.dataDir).filter((file) => readFileSync(file).includes(password));
    expect(holding).toEqual([]);
    expect(local.log.join("\n")).not.toContain(password);
    const commands = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`).includes(password));
    expect(commands).toEqual([]);
  });

  it("shows the master no verifier of its own in the statistics", async () => {
    await local.as(instance, async (master) => {
      await master.query("CREATE EXTENSION pg_stat_statements");
      const { rows } = await master.query("SELECT query FROM pg_stat_statements WHERE query ~ 'SCRAM-SHA-256\\$[0-9]'");
      await master.query("DROP EXTENSION pg_stat_statements");
      expect(rows).toEqual([]);
    });
  });

  it("makes an instance without a database of its own, and postgres belongs to the master", async () => {
    const bare = await local.create(`bare-${version}`, { EngineVersion: version, DBName: undefined });
    await local.as(
      bare,
      async (master) => {
        await master.query("CREATE SCHEMA mine");
      },
      { database: "postgres" },
    );
    await local.rds.send(
      new DeleteDBInstanceCommand({ DBInstanceIdentifier: `bare-${version}`, SkipFinalSnapshot: true }),
    );
  });

  it("keeps private keys to the account of the server", () => {
    const keys = everyFile(local.dir).filter((file) => readFileSync(file).includes("PRIVATE KEY"));
    expect(keys.length).toBeGreaterThan(1);
    expect(keys.filter((file) => (statSync(file).mode & 0o077) !== 0)).toEqual([]);
  });

  it("keeps its data over StopDBInstance and StartDBInstance, and over a reboot", async () => {
    const of = { DBInstanceIdentifier: id };
    await local.as(instance, (master) => master.query("CREATE TABLE kept AS SELECT 42 AS answer"));
    const before = await local.value(instance, "SELECT pg_postmaster_start_time()");
    await local.rds.send(new RebootDBInstanceCommand(of));
    expect(await local.value(instance, "SELECT pg_postmaster_start_time()")).not.toEqual(before);
    await local.rds.send(new StopDBInstanceCommand(of));
    await expect(local.login(instance)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await local.rds.send(new StartDBInstanceCommand(of));
    expect(await local.value(instance, "SELECT answer FROM kept")).toBe(42);
  });

  it("outlives the front, and comes back on its port with its data after all was stopped", async () => {
    await local.closeFront();
    const password = await local.password(instance);
    expect(await local.as(instance, (master) => master.query("SELECT 1"), { password })).toBeDefined();
    await local.stopInstances();
    await local.stopInstances();
    await expect(local.login(instance)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await Promise.all([local.openFront(), local.startInstances()]);
    await local.startInstances();
    expect(await local.value(instance, "SELECT answer FROM kept")).toBe(42);
  });

  it("takes a new password for the master from ModifyDBInstance", async () => {
    const plain = await local.create(`plain-${version}`, {
      EngineVersion: version,
      ManageMasterUserPassword: undefined,
      MasterUserPassword: "first-Password1",
    });
    expect(plain.MasterUserSecret).toBeUndefined();
    await local.as(plain, (master) => master.query("SELECT 1"), { password: "first-Password1" });
    await local.rds.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: plain.DBInstanceIdentifier,
        MasterUserPassword: "second-Password2",
        ApplyImmediately: true,
      }),
    );
    await local.as(plain, (master) => master.query("SELECT 1"), { password: "second-Password2" });
    await expect(local.login(plain, { password: "first-Password1" })).rejects.toMatchObject({ code: "28P01" });
  });

  it.each([
    ["9.6", /Cannot find version 9.6 for postgres/],
    ["17.99", /Cannot find version 17.99 for postgres/],
  ])("refuses version %s and leaves nothing", async (wrong, message) => {
    await expect(local.create("wrong", { EngineVersion: wrong })).rejects.toMatchObject({
      name: "InvalidParameterCombination",
      message: expect.stringMatching(message) as string,
    });
    expect(readdirSync(local.dataDir)).not.toContain("wrong");
  });

  it.each(["../escaped", "a/b", "1st", "-"])("refuses the identifier %j", async (identifier) => {
    await expect(local.create(identifier, { EngineVersion: version })).rejects.toMatchObject({
      name: "InvalidParameterValue",
    });
    expect(readdirSync(local.dir).sort()).toEqual(["emulator", "rds", "tls"]);
  });

  it("refuses a second instance of the same name, and the first goes on", async () => {
    const before = await local.secrets.send(new ListSecretsCommand({}));
    await expect(local.create(id, { EngineVersion: version })).rejects.toMatchObject({
      name: "DBInstanceAlreadyExistsFault",
    });
    expect(await local.value(instance, "SELECT answer FROM kept")).toBe(42);
    expect((await local.secrets.send(new ListSecretsCommand({}))).SecretList).toHaveLength(
      before.SecretList?.length ?? -1,
    );
  });

  it("is gone after DeleteDBInstance: server, folder, secret", async () => {
    const target = { DBInstanceIdentifier: id };
    await local.rds.send(new ModifyDBInstanceCommand({ ...target, DeletionProtection: true, ApplyImmediately: true }));
    await expect(
      local.rds.send(new DeleteDBInstanceCommand({ ...target, SkipFinalSnapshot: true })),
    ).rejects.toThrowError(/DeletionProtection|deletion protection/i);
    expect(await local.value(instance, "SELECT answer FROM kept")).toBe(42);
    await local.rds.send(new ModifyDBInstanceCommand({ ...target, DeletionProtection: false, ApplyImmediately: true }));
    await local.rds.send(new DeleteDBInstanceCommand({ ...target, SkipFinalSnapshot: true }));
    expect(readdirSync(local.dataDir)).not.toContain(id);
    const late = new Client({ host: "localhost", port: instance.Endpoint?.Port });
    await expect(late.connect()).rejects.toMatchObject({ code: "ECONNREFUSED" });
    const { SecretList = [] } = await local.secrets.send(new ListSecretsCommand({}));
    expect(SecretList.map(({ ARN }) => ARN)).not.toContain(instance.MasterUserSecret?.SecretArn);
  });
});
