import path from "node:path";
import { DBInstance, DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { hasPgaudit } from "../support/local-rds";
import { LocalStack } from "../support/local-stack";

/** The newest version has no pgaudit on this machine, as one on RDS may lack an extension. */
const withPgaudit = await hasPgaudit("15");

/** docs/upgrade.md: a protected stack, whose changes wait for the maintenance window unless they are made at once. */
describe("a stack that is upgraded", () => {
  let stack: LocalStack;
  const PLAIN = { deletionProtection: true, extensions: ["pg_stat_statements"] };
  const WITH_PGAUDIT = { ...PLAIN, extensions: ["pg_stat_statements", ...(withPgaudit ? ["pgaudit"] : [])] };
  /** Beside the upgrade, so that both are made at once. */
  const CHANGE = { instanceClass: "db.t4g.medium", certificateAuthority: "rds-ca-ecc384-g1" };
  const on = (engineVersion: string, more: object) => stack.configure({ engineVersion, ...more });

  async function instance(): Promise<DBInstance> {
    const { DBInstances } = await new RDSClient({}).send(new DescribeDBInstancesCommand({}));
    return DBInstances?.[0] as DBInstance;
  }
  const version = async () =>
    (await stack.as("app", (client) => client.query<{ server_version: string }>("SHOW server_version"))).rows[0]
      ?.server_version;
  const orders = async () =>
    (await stack.as("readonly", (client) => client.query<object>("SELECT count(*)::int AS orders FROM orders"))).rows;

  beforeAll(async () => {
    stack = await LocalStack.prepared({ engineVersion: "15", ...WITH_PGAUDIT });
    await stack.as("migrate", (client) =>
      client.query("CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL)"),
    );
    await stack.as("app", (client) =>
      client.query("INSERT INTO orders (what) SELECT 'book' FROM generate_series(1, 1000)"),
    );
  });
  afterAll(() => stack.close());

  it("refuses an upgrade that would wait for the window, in the preview", async () => {
    await on("17", WITH_PGAUDIT);
    const { code, stdout, stderr } = await stack.pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /database\.engineVersion: "17" is an upgrade .* set database\.applyImmediately to\s+true/,
    );
    expect(await version()).toMatch(/^15\./);
  });

  describe.skipIf(!withPgaudit)("whose data cannot be upgraded", () => {
    it("goes on with the version of before, and says why", async () => {
      await on("17", { ...WITH_PGAUDIT, applyImmediately: true });
      const { code, stdout } = await stack.pulumi("up", "--yes", "--skip-preview");
      expect(code).not.toBe(0);
      expect(stdout).toContain("loadable libraries");
      expect(await version()).toMatch(/^15\./);
      expect(await orders()).toEqual([{ orders: 1000 }]);
    });

    it("is whole again when the settings say the version of before", async () => {
      await on("15", WITH_PGAUDIT);
      await stack.up("--refresh");
      await stack.succeed("preview", "--refresh", "--expect-no-changes");
      expect(await version()).toMatch(/^15\./);
      expect(await orders()).toEqual([{ orders: 1000 }]);
    });
  });

  it("waits with another class and another authority for the window, and says so in each preview", async () => {
    await on("15", { ...PLAIN, ...CHANGE }); // without what was in the upgrade's way
    await stack.up();
    const { DBInstanceClass, PendingModifiedValues } = await instance();
    expect(DBInstanceClass).toBe("db.t4g.micro");
    expect(PendingModifiedValues).toEqual({
      DBInstanceClass: "db.t4g.medium",
      CACertificateIdentifier: "rds-ca-ecc384-g1",
    });
    const { steps } = await stack.preview();
    expect(steps.filter(({ op }) => op === "update").map(({ urn }) => urn.split("::").pop())).toContain(
      "markenmate-test",
    );
  });

  it("shows an upgrade as a change of the instance in place, and a parameter group of its own", async () => {
    await on("17", { ...PLAIN, ...CHANGE, applyImmediately: true });
    const { steps } = await stack.preview();
    const changes = steps.filter(({ op }) => op !== "same").map(({ op, urn }) => [op, urn.split("$").pop()]);
    expect(changes).toEqual(
      expect.arrayContaining([
        ["create", "aws:rds/parameterGroup:ParameterGroup::markenmate-test-postgres17"],
        ["update", "aws:rds/instance:Instance::markenmate-test"],
        ["delete", "aws:rds/parameterGroup:ParameterGroup::markenmate-test-postgres15"],
      ]),
    );
    expect(changes.filter(([op]) => op?.includes("replace"))).toEqual([]);
  });

  it("is upgraded, with all its data, roles and logins, and what has waited is made at once", async () => {
    const before = await stack.secret((await stack.outputs()).secretArns.app as string);
    await stack.up();
    // Its certificate is another one, and clients verify it as before.
    expect(await version()).toMatch(/^17\./);
    expect(await instance()).toMatchObject({
      DBInstanceClass: "db.t4g.medium",
      CACertificateIdentifier: "rds-ca-ecc384-g1",
    });
    expect((await instance()).PendingModifiedValues).toEqual({});
    expect(await stack.secret((await stack.outputs()).secretArns.app as string)).toEqual(before);
    expect(await orders()).toEqual([{ orders: 1000 }]);
    await stack.as("app", (client) => client.query("INSERT INTO orders (what) VALUES ('another')"));
    await stack.succeed("preview", "--refresh", "--expect-no-changes"); // with the extension of before
  });

  it("has statistics again after ANALYZE, and the extensions of the new version after ALTER EXTENSION", async () => {
    const known = async () =>
      (await stack.as("migrate", (client) => client.query("SELECT 1 FROM pg_stats WHERE tablename = 'orders'")))
        .rowCount;
    expect(await known()).toBe(0);
    await stack.as("migrate", (client) => client.query("ANALYZE"));
    expect(await known()).toBeGreaterThan(0);
    const outdated =
      "SELECT name FROM pg_available_extensions WHERE installed_version IS NOT NULL AND installed_version <> default_version";
    expect((await stack.as("master", (client) => client.query(outdated))).rows).toEqual([
      { name: "pg_stat_statements" },
    ]);
    await stack.as("master", (client) => client.query("ALTER EXTENSION pg_stat_statements UPDATE"));
    expect((await stack.as("master", (client) => client.query(outdated))).rows).toEqual([]);
    await stack.up("--refresh", "--expect-no-changes");
  });

  it("is in order, says the live check", async () => {
    const { cwd, env } = await stack.platform.forCommands();
    const { code, stdout, stderr } = await capture(path.join(ROOT, "ops/check"), ["--stack", stack.name], { cwd, env });
    expect(code, stdout + stderr).toBe(0);
  });

  it("does not go back", async () => {
    await on("15", { ...PLAIN, ...CHANGE, applyImmediately: true });
    const { code, stdout, stderr } = await stack.pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/"15" is older than the 17 that\s+runs, and PostgreSQL\s+never goes back/);
  });
});
