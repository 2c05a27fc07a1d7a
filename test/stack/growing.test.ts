import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { keepCheckpoints, startEachProgram } from "../support/shortcuts";
import { count, Counted, Measured, measure, schemas } from "../support/growth";
import { LocalStack } from "../support/local-stack";
import { LONG } from "../support/long";

const [ONE, SOME, MANY] = LONG ? [1, 10, 20] : [1, 3, 6];

/** One stack with many schemas, in each of which every role has its rights, beside one with a single schema. */
describe("a stack with many schemas", () => {
  let many: LocalStack;
  let one: Measured;
  let several: Measured;
  /** What the program does, by the number of schemas. */
  const counted = {} as Record<number, Counted>;

  const of = (schemas: number, what: keyof Counted) => counted[schemas]?.[what] ?? NaN;

  beforeAll(async () => {
    keepCheckpoints();
    startEachProgram();
    const small = await LocalStack.open("one", {}, schemas(ONE));
    try {
      one = await measure(small);
      counted[ONE] = await count(small);
      await small.configure({}, schemas(SOME));
      counted[SOME] = await count(small);
    } finally {
      await small.close();
    }
    many = await LocalStack.open("many", {}, schemas(MANY));
    several = await measure(many);
    counted[MANY] = await count(many);
    console.table({
      [ONE]: { ...one, ...counted[ONE] },
      [SOME]: counted[SOME],
      [MANY]: { ...several, ...counted[MANY] },
    });
  });
  afterAll(() => many.close());

  it("has the same resources for each schema", async () => {
    await many.configure({}, schemas(MANY + 1));
    const { changeSummary = {} } = await many.preview();
    await many.configure({}, schemas(MANY));
    expect(several.resources - one.resources).toBe((MANY - 1) * (changeSummary.create ?? 0));
    expect(changeSummary.create).toBeGreaterThan(0);
  });

  it("has no resource that depends on more because there are more", () => {
    expect(several.mostDependencies).toBe(one.mostDependencies);
  });

  // What grew with the square would take at least 2.2 times as much. Of the calls a share does, which is Pulumi's own: 1.3 times.
  it.each([
    ["messages", 1.2],
    ["messageBytes", 1.2],
    ["calls", 2],
  ] as const)("takes no more %s for a schema when there are more", (what, most) => {
    const few = (of(SOME, what) - of(ONE, what)) / (SOME - ONE);
    const more = (of(MANY, what) - of(SOME, what)) / (MANY - SOME);
    expect(few).toBeGreaterThan(0);
    expect(more / few).toBeLessThan(most);
  });

  // What grew with the square would take ten times as much, and more.
  it("takes no more than linearly of memory", () => {
    expect(several.programMib / one.programMib).toBeLessThan(several.resources / one.resources);
  });

  it("has less written than as many stacks with one each, with all that Pulumi writes of its state", () => {
    expect(one.writtenMib).toBeGreaterThan(1);
    expect(several.writtenMib / one.writtenMib).toBeLessThan(MANY);
  });

  it("gives each role its rights in the last schema as in the first", async () => {
    await many.as("migrate", (client) => client.query(`CREATE TABLE part_${MANY - 1}.things (id int)`));
    await many.as("app", (client) => client.query(`INSERT INTO part_${MANY - 1}.things VALUES (1)`));
    const { rows } = await many.as("readonly", (client) => client.query(`SELECT id FROM part_${MANY - 1}.things`));
    expect(rows).toEqual([{ id: 1 }]);
    await expect(
      many.as("readonly", (client) => client.query(`DELETE FROM part_${MANY - 1}.things`)),
    ).rejects.toMatchObject({
      code: "42501",
    });
    await expect(
      many.as("app", (client) => client.query(`CREATE TABLE part_${MANY - 1}.mine (id int)`)),
    ).rejects.toMatchObject({
      code: "42501",
    });
  });

  it("is in order, says the live check", async () => {
    const { cwd, env } = await many.platform.forCommands();
    const { code, stdout, stderr } = await capture(path.join(ROOT, "ops/check"), ["--stack", many.name], { cwd, env });
    expect(code, stdout + stderr).toBe(0);
  });
});
