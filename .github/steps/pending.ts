import { RESOURCE_TYPES } from "../../model/resources/types";

/** What an update that was killed leaves behind in a stack's state. No Pulumi in here. */

export interface Resource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
}

/** Begun, and nobody knows whether it was done. */
export interface Pending {
  type: string;
  resource: Resource;
}

/** What `pulumi stack export` prints, as far as it is used; the rest goes back as it came. */
export interface Exported {
  deployment: { resources?: Resource[] | null; pending_operations?: Pending[] | null };
}

/** There is nothing of these outside of the state. */
const NOWHERE = /^(random:|pulumi:)/;

function idOf({ type, inputs }: Resource): string | undefined {
  const id = inputs?.[RESOURCE_TYPES[type]?.id ?? ""];
  return typeof id === "string" && id !== "" ? id : undefined;
}

/**
 * Takes the creations that were begun into the state, with their id and nothing else: that is how Pulumi's providers are asked to import.
 * A refresh then reads those that were made, and forgets those that were not.
 */
export function adoptCreations<State extends Exported>(exported: State): { state: State; unknown: Resource[] } {
  const { resources, pending_operations: pending } = exported.deployment;
  const there = new Set((resources ?? []).map(({ urn }) => urn));
  const created = (pending ?? []).filter(({ type }) => type === "creating").map(({ resource }) => resource);
  const adopted = created.filter((resource) => idOf(resource) !== undefined && !there.has(resource.urn));
  const unknown = created.filter((resource) => !adopted.includes(resource) && !NOWHERE.test(resource.type));
  const taken = adopted.map((resource) => ({ ...resource, id: idOf(resource), outputs: {} }));
  const deployment = {
    ...exported.deployment,
    resources: [...(resources ?? []), ...taken],
    // Up to 3.259 an update keeps those that create on record for good, and warns of them each time.
    pending_operations: [],
  };
  return { state: { ...exported, deployment }, unknown };
}
