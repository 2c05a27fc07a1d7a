import { readdirSync, readFileSync } from "node:fs";
import {
  CreateDBParameterGroupCommand,
  DBInstance,
  DeleteDBParameterGroupCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  ModifyDBInstanceCommandInput,
  ModifyDBParameterGroupCommand,
} from "@aws-sdk/client-rds";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasPgaudit, LocalRds } from "../../test/support/local-rds";

const DBInstanceIdentifier = "shop";
const group = (version: string) => `shop-postgres${version}`;

/** The ids of the processes whose command line is such. */
function processes(wanted: (command: string) => boolean): number[] {
  const found = readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && wanted(readFileSync(`/proc/${name}/cmdline`, "utf8"));
    } catch {
      return false; // it has ended
    }
  });
  return found.map(Number);
}

describe("the local RDS, when its instances change", async () => {
  const canAudit = await hasPgaudit("15");
  let local: LocalRds;
  let instance: DBInstance;

  async function makeGroup(version: string) {
    const DBParameterGroupName = group(version);
    await local.rds.send(
      new CreateDBParameterGroupCommand({
        DBParameterGroupName,
        DBParameterGroupFamily: `postgres${version}`,
        Description: "x",
      }),
    );
    const Parameters = Object.entries({
      work_mem: `${version}000`,
      shared_preload_libraries: "pg_stat_statements,pgaudit",
    }).map(([ParameterName, ParameterValue]) => ({
      ...{ ParameterName, ParameterValue },
      ApplyMethod: "pending-reboot" as const,
    }));
    await local.rds.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName, Parameters }));
  }
  const modify = (change: Partial<ModifyDBInstanceCommandInput>) =>
    local.rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, ...change }));
  const described = async () =>
    (await local.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }))).DBInstances?.[0] as DBInstance;
  const to = (version: string) => ({
    EngineVersion: version,
    DBParameterGroupName: group(version),
    AllowMajorVersionUpgrade: true,
    ApplyImmediately: true,
  });
  const files = () => readdirSync(`${local.dataDir}/${DBInstanceIdentifier}`).sort();

  beforeAll(async () => {
    local = await LocalRds.open("rds-upgrade");
    await Promise.all(["15", "16", "17"].map(makeGroup));
    instance = await local.create(DBInstanceIdentifier, { EngineVersion: "15", DBParameterGroupName: group("15") });
    await local.as(instance, async (master) => {
      await master.query("CREATE ROLE buyer LOGIN PASSWORD 'Kept-over-an-upgrade'");
      await master.query("ALTER ROLE buyer SET statement_timeout = '7s'");
      await master.query("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS id");
      await master.query("GRANT SELECT ON kept TO buyer");
      await (canAudit && master.query("CREATE EXTENSION pgaudit"));
    });
  });
  afterAll(() => local.close());

  const unchanged = async () => {
    expect(await local.value(instance, "SHOW server_version")).toMatch(/^15\./);
    expect(await described()).toMatchObject({ EngineVersion: "15", DBInstanceStatus: "available" });
    expect((await described()).DBParameterGroups?.[0]?.DBParameterGroupName).toBe(group("15"));
    expect(await local.value(instance, "SELECT count(*)::int FROM kept")).toBe(1000);
  };

  // The messages are RDS's own, as far as it says them at once.
  it.each<[string, Partial<ModifyDBInstanceCommandInput>, RegExp]>([
    ["without AllowMajorVersionUpgrade", { AllowMajorVersionUpgrade: false }, /AllowMajorVersionUpgrade flag must be/],
    [
      "with the group of before",
      { DBParameterGroupName: undefined },
      /shop-postgres15 is custom\. You must explicitly/,
    ],
    [
      "with another version's group",
      { DBParameterGroupName: group("17") },
      /DBParameterGroupFamily postgres17 can't be/,
    ],
    [
      "to an earlier version",
      { EngineVersion: "14", DBParameterGroupName: undefined },
      /Cannot upgrade postgres from 15 to 14/,
    ],
    ["to a version that is not there", { EngineVersion: "16.99" }, /Cannot find version 16\.99/],
    ["later, in the maintenance window", { ApplyImmediately: false }, /no maintenance window/],
  ])("refuses an upgrade %s, and goes on", async (_, change, message) => {
    await expect(modify({ ...to("16"), ...change })).rejects.toMatchObject({
      name: "InvalidParameterCombination",
      message: expect.stringMatching(message) as string,
    });
    await unchanged();
  });

  it("refuses a group of another version without an upgrade", async () => {
    await expect(modify({ DBParameterGroupName: group("16") })).rejects.toThrowError(/Please use .* postgres15/);
    await unchanged();
  });

  it.runIf(canAudit)("goes back to the version of before when the data cannot be upgraded", async () => {
    const before = files();
    // This machine has no pgaudit for later versions, as a new version on RDS may lack an extension.
    await expect(modify(to("16"))).rejects.toThrowError(/loadable libraries/);
    await unchanged();
    await expect(local.login(instance, { ssl: false })).rejects.toMatchObject({ code: "28000" });
    expect(files()).toEqual(before);
    await local.as(instance, (master) => master.query("DROP EXTENSION pgaudit"));
  });

  it("goes on as before when an upgrade is killed in its midst", async () => {
    const before = files();
    const upgrade = modify(to("17"));
    const isOurs = (command: string) => command.includes("pg_upgrade\0") && command.includes(local.dataDir);
    const isServer = (command: string) => command.includes("\0-b\0") && command.includes(local.dataDir);
    // It is stopped for the look: one of its two servers runs, which it cannot stop any more.
    const isInItsMidst = () =>
      processes(isOurs).some((pid) => {
        process.kill(pid, "SIGSTOP");
        const isThere = processes(isServer).length > 0;
        process.kill(pid, isThere ? "SIGKILL" : "SIGCONT");
        return isThere;
      });
    await expect.poll(isInItsMidst, { interval: 20 }).toBe(true);
    await expect(upgrade).rejects.toMatchObject({ name: "InvalidParameterCombination" });
    await unchanged();
    expect(files()).toEqual(before);
  });

  it("upgrades over two versions, with data, roles, passwords and settings", async () => {
    const before = files();
    await modify(to("17"));
    expect(await local.value(instance, "SHOW server_version")).toMatch(/^17\./);
    expect(await described()).toMatchObject({ EngineVersion: "17", Endpoint: instance.Endpoint });
    expect(await local.value(instance, "SHOW work_mem")).toBe("17000kB");
    const buyer = { user: "buyer", password: "Kept-over-an-upgrade" };
    await local.as(
      instance,
      async (client) => {
        expect((await client.query("SELECT count(*)::int AS rows FROM kept")).rows).toEqual([{ rows: 1000 }]);
        expect((await client.query("SHOW statement_timeout")).rows).toEqual([{ statement_timeout: "7s" }]);
        await expect(client.query("DELETE FROM kept")).rejects.toMatchObject({ code: "42501" });
      },
      buyer,
    );
    expect(files()).toEqual(before.map((name) => (name === "data" ? "data-17" : name)));
    await expect(local.login(instance, { ssl: false })).rejects.toMatchObject({ code: "28000" });
  });

  it("gives the master what it has in the new version", async () => {
    expect(await local.value(instance, "SELECT pg_has_role('rds_superuser', 'pg_maintain', 'MEMBER')")).toBe(true);
    expect(await local.value(instance, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).toBe(false);
  });

  it("keeps no statistics, as RDS does not before 18", async () => {
    expect(await local.value(instance, "SELECT count(*)::int FROM pg_stats WHERE tablename = 'kept'")).toBe(0);
  });

  it("starts the new version when the platform is started again", async () => {
    await local.stopInstances();
    await local.startInstances();
    expect(await local.value(instance, "SHOW server_version")).toMatch(/^17\./);
  });

  it("lets a parameter group go only when nobody uses it", async () => {
    const remove = (version: string) =>
      local.rds.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName: group(version) }));
    await expect(remove("17")).rejects.toMatchObject({ name: "InvalidDBParameterGroupStateFault" });
    await remove("15");
  });

  it("changes the class in the maintenance window, or with the next change that is made at once", async () => {
    const buffers = () =>
      local.value(instance, "SELECT setting::int FROM pg_settings WHERE name = 'effective_cache_size'");
    const DBParameterGroupName = group("17");
    const value = { ParameterName: "effective_cache_size", ParameterValue: "{DBInstanceClassMemory/16384}" };
    const Parameters = [{ ...value, ApplyMethod: "immediate" as const }];
    await local.rds.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName, Parameters }));
    const small = (await buffers()) as number;
    await modify({ DBInstanceClass: "db.t4g.medium" });
    expect(await described()).toMatchObject({
      DBInstanceClass: "db.t4g.small",
      PendingModifiedValues: { DBInstanceClass: "db.t4g.medium" },
    });
    await modify({ MultiAZ: true }); // waits too, and forgets nothing
    expect(await buffers()).toBe(small);
    await modify({ ApplyImmediately: true, CopyTagsToSnapshot: true });
    expect(await described()).toMatchObject({ DBInstanceClass: "db.t4g.medium", MultiAZ: true });
    expect((await described()).PendingModifiedValues).toEqual({});
    expect(await buffers()).toBe(2 * small);
  });

  it("gives the server a new certificate with another authority, and ends no session", async () => {
    const client = await local.login(instance);
    const serial = async () => {
      const other = await local.login(instance);
      const { stream } = (other as unknown as { connection: { stream: import("node:tls").TLSSocket } }).connection;
      const { serialNumber } = stream.getPeerCertificate();
      await other.end();
      return serialNumber;
    };
    const before = await serial();
    await modify({ CACertificateIdentifier: "rds-ca-ecc384-g1", ApplyImmediately: true });
    expect(await serial()).not.toBe(before);
    expect((await described()).CACertificateIdentifier).toBe("rds-ca-ecc384-g1");
    expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await client.end();
  });
});
