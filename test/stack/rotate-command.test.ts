import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { capture, Captured } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { LocalStack } from "../support/local-stack";

type Config = Record<string, Record<string, unknown>>;

/** `ops/rotate` as people and pipelines run it. */
describe("ops/rotate", () => {
  let stack: LocalStack;

  beforeAll(async () => {
    stack = await LocalStack.prepared();
  });
  afterAll(() => stack.close());

  const file = () => path.join(stack.platform.project.dir, "Pulumi.test.yaml");
  const config = async () => (parse(await readFile(file(), "utf8")) as { config: Config }).config;
  const roles = async () => (await config())["markenmate:roles"];

  async function rotate(...args: string[]): Promise<Captured> {
    return capture(path.join(ROOT, "ops", "rotate"), args, await stack.platform.forCommands());
  }
  const rotateThis = (...args: string[]) => rotate("--stack", "test", ...args);
  const loginOf = async (role: string) =>
    (await stack.secret((await stack.outputs()).secretArns[role] as string)).username;
  const json = ({ stdout }: Captured) => JSON.parse(stdout) as Record<string, unknown>;

  describe("called wrongly says so, does nothing, and ends with 2", () => {
    it.each([
      [[], "required option '--stack <name>' not specified"],
      [["--stack", "test"], "Name roles (app, readonly, migrate, backup, monitor) or use --all"],
      [["--stack", "test", "app", "--all"], "Name roles (app, readonly, migrate, backup, monitor) or use --all"],
      [["--stack", "test", "ap"], "ap: not one of app, readonly, migrate, backup, monitor"],
      [["--stack", "test", "app", "--revok"], "unknown option '--revok'"],
      [
        ["--stack", "test", "app", "--grace-minutes", "soon"],
        "--grace-minutes: soon is no number of minutes; give 0 or more",
      ],
    ])("%j", async (args, message) => {
      const { code, stdout, stderr } = await rotate(...args);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(message);
    });

    it("a stack that is not there: 1, for it may be there tomorrow", async () => {
      const { code, stderr } = await rotate("--stack", "nowhere", "app");
      expect([code, stderr.split("\n")[1]]).toEqual([1, "pulumi stack output --json failed:"]);
      expect(stderr).toContain("no stack named 'nowhere' found");
    });
  });

  it("gives a role its next password, and does nothing else", async () => {
    const { code, stdout, stderr } = await rotateThis("app");
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain(
      "app: generation 1, login markenmate_app_clone; markenmate_app keeps working until generation 2\n" +
        "Keep the change of Pulumi.test.yaml: the next update starts from it.",
    );
    expect(await roles()).toEqual({ app: { generation: 1 } });
    expect([await loginOf("app"), await loginOf("readonly")]).toEqual(["markenmate_app_clone", "markenmate_readonly"]);
    await stack.succeed("preview", "--expect-no-changes");
  });

  it("refuses a second time within the grace time", async () => {
    const refused = await rotateThis("app", "--json");
    expect(refused.code).toBe(3);
    expect(json(refused)).toEqual({
      stack: "test",
      result: "refused",
      message: expect.stringMatching(
        /^Rotated less than 60 minutes ago: app \((60|59) more minutes\)\. Another/,
      ) as string,
    });
    expect(await roles()).toEqual({ app: { generation: 1 } });
  });

  it("goes on when the grace time is shorter; what has failed is finished by another one, which does not go further", async () => {
    const limit = (connections: number) =>
      stack.as("master", (master) => master.query(`ALTER ROLE markenmate_app CONNECTION LIMIT ${connections}`));
    await limit(0);
    const failed = await rotateThis("app", "--grace-minutes", "0", "--json");
    expect(failed.code).toBe(1);
    expect(json(failed)).toMatchObject({
      result: "failed",
      message: expect.stringContaining("Run this again") as string,
    });
    expect(failed.stderr).toContain("The secret of markenmate_app is left as it was");
    expect(await loginOf("app")).toBe("markenmate_app_clone");
    await limit(-1);
    expect((await rotateThis("app")).code).toBe(0);
    expect(await roles()).toEqual({ app: { generation: 2 } });
    expect(await loginOf("app")).toBe("markenmate_app");
  });

  it("does all of them at once, within the grace time when forced, and shuts the logins before out, for a leak", async () => {
    const done = await rotateThis("--all", "--revoke", "--force", "--json");
    expect(done.code).toBe(0);
    const { secretArns } = await stack.outputs();
    const of = (role: string, generation: number, login: string, before: string) => ({
      role,
      generation,
      login,
      previous: { login: before, revoked: true },
      secretArn: secretArns[role],
    });
    expect(json(done)).toEqual({
      stack: "test",
      result: "rotated",
      roles: [
        of("app", 3, "markenmate_app_clone", "markenmate_app"),
        of("readonly", 1, "markenmate_readonly_clone", "markenmate_readonly"),
        of("migrate", 1, "markenmate_migrate_clone", "markenmate_migrate"),
        of("backup", 1, "markenmate_backup_clone", "markenmate_backup"),
        of("monitor", 1, "markenmate_monitor_clone", "markenmate_monitor"),
      ],
    });
    const { rows } = await stack.as("app", (client) =>
      client.query("SELECT rolname FROM pg_roles WHERE rolname ~ '^markenmate_' AND NOT rolcanlogin ORDER BY 1"),
    );
    expect(rows.map(({ rolname }: { rolname: string }) => rolname)).toEqual([
      "markenmate_app",
      "markenmate_backup",
      "markenmate_migrate",
      "markenmate_monitor",
      "markenmate_readonly",
    ]);
  });

  it("takes no other change along, and leaves the file as it was", async () => {
    const text = await readFile(file(), "utf8");
    const changed = { ...(await config()), "markenmate:logs": { retentionDays: 400 } };
    await writeFile(file(), stringify({ ...(parse(text) as object), config: changed }));
    const { code, stderr } = await rotateThis("readonly", "--force");
    expect(code).toBe(3);
    expect(stderr).toContain(
      "The update would do more than rotate passwords. Run `pulumi up` first, and then this again:",
    );
    expect(stderr).toContain("update markenmate:components:Database$aws:cloudwatch/logGroup:LogGroup markenmate-test");
    expect(await config()).toEqual(changed);
    await writeFile(file(), text);
  });
});
