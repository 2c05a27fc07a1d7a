import { expect } from "vitest";
import { PolicyName } from "../../../policy/levels";
import { policiesOf } from "../../../policy/policies";
import { Resource, Values } from "../../../policy/resource";

export const resource = (type: string, props: Values, more: Partial<Resource> = {}): Resource => ({
  ...{ type, name: "one", urn: `urn:${type}`, props, protect: false, madeOf: {} },
  ...more,
});

/** What a policy finds in resources, as in prod: in each of them, and in all together. */
export function findings(name: PolicyName, ...resources: Resource[]): string[] {
  const { resource: one, stack } = policiesOf("prod").find((policy) => policy.name === name) ?? {};
  const together = (stack?.(resources) ?? []).map(({ message }) => message);
  return [...resources.flatMap((each) => one?.(each) ?? []), ...together];
}

/** One finding, with that text in it. */
export const says = (text: string): string[] => [expect.stringContaining(text) as string];

export const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
