import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dangerousSteps } from "../../.github/steps/dangerous-steps";
import { PolicyEngine } from "../support/policies/engine";

/**
 * The engine's own previews of a program that no longer has what is in the state, or has it with another name in AWS. Policies are
 * shown nothing of it. What is protected the engine refuses by itself, and the rest is told by the steps of the preview.
 */
describe("a preview that would lose", () => {
  let engine: PolicyEngine;

  beforeAll(async () => {
    engine = await PolicyEngine.start(["prod"]);
  });
  afterAll(() => engine.close());

  it("a database, a key, a bucket and the owner is told by its steps, and by no policy", async () => {
    await engine.holds("prod", { protect: false });
    const { code, output, steps, violations, errors } = await engine.foreseen("prod");
    expect({ code, violations, errors }, output).toEqual({ code: 0, violations: [], errors: [] });
    expect(
      dangerousSteps(steps)
        .map(({ name, why }) => `${name} ${why.split(":")[0]}`)
        .sort(),
    ).toEqual([
      "database deletes the database",
      "key deletes a key",
      "shop-migrate deletes the role that owns the tables",
      "versioned-bucket-bucket replaces a bucket",
    ]);
    expect(steps.find(({ op }) => op === "replace")).toMatchObject({
      paths: ["bucket", "tags"],
      before: { bucket: "shop-under-its-old-name" },
    });
  });

  it("what is protected is refused", async () => {
    await engine.holds("prod", { protect: true });
    const { code, errors, violations } = await engine.foreseen("prod");
    expect(code).not.toBe(0);
    expect(violations).toEqual([]);
    for (const name of ["database", "key", "shop-migrate", "versioned-bucket-bucket"]) {
      expect(errors.join("\n")).toMatch(
        new RegExp(`resource "[^"]*::${name}"( cannot be deleted)?\\s+(as|because) it is [^.]*protect`),
      );
    }
  });
});
