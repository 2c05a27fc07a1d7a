import path from "node:path";
import { DBInstance, DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "../../local/platform/commands";
import { ROOT } from "../../local/platform/paths";
import { hasPgaudit } from "../support/local-rds";
import { LocalStack } from "../support/local-stack";

/** docs/upgrade.md: a protected stack, whose changes wait for the maintenance window unless they are made at once. */
describe("a stack that is upgraded", () => {
  let stack: LocalStack;
  const protectedOn = (engineVersion: string, more = {}) =>
    stack.configure({ engineVersion, deletionProtection: true, ...more });

  async function instance(): Promise<DBInstance> {
    const { DBInstances } = await new RDSClient({}).send(new DescribeDBInstancesCommand({}));
    return DBInstances?.[0] as DBInstance;
  }
  const version = async () =>
    (await stack.as("app", (client) => client.query<{ server_version: string }>("SHOW server_version"))).rows[0]
      ?.server_version;

  beforeAll(async () => {
    stack = await LocalStack.open("upgrade", { engineVersion: "16", deletionProtection: true });
    await stack.up();
    await stack.as("migrate", (client) =>
      client.query("CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL)"),
    );
    await stack.as("app", (client) =>
      client.query("INSERT INTO orders (what) SELECT 'book' FROM generate_series(1, 1000)"),
    );
  });
  afterAll(() => stack.close());

  it("refuses an upgrade that would wait for the window, in the preview", async () => {
    await protectedOn("17");
    const { code, stdout, stderr } = await stack.pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /database\.engineVersion: "17" is an upgrade .* set database\.applyImmediately to\s+true/,
    );
    expect(await version()).toMatch(/^16\./);
  });

  it("shows an upgrade as a change of the instance in place, and a parameter group of its own", async () => {
    await protectedOn("17", { applyImmediately: true });
    const { steps } = await stack.preview();
    const changes = steps.filter(({ op }) => op !== "same").map(({ op, urn }) => [op, urn.split("$").pop()]);
    expect(changes).toEqual(
      expect.arrayContaining([
        ["create", "aws:rds/parameterGroup:ParameterGroup::markenmate-upgrade-postgres17"],
        ["update", "aws:rds/instance:Instance::markenmate-upgrade"],
        ["delete", "aws:rds/parameterGroup:ParameterGroup::markenmate-upgrade-postgres16"],
      ]),
    );
    expect(changes.filter(([op]) => op?.includes("replace"))).toEqual([]);
  });

  it("is upgraded, with all its data, roles and logins", async () => {
    const before = await stack.secret((await stack.outputs()).secretArns.app as string);
    await stack.up();
    expect(await version()).toMatch(/^17\./);
    expect(await stack.secret((await stack.outputs()).secretArns.app as string)).toEqual(before);
    const { rows } = await stack.as("readonly", (client) => client.query("SELECT count(*)::int AS orders FROM orders"));
    expect(rows).toEqual([{ orders: 1000 }]);
    await stack.as("app", (client) => client.query("INSERT INTO orders (what) VALUES ('another')"));
    await stack.up("--refresh", "--expect-no-changes");
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
    const { cwd, env } = await stack.platform.forOps();
    const { code, stdout, stderr } = await capture(path.join(ROOT, "ops/check"), ["--stack", stack.name], { cwd, env });
    expect(code, stdout + stderr).toBe(0);
  });

  it("does not go back", async () => {
    await protectedOn("16", { applyImmediately: true });
    const { code, stdout, stderr } = await stack.pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/"16" is older than the 17 that\s+runs, and PostgreSQL\s+never goes back/);
  });

  it("waits with another class and another authority for the window, and says so in each preview", async () => {
    const change = { instanceClass: "db.t4g.medium", certificateAuthority: "rds-ca-ecc384-g1" };
    await protectedOn("17", change);
    await stack.up();
    const waiting = { DBInstanceClass: "db.t4g.medium", CACertificateIdentifier: "rds-ca-ecc384-g1" };
    expect(await instance()).toMatchObject({ DBInstanceClass: "db.t4g.micro", PendingModifiedValues: waiting });
    const { steps } = await stack.preview();
    expect(steps.filter(({ op }) => op === "update").map(({ urn }) => urn.split("::").pop())).toContain(
      "markenmate-upgrade",
    );

    await protectedOn("17", { ...change, applyImmediately: true });
    await stack.up();
    expect(await instance()).toMatchObject(waiting);
    expect((await instance()).PendingModifiedValues).toEqual({});
    // Its certificate is another one, and clients verify it as before.
    expect(await version()).toMatch(/^17\./);
    await stack.up("--refresh", "--expect-no-changes");
  });
});

// The new version has no pgaudit on this machine, as one on RDS may lack an extension.
describe.skipIf(!(await hasPgaudit("15")))("a stack whose data cannot be upgraded", () => {
  let stack: LocalStack;
  const extensions = ["pg_stat_statements", "pgaudit"];
  const things = async () =>
    (
      await stack.as("app", (client) =>
        client.query<object>("SELECT current_setting('server_version_num')::int / 10000 AS version, id FROM things"),
      )
    ).rows;

  beforeAll(async () => {
    stack = await LocalStack.open("halfway", { engineVersion: "15", extensions });
    await stack.up();
    await stack.as("migrate", (client) => client.query("CREATE TABLE things AS SELECT 1 AS id"));
  });
  afterAll(() => stack.close());

  it("goes on with the version of before, and says why", async () => {
    await stack.configure({ engineVersion: "17", extensions });
    const { code, stdout } = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(code).not.toBe(0);
    expect(stdout).toContain("loadable libraries");
    expect(await things()).toEqual([{ version: 15, id: 1 }]);
  });

  it("is whole again when the settings say the version of before", async () => {
    await stack.configure({ engineVersion: "15", extensions });
    await stack.up("--refresh");
    await stack.up("--refresh", "--expect-no-changes");
    expect(await things()).toEqual([{ version: 15, id: 1 }]);
  });

  it("is upgraded once nothing is in the way", async () => {
    await stack.configure({ engineVersion: "15", extensions: ["pg_stat_statements"] });
    await stack.up();
    await stack.configure({ engineVersion: "17", extensions: ["pg_stat_statements"] });
    await stack.up();
    expect(await things()).toEqual([{ version: 17, id: 1 }]);
  });
});
