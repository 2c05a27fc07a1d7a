import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalStack } from "../support/local-stack";

/** A file that has seen rotations makes a stack anew, as after a disaster. */
describe("a new stack at a later generation", () => {
  let stack: LocalStack;
  const roles = {
    app: { generation: 3, revokePrevious: true },
    migrate: { generation: 2, revokePrevious: true },
  };

  beforeAll(async () => {
    stack = await LocalStack.open("anew", {}, { roles });
    await stack.up();
  });
  afterAll(() => stack.close());

  const whoMay = async () => {
    const { rows } = await stack.as("readonly", (client) =>
      client.query<{ name: string }>(
        "SELECT rolname AS name FROM pg_roles WHERE rolname ~ '^markenmate_(app|migrate)' AND rolcanlogin ORDER BY 1",
      ),
    );
    return rows.map(({ name }) => name);
  };

  it("comes up at once, with the logins whose turn it is and no others", async () => {
    expect(await whoMay()).toEqual(["markenmate_app_clone", "markenmate_migrate"]);
    const { rows } = await stack.as("app", (client) => client.query("SELECT current_user"));
    expect(rows).toEqual([{ current_user: "markenmate_app" }]);
  });

  it("has nothing to change, although the next update goes about it in another order", async () => {
    await stack.up("--refresh", "--expect-no-changes");
  });

  it("goes on from there, and is destroyed when its first logins are shut out", async () => {
    const next = { app: { generation: 4 }, migrate: { generation: 3, revokePrevious: true } };
    await stack.configure({}, { roles: next });
    await stack.up();
    expect(await whoMay()).toEqual(["markenmate_app", "markenmate_app_clone", "markenmate_migrate_clone"]);
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
    await stack.succeed("destroy", "--yes", "--skip-preview");
    expect(await stack.leftovers()).toEqual([]);
  });
});
