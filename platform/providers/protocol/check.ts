import { createHash } from "node:crypto";
import { CheckFailure, Property, ResourceModel, UNKNOWN, Values } from "./model";
import { hasUnknown, isEmpty } from "./values";

/** The Pulumi bridge keeps here which inputs it filled in itself: those may change without the program's doing. */
export const DEFAULTS = "__defaults";

interface CheckRequest {
  /** The name that the program gave the resource. */
  name: string;
  olds: Values;
  news: Values;
  randomSeed: Uint8Array;
}

function autoName(model: ResourceModel<never>, { name, olds, news, randomSeed }: CheckRequest): string | undefined {
  const rule = model.autoName;
  if (!rule || (rule.unless && news[rule.unless] !== undefined)) {
    return undefined;
  }
  if ((olds[DEFAULTS] as string[] | undefined)?.includes(rule.property)) {
    return olds[rule.property] as string;
  }
  const separator = rule.separator ?? "-";
  const digits = createHash("sha256").update(randomSeed).digest("hex").slice(0, 7);
  const stem = name.slice(0, (rule.maxLength ?? 255) - digits.length - separator.length);
  const full = `${stem}${separator}${digits}`;
  return rule.lowerCase ? full.toLowerCase() : full;
}

/** What is wrong with the known values of `inputs`, by the properties' own rules. */
export function propertyFailures(properties: Record<string, Property>, inputs: Values): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const name of Object.keys(inputs)) {
    if (name !== DEFAULTS && (!properties[name] || properties[name].output)) {
      failures.push({ property: name, reason: `An argument named "${name}" is not expected here.` });
    }
  }
  for (const [property, rule] of Object.entries(properties)) {
    const value: unknown = inputs[property];
    if (value === undefined) {
      if (rule.required) {
        failures.push({
          property,
          reason: `Missing required argument: the argument "${property}" is required, but no definition was found.`,
        });
      }
    } else if (rule.validate && !hasUnknown(value)) {
      const reason = rule.validate(value as never, inputs);
      if (reason) {
        failures.push({ property, reason });
      }
    }
  }
  return failures;
}

/** Fills in defaults and the automatic name, then says what is wrong. */
export function check(
  model: ResourceModel<never>,
  request: CheckRequest,
): { inputs: Values; failures: CheckFailure[] } {
  const inputs: Values = { ...request.news };
  const defaults: string[] = [];
  const fillIn = (property: string, value: unknown) => {
    if (inputs[property] === undefined && value !== undefined) {
      inputs[property] = value;
      defaults.push(property);
    }
  };
  if (model.autoName) {
    fillIn(model.autoName.property, autoName(model, request));
  }
  for (const [property, rule] of Object.entries(model.properties)) {
    fillIn(property, rule.default);
    // A program may give a document as an object (the Pulumi bridge's TransformJSONDocument).
    if (rule.json && typeof inputs[property] === "object") {
      inputs[property] = hasUnknown(inputs[property]) ? UNKNOWN : JSON.stringify(inputs[property]);
    }
  }
  const failures = propertyFailures(model.properties, inputs);
  if (model.check && failures.length === 0) {
    failures.push(...model.check(inputs));
  }
  return { inputs: { ...inputs, [DEFAULTS]: defaults.sort() }, failures };
}

/**
 * The inputs as they stand in the service, after a refresh or an import: what the program set is replaced by what was
 * read where the two mean something else, and what somebody set by hand on an optional property is added, so that the
 * next diff takes it away.
 */
export function refreshedInputs(
  model: ResourceModel<never>,
  inputs: Values,
  state: Values,
  means: (property: Property, before: unknown, after: unknown) => boolean,
): Values {
  const imported = Object.keys(inputs).length === 0;
  const refreshed: Values = imported ? { [DEFAULTS]: [] } : { [DEFAULTS]: inputs[DEFAULTS] ?? [] };
  for (const [name, property] of Object.entries(model.properties)) {
    if (property.output) {
      continue;
    }
    const before: unknown = inputs[name];
    const now: unknown = state[name];
    if (before !== undefined) {
      const keep = property.notRead || means(property, before, now);
      refreshed[name] = keep ? before : now;
    } else if (!isEmpty(now) && (imported || !property.computed)) {
      refreshed[name] = now;
    }
  }
  return refreshed;
}

/**
 * What an import takes over: of two properties that exclude each other the service tells both, and one that the provider would fill in
 * by itself is left out (the Pulumi bridge's processImportValidationErrors).
 */
export function withoutConflicts(model: ResourceModel<never>, inputs: Values): Values {
  const { failures } = check(model, { name: "", olds: inputs, news: inputs, randomSeed: new Uint8Array() });
  const conflicting = failures
    .filter(({ property, reason }) => /conflicts with/.test(reason) && model.properties[property]?.computed)
    .map(({ property }) => property);
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !conflicting.includes(name)));
}
