import type { Policies, PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import { policiesFor } from "./policies";
import { plain, Resource, ResourceRule, StackRule, Values } from "./resource";

/** What both of the SDK's views of a resource have. */
function common({ type, name, urn, props, opts, provider }: ResourceValidationArgs | PolicyResource) {
  const shown = { type, name, urn, props: plain(props) as Values, protect: opts.protect };
  return { ...shown, provider: provider && (plain(provider.props) as Values) };
}

const asked = (args: ResourceValidationArgs): Resource => ({ ...common(args), madeOf: {} });

const made = (resource: PolicyResource): Resource => ({
  ...common(resource),
  madeOf: Object.fromEntries(
    Object.entries(resource.propertyDependencies).map(([property, others]) => [property, others.map(({ urn }) => urn)]),
  ),
});

const validateResource = (rule: ResourceRule) => ({
  validateResource: (args: ResourceValidationArgs, report: (message: string) => void) =>
    rule(asked(args)).forEach((message) => report(message)),
});

const validateStack = (rule: StackRule) => ({
  validateStack: ({ resources }: { resources: PolicyResource[] }, report: (message: string, urn: string) => void) =>
    rule(resources.map(made)).forEach(({ message, urn }) => report(message, urn)),
});

/** The policies as Pulumi's SDK serves them: one that has both rules is asked for each at its time. */
export const served = (stack: string): Policies =>
  policiesFor(stack).map(({ name, demands, level, resource, stack: whole }) => ({
    name,
    description: demands,
    enforcementLevel: level,
    ...(resource && validateResource(resource)),
    ...(whole && validateStack(whole)),
  }));
