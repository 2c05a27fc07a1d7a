import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DangerousStep, dangerousSteps } from "../../policy/dangerous-steps";
import { PolicyEngine } from "../support/policies/engine";

/**
 * The engine's own previews of a program that no longer has what is in the state, or has it with another name in AWS. What is
 * protected it refuses by itself, whether a policy pack looks on or not.
 */
describe("a preview that would lose", () => {
  let engine: PolicyEngine;

  beforeAll(async () => {
    engine = await PolicyEngine.start(["prod"]);
  });
  afterAll(() => engine.close());

  const shown = (found: DangerousStep[]) => found.map(({ op, what, urn }) => `${op} ${what}: ${urn.split("::").pop()}`);

  it("a database, a key, a bucket and the owner is told by its steps", async () => {
    await engine.holds("prod", { protect: false });
    const { code, steps } = await engine.steps("prod");
    expect(code).toBe(0);
    expect(shown(dangerousSteps(steps)).sort()).toEqual([
      "delete a key: key",
      "delete the database: database",
      "delete the role that owns the tables: shop-migrate",
      "replace a bucket: versioned-bucket-bucket",
    ]);
  });

  it("what is protected is refused", async () => {
    await engine.holds("prod", { protect: true });
    const { code, output } = await engine.steps("prod");
    expect(code).not.toBe(0);
    expect(output).toMatch(/cannot be (deleted|replaced)/);
  });
});
