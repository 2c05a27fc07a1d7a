/** A value of a resource's property, as plain data: neither this file nor the rules import Pulumi. */
export type Value = string | number | boolean | null | undefined | typeof UNKNOWN | Value[] | Values;
export interface Values {
  [property: string]: Value;
}

/** Stands for a value that a preview cannot know. The update judges what depends on it, before it is made. */
export const UNKNOWN = Symbol("unknown");

/** A resource, as the rules see it. */
export interface Resource {
  type: string;
  /** The logical name of the resource. */
  name: string;
  urn: string;
  /** The properties: a resource's rule sees those that the program asks for, a stack's rule those that result. */
  props: Values;
  /** Whether Pulumi refuses to delete the resource. */
  protect: boolean;
  /** The properties of its provider, if it has an explicit one. */
  provider?: Values;
  /** The URNs of the resources that each property is made of; only a stack's rules know them. */
  madeOf: Record<string, string[]>;
}

/** A mistake that a rule has found, and the resource that has it. */
export interface Finding {
  urn: string;
  message: string;
}

/** A rule that finds what is wrong with one resource. It is called before the resource is made or changed. */
export type ResourceRule = (resource: Resource) => string[];
/** A rule that finds what is wrong between resources. It is called when all of them are known. */
export type StackRule = (resources: Resource[]) => Finding[];

/** Copies a value without the SDK's wrapper, which throws where a value is unknown; the copy has {@link UNKNOWN} there. */
export function toPlain(value: unknown): Value {
  if (!(value instanceof Object)) {
    return value as Value;
  }
  const read = (key: string) => {
    try {
      return toPlain((value as Record<string, unknown>)[key]);
    } catch {
      return UNKNOWN;
    }
  };
  return Array.isArray(value)
    ? Object.keys(value).map(read)
    : Object.fromEntries(Object.keys(value).map((key) => [key, read(key)]));
}

/** Returns a value as a list: a single value is a list of one, and unknown or missing members are left out. */
export function toList(value: Value): Exclude<Value, typeof UNKNOWN | undefined | null>[] {
  const all = Array.isArray(value) ? value : [value];
  return all.filter((one) => one !== undefined && one !== null && one !== UNKNOWN) as never;
}

/** The objects in a list, or a single object as a list of one. */
export const objectsIn = (value: Value): Values[] =>
  toList(value).filter((one): one is Values => typeof one === "object" && !Array.isArray(one));

/** Returns a plain value as text; the empty text for what is unknown, a list or an object. */
export const toText = (value: Value): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";

/** Whether a property is set, even if a preview does not know its value. */
export const isSet = (value: Value) => value !== undefined && value !== null && value !== "";

/** Whether a switch is on; true where a preview does not know. */
export const isOn = (value: Value) => value === UNKNOWN || value === true || value === "true";

export const filterByType = (resources: Resource[], ...types: string[]) =>
  resources.filter(({ type }) => types.includes(type));
