import type { Policies, PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import { policiesOf } from "./policies";
import { toPlain, Resource, ResourceRule, StackRule, Values } from "./resource";

/** Reads what both of the SDK's views of a resource have. */
function common({ type, name, urn, props, opts, provider }: ResourceValidationArgs | PolicyResource) {
  const shown = { type, name, urn, props: toPlain(props) as Values, protect: opts.protect };
  return { ...shown, provider: provider && (toPlain(provider.props) as Values) };
}

const readAsked = (args: ResourceValidationArgs): Resource => ({ ...common(args), madeOf: {} });

const readMade = (resource: PolicyResource): Resource => ({
  ...common(resource),
  madeOf: Object.fromEntries(
    Object.entries(resource.propertyDependencies).map(([property, others]) => [property, others.map(({ urn }) => urn)]),
  ),
});

const validateResource = (rule: ResourceRule) => ({
  validateResource: (args: ResourceValidationArgs, report: (message: string) => void) =>
    rule(readAsked(args)).forEach((message) => report(message)),
});

const validateStack = (rule: StackRule) => ({
  validateStack: ({ resources }: { resources: PolicyResource[] }, report: (message: string, urn: string) => void) =>
    rule(resources.map(readMade)).forEach(({ message, urn }) => report(message, urn)),
});

/** The policies in the form of Pulumi's SDK, which calls the two rules of a policy at different times. */
export const servePolicies = (stack: string): Policies =>
  policiesOf(stack).map(({ name, demands, level, resource, stack: whole }) => ({
    name,
    description: demands,
    enforcementLevel: level,
    ...(resource && validateResource(resource)),
    ...(whole && validateStack(whole)),
  }));
