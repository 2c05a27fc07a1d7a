import type { PolicyName } from "../../../policy/levels";
import { CASES, Program } from "./cases";

export interface Chosen {
  /** Begins the name of each of its resources. */
  id: string;
  policy: PolicyName;
  what: string;
  program: Program;
}

/** The cases of one kind, of all policies or of some. */
export function chosen(kind: string, policies = Object.keys(CASES)): Chosen[] {
  return Object.entries(CASES)
    .filter(([policy]) => policies.includes(policy))
    .flatMap(([name, { violates, passes }]) => {
      const policy = name as PolicyName;
      return kind === "passes"
        ? [{ id: policy, policy, what: "passes", program: passes }]
        : Object.entries(violates).map(([what, program], index) => ({
            id: `${policy}-${index}`,
            policy,
            what,
            program,
          }));
    });
}
