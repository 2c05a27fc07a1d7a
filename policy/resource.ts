/** What the rules see of a resource, as plain data: no Pulumi in here, and none in the rules. */
export type Value = string | number | boolean | null | undefined | typeof UNKNOWN | Value[] | Values;
export interface Values {
  [property: string]: Value;
}

/** In the place of what a preview cannot know. Whatever depends on it is judged by the update, before it is made. */
export const UNKNOWN = Symbol("unknown");

export interface Resource {
  type: string;
  /** Its name in the program. */
  name: string;
  urn: string;
  /** A resource's rule sees what the program asks for, a stack's rule what comes of it. */
  props: Values;
  /** Whether Pulumi refuses to delete it. */
  protect: boolean;
  provider?: Values;
  /** For a stack's rules: the URNs that each property is made of. */
  madeOf: Record<string, string[]>;
}

export interface Finding {
  urn: string;
  message: string;
}

/** What is wrong with one resource. It is asked before the resource is made or changed. */
export type ResourceRule = (resource: Resource) => string[];
/** What is wrong with how resources go together. It is asked when all of them have been looked at. */
export type StackRule = (resources: Resource[]) => Finding[];

/** A copy without the SDK's wrapper, which throws where a value is unknown. */
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

/** A list, whether it was written as one or as its only member; what is unknown in it is left out. */
export function toList(value: Value): Exclude<Value, typeof UNKNOWN | undefined | null>[] {
  const all = Array.isArray(value) ? value : [value];
  return all.filter((one) => one !== undefined && one !== null && one !== UNKNOWN) as never;
}

/** The objects in a list, or the only one. */
export const objectsIn = (value: Value): Values[] =>
  toList(value).filter((one): one is Values => typeof one === "object" && !Array.isArray(one));

/** A value as it is written; nothing of what is unknown, a list or an object. */
export const toText = (value: Value): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";

/** Whether something is set, even if a preview cannot say to what. */
export const isSet = (value: Value) => value !== undefined && value !== null && value !== "";

/** Whether a switch is on; the benefit of the doubt where it is unknown. */
export const isOn = (value: Value) => value === UNKNOWN || value === true || value === "true";

export const filterByType = (resources: Resource[], ...types: string[]) =>
  resources.filter(({ type }) => types.includes(type));
