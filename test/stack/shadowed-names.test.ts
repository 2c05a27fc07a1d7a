import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { LocalStack } from "../support/local-stack";
import { namesCalledIn, plantShadows } from "../support/shadows";

/**
 * Functions and operators of somebody with fewer rights are never called by the master, the logins of the whole server, or a superuser: whatever
 * the project or the provider's plugin asks, names are PostgreSQL's own. Each shadow that is called says so in the server's log.
 */
let stack: LocalStack;

/** What sends SQL: the product, and the stand-ins, whose statements are the official plugin's. */
const SENDING = ["components/access", "ops", "platform/providers/postgresql", "platform/rds"];
const sources = () =>
  SENDING.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(path.join(ROOT, folder, file), "utf8")),
  ).join("\n");

const LOGINS = ["backup", "backup_clone", "monitor", "monitor_clone"].map((login) => `markenmate_${login}`);

const called = async () => (await stack.serverLog()).split("\n").filter((line) => /ERROR: {2}.*\bshadow\b/.test(line));

beforeAll(async () => {
  stack = await LocalStack.prepared();
  const names = namesCalledIn(sources());
  const { masterUsername } = (await stack.outputs()).check as { masterUsername: string };
  await stack.as("migrate", async (client) => {
    await client.query("CREATE TABLE orders (id int PRIMARY KEY, v text); INSERT INTO orders VALUES (1, 'one')");
    expect(await plantShadows(client, "public", names)).toBeGreaterThan(500);
    for (const schema of [...LOGINS, masterUsername]) {
      await client.query(`CREATE SCHEMA ${client.escapeIdentifier(schema)}`);
      await client.query(`GRANT USAGE ON SCHEMA ${client.escapeIdentifier(schema)} TO PUBLIC`);
      expect(await plantShadows(client, schema, names, ["="])).toBeGreaterThan(500);
    }
  });
});
afterAll(() => stack.close());

it("would be seen: whoever looks in public calls them", async () => {
  await expect(
    stack.as("app", (client) => client.query("SELECT count(datname::text) FROM pg_database")),
  ).rejects.toThrow("shadow public.count(text) was called by markenmate_app");
  expect(await called()).toHaveLength(1);
});

it.each([
  ["an update", ["up", "--yes", "--skip-preview"]],
  ["an update with a refresh", ["up", "--yes", "--skip-preview", "--refresh"]],
])("%s calls none", async (_, args) => {
  const before = (await called()).length;
  await stack.succeed(...args);
  expect((await called()).slice(before)).toEqual([]);
});

it.each([
  ["check", []],
  ["activity", ["sessions"]],
  ["activity", ["statements"]],
  ["activity", ["blocked"]],
  ["backup", []],
  ["verify-backup", []],
  ["restore", ["--into", "restored"]],
  ["rotate", ["--all"]],
  ["adopt", ["--from", "markenmate_migrate", "--dry-run"]],
])("ops/%s %j calls none", async (name, args) => {
  const before = (await called()).length;
  const { cwd, env } = await stack.platform.forCommands();
  const { stderr } = await capture(path.join(ROOT, "ops", name), [...args, "--stack", stack.name, "--json"], {
    cwd,
    env,
  });
  expect((await called()).slice(before), stderr).toEqual([]);
  expect(stderr).not.toContain("shadow ");
});
