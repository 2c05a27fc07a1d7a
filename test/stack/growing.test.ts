import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "../../local/platform/commands";
import { ROOT } from "../../local/platform/paths";
import { keepCheckpoints, startEachProgram } from "../support/shortcuts";
import { Measured, measure, schemas } from "../support/growth";
import { LocalStack } from "../support/local-stack";

const MANY = 20;

/** One stack with 20 schemas, in each of which every role has its rights, beside one with a single schema. */
describe("a stack with twenty schemas", () => {
  let many: LocalStack;
  let one: Measured;
  let twenty: Measured;

  beforeAll(async () => {
    keepCheckpoints();
    startEachProgram();
    const small = await LocalStack.open("one", {}, schemas(1));
    try {
      one = await measure(small);
    } finally {
      await small.close();
    }
    many = await LocalStack.open("many", {}, schemas(MANY));
    twenty = await measure(many);
    console.table({ "1 schema": one, "20 schemas": twenty });
  }, 600_000);
  afterAll(() => many.close());

  it("has the same resources for each schema", async () => {
    await many.configure({}, schemas(MANY + 1));
    const { changeSummary = {} } = await many.preview();
    await many.configure({}, schemas(MANY));
    expect(twenty.resources - one.resources).toBe((MANY - 1) * (changeSummary.create ?? 0));
    expect(changeSummary.create).toBeGreaterThan(0);
  });

  it("has no resource that depends on more because there are more", () => {
    expect(twenty.mostDependencies).toBe(one.mostDependencies);
  });

  // With a margin for a machine that does other things too: what grew with the square would take 7.8 times.
  it.each(["previewSeconds", "programMib"] as const)("takes no more than linearly of %s", (what) => {
    expect(twenty[what] / one[what]).toBeLessThan(2 * (twenty.resources / one.resources));
  });

  it("takes less time to be made than twenty stacks with one each, with all that Pulumi writes of its state", () => {
    expect(twenty.upSeconds / one.upSeconds).toBeLessThan(MANY);
  });

  it("gives each role its rights in the last schema as in the first", async () => {
    await many.as("migrate", (client) => client.query("CREATE TABLE part_19.things (id int)"));
    await many.as("app", (client) => client.query("INSERT INTO part_19.things VALUES (1)"));
    const { rows } = await many.as("readonly", (client) => client.query("SELECT id FROM part_19.things"));
    expect(rows).toEqual([{ id: 1 }]);
    await expect(many.as("readonly", (client) => client.query("DELETE FROM part_19.things"))).rejects.toMatchObject({
      code: "42501",
    });
    await expect(many.as("app", (client) => client.query("CREATE TABLE part_19.mine (id int)"))).rejects.toMatchObject({
      code: "42501",
    });
  });

  it("is in order, says the live check", async () => {
    const { cwd, env } = await many.platform.forOps();
    const { code, stdout, stderr } = await capture(path.join(ROOT, "ops/check"), ["--stack", many.name], { cwd, env });
    expect(code, stdout + stderr).toBe(0);
  });
});
