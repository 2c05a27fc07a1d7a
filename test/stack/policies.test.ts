import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENVIRONMENTS, Environment, Level, POLICIES, PolicyName } from "../../policy/levels";
import { CASES } from "../support/policies/cases";
import { Chosen, chosen } from "../support/policies/chosen";
import { Judged, PolicyEngine, Violation } from "../support/policies/engine";

/**
 * Every policy against small programs that break it and one that does not, previewed by the real engine under the real pack.
 * One preview runs all programs of a kind, for an engine and a pack take seconds to start: the names of a program's resources
 * begin with its id, and its outputs are one output of that name, so that each finding says whose it is.
 */
const BROKEN = chosen("violates");
const NOT_MANDATORY = POLICIES.filter(({ levels }) => levels.local !== "mandatory").map(({ name }) => name);

const levelOf = (name: PolicyName, environment: Environment): Level =>
  POLICIES.find((policy) => policy.name === name)?.levels[environment] as Level;

/** What was found in a program's resources, or in its outputs. */
function about({ id }: Chosen, { violations }: Judged): Violation[] {
  return violations.filter(({ resourceUrn, message }) => {
    const name = resourceUrn.split("::").pop() ?? "";
    return name.startsWith(`${id}-`) || message.includes(`the output ${id}.`);
  });
}

describe("the pack", () => {
  let engine: PolicyEngine;
  const judged = {} as Record<Environment, Judged>;

  beforeAll(async () => {
    engine = await PolicyEngine.start([...ENVIRONMENTS]);
    for (const environment of ENVIRONMENTS) {
      judged[environment] = await engine.judge(environment, "violates");
    }
  });
  afterAll(() => engine.close());

  it("has a program that breaks each policy, and one that does not", () => {
    expect(Object.keys(CASES).sort()).toEqual(POLICIES.map(({ name }) => name as string).sort());
    expect(Object.values(CASES).filter(({ violates }) => Object.keys(violates).length === 0)).toEqual([]);
  });

  describe.each(ENVIRONMENTS)("%s", (environment) => {
    it.each(BROKEN.map((broken) => [broken.policy, broken.what, broken] as const))(
      "%s finds: %s, and no other policy does",
      (policy, _, broken) => {
        const level = levelOf(policy, environment);
        const found = about(broken, judged[environment]).map((one) => `${one.policyName}: ${one.enforcementLevel}`);
        expect(found).toEqual(level === "disabled" ? [] : [`${policy}: ${level}`]);
      },
    );

    it("finds nothing else, and the preview fails", () => {
      const ours = BROKEN.flatMap((broken) => about(broken, judged[environment]));
      expect(judged[environment].violations.filter((one) => !ours.includes(one))).toEqual([]);
      expect(judged[environment].code).not.toBe(0);
    });

    it("has nothing against the programs that break no policy", async () => {
      const { code, violations, output } = await engine.judge(environment, "passes");
      expect(violations).toEqual([]);
      expect(code, output).toBe(0);
    });
  });

  it("fails the preview for one policy alone", async () => {
    const { code, violations } = await engine.judge("local", "violates", ["tls-version"]);
    expect(violations.map(({ policyName }) => policyName)).toEqual(["tls-version"]);
    expect(code).not.toBe(0);
  });

  it("lets what is only advisory pass with a warning", async () => {
    const { code, violations, output } = await engine.judge("local", "violates", NOT_MANDATORY);
    expect(new Set(violations.map(({ enforcementLevel }) => enforcementLevel))).toEqual(new Set(["advisory"]));
    expect(code, output).toBe(0);
  });
});
