import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCESS, ROLE_NAMES, RoleName } from "../../model/access/matrix";
import { capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { actionsIn, actionsOn, mismatches, Outcome, tryAll } from "../support/access-actions";
import { waitersFor } from "../support/adoption-catalogs";
import { LocalStack } from "../support/local-stack";
import { withoutRoles } from "../support/whole-stack";

/** The user that RDS made with the instance is the one that the application has used so far. */
const MASTER = "markenmate_admin";
const ACTIONS = [
  ...actionsIn("public"),
  ...actionsOn({
    ...{ label: "adopted", table: "public.old_items", sequence: "public.old_items_id_seq" },
    ...{ call: "public.old_answer()", owner: "migrate" },
  }),
];

let stack: LocalStack;
let check: string;

async function environment() {
  const { cwd, env } = await stack.platform.forCommands();
  return { cwd, env: { ...env, CHECK: check } };
}
const ops = async (name: string, ...args: string[]) =>
  capture(path.join(ROOT, "ops", name), ["--json", ...args], await environment());

async function adopt(code: number, ...args: string[]) {
  const { code: ended, stdout, stderr } = await ops("adopt", "--from", MASTER, ...args);
  expect(ended, stderr).toBe(code);
  return { ...(JSON.parse(stdout) as { result: string; message?: string }), stderr };
}

async function ownerOf(table: string): Promise<string | undefined> {
  const { rows } = await stack.as("master", (master) =>
    master.query<{ owner: string }>("SELECT tableowner AS owner FROM pg_tables WHERE tablename = $1", [table]),
  );
  return rows[0]?.owner;
}

beforeAll(async () => {
  stack = await withoutRoles("17");
  await stack.as("master", async (master) => {
    await master.query("CREATE TABLE old_items (id serial PRIMARY KEY, name text)");
    await master.query("INSERT INTO old_items (name) VALUES ('kept')");
    await master.query("CREATE FUNCTION old_answer() RETURNS int LANGUAGE sql AS 'SELECT 41'");
    await master.query("CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY)");
  });
  await stack.up();
  check = JSON.stringify((await stack.outputs()).check);
});
afterAll(() => stack.close());

describe("an adoption from the master", () => {
  it("leaves nothing behind when it is killed", async () => {
    const inTheWay = new Client(await stack.connection("master"));
    await inTheWay.connect();
    await inTheWay.query("BEGIN; SELECT FROM old_items");
    const child = spawn(path.join(ROOT, "ops", "adopt"), ["--from", MASTER], await environment());
    const said = once(child.stderr.setEncoding("utf8"), "data");
    await said;
    let waiting: number[] = [];
    await expect.poll(async () => (waiting = await waitersFor(inTheWay, "old_items"))).toHaveLength(1);
    const gone = once(child, "close");
    child.kill("SIGKILL");
    await gone;
    await inTheWay.query("COMMIT");
    // PostgreSQL sees that nobody is there any more when it has done what it was asked, and then takes it back.
    const session = () => inTheWay.query("SELECT FROM pg_stat_activity WHERE pid = ANY ($1)", [waiting]);
    await expect.poll(async () => (await session()).rowCount).toBe(0);
    await inTheWay.end();
    expect(await ownerOf("old_items")).toBe(MASTER);
    const { rows } = await stack.as("master", (master) =>
      master.query(
        "SELECT FROM pg_auth_members WHERE roleid = 'markenmate_migrate'::regrole AND member = $1::regrole AND set_option",
        [MASTER],
      ),
    );
    expect(rows).toHaveLength(0);
  });

  it("moves what it owns, and leaves it the database, the extensions and what it could do", async () => {
    const { result, stderr } = await adopt(0);
    expect([result, stderr]).toEqual(["adopted", expect.stringContaining("is the master and stays it")]);
    expect(await ownerOf("old_items")).toBe("markenmate_migrate");
    expect(await ownerOf("__drizzle_migrations")).toBe("markenmate_migrate");
    expect((await adopt(0)).result).toBe("unchanged");
    await stack.as("master", async (master) => {
      await master.query("ALTER TABLE old_items ADD COLUMN note text");
      await master.query("CREATE TABLE later (id int)");
    });
    await stack.as("app", (app) => app.query("INSERT INTO later VALUES (1)"));
  });

  it("makes the access matrix hold", async () => {
    const observed = new Map<RoleName, Map<string, Outcome>>();
    for (const role of ROLE_NAMES) {
      observed.set(role, await stack.as(role, (client) => tryAll(client, ACTIONS)));
    }
    expect(mismatches(ACCESS, ACTIONS, observed)).toEqual([]);
  });

  it("can be ended: the master keeps its login, and has no part in migrations", async () => {
    const { result, stderr } = await adopt(0, "--switch-off", "--confirm", MASTER);
    expect([result, stderr]).toEqual(["switched off", expect.stringContaining("stays the master")]);
    expect(await ownerOf("later")).toBe("markenmate_migrate");
    await expect(
      stack.as("master", (master) => master.query("ALTER TABLE old_items ADD COLUMN more text")),
    ).rejects.toMatchObject({ code: "42501" });
    const { code, stdout } = await ops("check");
    expect([code, (JSON.parse(stdout) as { findings: object[] }).findings]).toEqual([0, []]);
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("can be taken up again", async () => {
    expect((await adopt(0, "--switch-on")).result).toBe("switched on");
    await stack.as("master", (master) => master.query("ALTER TABLE old_items ADD COLUMN more text"));
    expect((await adopt(0, "--switch-off", "--confirm", MASTER)).result).toBe("switched off");
  });
});

describe("ops/adopt says what is wrong with how it was called", () => {
  it.each([
    [["--database", "copied"], 2, "--database goes with --dry-run"],
    [["--switch-off", "--switch-on"], 2, "exclude each other"],
    [["--confirm", MASTER], 2, "--confirm goes with --switch-off"],
    [["--end-sessions"], 2, "--end-sessions goes with --switch-off"],
    [["--from", "nobody"], 3, "there is no role nobody. Objects in this database belong to markenmate_migrate"],
    [["--from", "markenmate_app"], 3, "one of the stack's own logins"],
    [["--forwarded-port", "1"], 1, "ECONNREFUSED"],
  ])("%s", async (args, code, message) => {
    const { code: ended, stderr } = await ops("adopt", "--from", MASTER, ...args);
    expect([ended, stderr]).toEqual([code, expect.stringContaining(message)]);
    expect(stderr).not.toContain("    at ");
  });
});
