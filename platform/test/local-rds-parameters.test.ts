import {
  CreateDBParameterGroupCommand,
  DBInstance,
  DescribeDBInstancesCommand,
  DescribeDBParametersCommand,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
  RebootDBInstanceCommand,
  ResetDBParameterGroupCommand,
} from "@aws-sdk/client-rds";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasPgaudit, LocalRds } from "../../test/support/local-rds";

type Method = "immediate" | "pending-reboot";

/** What is wrong with a parameter, and what PostgreSQL or RDS says of it. */
const WRONG: [name: string, value: string, method: Method, message: RegExp][] = [
  ["foo", "1", "immediate", /unrecognized configuration parameter "foo"/],
  ["foo.bar", "1", "immediate", /unrecognized configuration parameter "foo.bar"/],
  ["rds.nothing", "1", "immediate", /rds.nothing/],
  ["work_mem", "abc", "immediate", /invalid value for parameter "work_mem": "abc"/],
  ["work_mem", "1", "immediate", /1 kB is outside the valid range for parameter "work_mem" \(64/],
  ["work_mem", "4096\nssl = off", "immediate", /invalid value for parameter "work_mem"/],
  ["log_statement", "some", "immediate", /invalid value for parameter "log_statement": "some"/],
  ["search_path", "1,,", "immediate", /invalid value for parameter "search_path"/],
  ["timezone", "Nowhere/City", "immediate", /invalid value for parameter "TimeZone": "Nowhere\/City"/],
  ["max_connections", "abc", "pending-reboot", /invalid value for parameter "max_connections": "abc"/],
  ["shared_buffers", "{DBInstanceClassMemory/x}", "pending-reboot", /invalid value for parameter "shared_buffers"/],
  ["pg_stat_statements.track", "nope", "immediate", /invalid value for parameter "pg_stat_statements.track": "nope"/],
  ["pg_stat_statements.max", "1", "pending-reboot", /outside the valid range for parameter "pg_stat_statements.max"/],
  ["pg_stat_statements.nothing", "1", "immediate", /configuration parameter name "pg_stat_statements.nothing"/],
  // A value that was read as "no" would let connections in without TLS.
  ["rds.force_ssl", "true", "immediate", /Invalid parameter value: true for: rds.force_ssl/],
  ["hba_file", "/tmp/x", "pending-reboot", /^The parameter hba_file cannot be modified.$/],
  ["data_directory", "/tmp/x", "pending-reboot", /^The parameter data_directory cannot be modified.$/],
  ["listen_addresses", "*", "pending-reboot", /^The parameter listen_addresses cannot be modified.$/],
  ["ssl", "0", "immediate", /^The parameter ssl cannot be modified.$/],
];

const WRONG_WITH_PGAUDIT: typeof WRONG = [
  ["pgaudit.log", "nope", "immediate", /invalid value for parameter "pgaudit.log": "nope"/],
  ["pgaudit.nothing", "1", "immediate", /unrecognized configuration parameter "pgaudit.nothing"/],
];

const STATIC = [
  ["max_connections", "100"],
  ["shared_buffers", "1000"],
  ["shared_preload_libraries", "pg_stat_statements"],
  ["pg_stat_statements.max", "1000"],
  ["rds.logical_replication", "1"],
];

/** What PostgreSQL says of a parameter may differ between versions; how the local RDS writes it down and asks does not. */
const NEWEST = "17";
const WHEN = ["before a server uses the group", "while one uses it"];

describe.each(["15", NEWEST])("parameters of PostgreSQL %s in the local RDS", async (version) => {
  const group = `first-${version}`;
  const another = `second-${version}`;
  const DBInstanceIdentifier = `db-${version}`;
  const canAudit = await hasPgaudit(version);
  let local: LocalRds;
  let instance: DBInstance;

  const makeGroup = (name: string) =>
    local.rds.send(
      new CreateDBParameterGroupCommand({
        DBParameterGroupName: name,
        DBParameterGroupFamily: `postgres${version}`,
        Description: "made by a test",
      }),
    );
  const set = (name: string, value: string, method: Method = "immediate", of = group) =>
    local.rds.send(
      new ModifyDBParameterGroupCommand({
        DBParameterGroupName: of,
        Parameters: [{ ParameterName: name, ParameterValue: value, ApplyMethod: method }],
      }),
    );
  const reset = (name: string, method: Method) =>
    local.rds.send(
      new ResetDBParameterGroupCommand({
        DBParameterGroupName: group,
        Parameters: [{ ParameterName: name, ApplyMethod: method }],
      }),
    );
  const namesIn = async (of: string) => {
    const answer = await local.rds.send(new DescribeDBParametersCommand({ DBParameterGroupName: of, Source: "user" }));
    return (answer.Parameters ?? []).map(({ ParameterName }) => ParameterName);
  };
  const show = (name: string) => local.value(instance, `SHOW ${name}`);
  const startedAt = () => local.value(instance, "SELECT pg_postmaster_start_time()::text");
  const pending = () => local.value(instance, "SELECT count(*)::int FROM pg_settings WHERE pending_restart");

  beforeAll(async () => {
    local = await LocalRds.open(`local-rds-parameters-${version}`);
    await makeGroup(group);
    await makeGroup(another);
  });
  afterAll(() => local.close());

  describe.each(version === NEWEST ? WHEN : WHEN.slice(1))("%s", (when) => {
    beforeAll(async () => {
      if (when === WHEN[1]) {
        await set("shared_preload_libraries", "pg_stat_statements,pgaudit", "pending-reboot");
        instance = await local.create(DBInstanceIdentifier, { EngineVersion: version, DBParameterGroupName: group });
      }
    });

    it.each([...WRONG, ...(canAudit ? WRONG_WITH_PGAUDIT : [])])(
      "%s = %j, %s, is refused",
      async (name, value, method, message) => {
        const before = await namesIn(group);
        await expect(set(name, value, method)).rejects.toMatchObject({
          name: "InvalidParameterValue",
          message: expect.stringMatching(message) as string,
        });
        expect(await namesIn(group)).toEqual(before);
      },
    );

    it.each(STATIC)("%s, which needs a restart, is refused at once", async (name = "", value = "") => {
      await expect(set(name, value)).rejects.toMatchObject({
        name: "InvalidParameterCombination",
        message: expect.stringMatching(/^cannot use immediate apply method for static parameter/) as string,
      });
    });

    it("what is right is taken", async () => {
      await set("timezone", "Europe/Berlin");
      await set("shared_buffers", "{DBInstanceClassMemory/32768}", "pending-reboot");
      await set("max_connections", "LEAST({DBInstanceClassMemory/9531392},5000)", "pending-reboot");
      await set("rds.log_retention_period", "4320");
      await set("pg_stat_statements.track", "all");
      await set("pgaudit.log", "ddl,role,write");
    });
  });

  it("dynamic ones are taken with a reload", async () => {
    const before = await startedAt();
    await set("work_mem", "16384");
    expect(await show("work_mem")).toBe("16MB");
    expect(await show("pg_stat_statements.track")).toBe("all");
    expect(await startedAt()).toBe(before);
  });

  it("static ones are taken with a restart", async () => {
    const before = await startedAt();
    await set("max_connections", "77", "pending-reboot");
    expect(await show("max_connections")).toBe("77");
    expect(await startedAt()).not.toBe(before);
    expect(await pending()).toBe(0);
    expect(local.log.join("\n")).toMatch(/restarting for max_connections/);
  });

  if (version === NEWEST) {
    it("rds.force_ssl decides whether connections without TLS are accepted", async () => {
      const plain = () => local.as(instance, (client) => client.query("SELECT 1"), { ssl: false });
      await expect(plain()).rejects.toThrowError("no encryption");
      await set("rds.force_ssl", "0");
      expect((await plain()).rowCount).toBe(1);
      await set("rds.force_ssl", "1");
      await expect(plain()).rejects.toThrowError("no encryption");
    });

    it("rds.logical_replication is taken, and taken away again", async () => {
      await set("rds.logical_replication", "1", "pending-reboot");
      expect(await show("wal_level")).toBe("logical");
      await reset("rds.logical_replication", "pending-reboot");
      expect(await show("wal_level")).toBe("replica");
      expect(await pending()).toBe(0);
    });

    it("go back to the default when they are reset", async () => {
      await reset("work_mem", "immediate");
      expect(await show("work_mem")).toBe("4MB");
      await reset("max_connections", "pending-reboot");
      expect(await show("max_connections")).toBe("225"); // db.t4g.small: 2 GiB / 9531392
    });

    it.each(["ends in a backslash\\", "two\nssl = off", "it's", "\\n", "# no comment"])("%j is text", async (value) => {
      await set("log_line_prefix", value);
      expect(await show("log_line_prefix")).toBe(value);
      await local.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier }));
      expect(await show("log_line_prefix")).toBe(value);
      expect(await show("ssl")).toBe("on");
    });

    it("a start that fails is told in the server's words, and everything is as before", async () => {
      await set("log_line_prefix", "no blank at the end");
      await expect(set("superuser_reserved_connections", "2000", "pending-reboot")).rejects.toThrowError(
        /superuser_reserved_connections"? \(2000\)/,
      );
      // In its range, but no machine has so much memory.
      await expect(set("max_locks_per_transaction", "2147483647", "pending-reboot")).rejects.toThrowError(/memory/);
      expect(await show("max_locks_per_transaction")).toBe("64");
      expect(await namesIn(group)).not.toContain("max_locks_per_transaction");
      await local.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier }));
      expect(await show("max_locks_per_transaction")).toBe("64");
    });

    it("changes that come at the same time are all taken", async () => {
      await Promise.all([set("work_mem", "1024"), set("lock_timeout", "7000"), set("deadlock_timeout", "2000")]);
      expect([await show("work_mem"), await show("lock_timeout"), await show("deadlock_timeout")]).toEqual([
        "1MB",
        "7s",
        "2s",
      ]);
    });
  }

  it("of another group take the place of the first one's", async () => {
    await set("wal_buffers", "512", "pending-reboot"); // static, and not in the other group
    await set("max_connections", "55", "pending-reboot", another);
    await local.rds.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier, DBParameterGroupName: another, ApplyImmediately: true }),
    );
    expect(await show("max_connections")).toBe("55");
    expect(await show("lock_timeout")).toBe("0");
    const { DBInstances } = await local.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
    expect(DBInstances?.[0]?.DBParameterGroups).toMatchObject([
      { DBParameterGroupName: another, ParameterApplyStatus: "in-sync" },
    ]);
  });

  it("without a library are said to be left out, once", () => {
    expect(local.log.filter((line) => line.includes("pgaudit exists on this machine"))).toHaveLength(canAudit ? 0 : 1);
  });

  it("let the master create and drop pgaudit, where it is", async (context) => {
    if (!canAudit) {
      context.skip("pgaudit is not installed for this version");
    }
    await set("shared_preload_libraries", "pg_stat_statements,pgaudit", "pending-reboot", another);
    await local.as(instance, (master) => master.query("CREATE EXTENSION pgaudit; DROP EXTENSION pgaudit"));
  });
});
