import { DEFAULTS } from "./check";
import { ResourceModel, UNKNOWN, Values } from "./model";
import { hasUnknown, means } from "./values";

export type DiffKind = "add" | "update" | "delete";

export interface Diff {
  changes: Map<string, { kind: DiffKind; replace: boolean }>;
  replaces: string[];
  deleteBeforeReplace: boolean;
}

interface DiffRequest {
  /** What the resource looks like, and what the program asked for the last time. */
  state: Values;
  oldInputs: Values;
  inputs: Values;
}

/** Compares what the program asks for with what it asked for before (after a refresh: with what is there). */
export function diff(model: ResourceModel<never>, { state, oldInputs, inputs }: DiffRequest): Diff {
  const changes: Diff["changes"] = new Map();
  for (const [name, property] of Object.entries(model.properties)) {
    const before: unknown = oldInputs[name];
    const after: unknown = inputs[name];
    const leftToProvider = after === undefined && property.computed;
    if (property.output || leftToProvider || (before === undefined && after === undefined)) {
      continue;
    }
    // A computed property that the program begins to set to what it already is does not change.
    const asItIs = property.mayWait || (before === undefined && property.computed);
    const known: unknown = asItIs ? (state[name] ?? before) : before;
    if (!means(property, known, after)) {
      const kind = before === undefined ? "add" : after === undefined ? "delete" : "update";
      changes.set(name, { kind, replace: property.forceNew ?? false });
    }
  }
  for (const name of model.replaceWhen?.(state, inputs) ?? []) {
    changes.set(name, { kind: "update", replace: true });
  }
  const replaces = [...changes].filter(([, change]) => change.replace).map(([name]) => name);
  return { changes, replaces, deleteBeforeReplace: model.deleteBeforeReplace || nameStays(model, oldInputs, inputs) };
}

/** What a preview shows of a resource that is to be updated: what does not change stays as the service has it. */
export function plannedState(
  model: ResourceModel<never>,
  before: Values,
  inputs: Values,
  changes: Diff["changes"],
): Values {
  const planned: Values = {};
  for (const [name, property] of Object.entries(model.properties)) {
    const asked: unknown = inputs[name];
    if (property.changesOnUpdate) {
      planned[name] = UNKNOWN;
    } else if (changes.has(name)) {
      planned[name] = asked;
    } else {
      planned[name] = before[name] ?? asked;
    }
  }
  return planned;
}

/** A name chosen by the program can exist once: the old resource has to go first (the Pulumi bridge's rule). */
function nameStays(model: ResourceModel<never>, oldInputs: Values, inputs: Values): boolean {
  const property = model.autoName?.property;
  if (!property || inputs[property] === undefined || hasUnknown(inputs[property])) {
    return false;
  }
  const chosen = !(inputs[DEFAULTS] as string[] | undefined)?.includes(property);
  return chosen && inputs[property] === oldInputs[property];
}
