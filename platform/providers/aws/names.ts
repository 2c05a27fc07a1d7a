import { CheckFailure, Property, Values } from "../protocol/model";

/** Digits that Terraform puts behind a prefix. */
const SUFFIX_LENGTH = 26;
let made = 0;

/** The name that the program chose, or its prefix with a suffix of Terraform's kind: the time and a counter (id.PrefixedUniqueId). */
export function nameOf(inputs: Values): string {
  if (inputs.name) {
    return inputs.name as string;
  }
  const time = new Date()
    .toISOString()
    .replace(/\D/g, "")
    .padEnd(SUFFIX_LENGTH - 8, "0");
  return `${inputs.namePrefix as string}${time}${(++made).toString(16).padStart(8, "0")}`;
}

/** The properties `name` and `namePrefix` of a resource whose name must match `allowed`, and is made up when both are absent. */
export function nameProperties(maxLength: number, allowed: RegExp, allowedSays: string): Record<string, Property> {
  const rule = (property: string, most: number) => (value: string) =>
    value.length > most
      ? `expected length of ${property} to be in the range (0 - ${most}), got ${value}`
      : allowed.test(value)
        ? undefined
        : `invalid value for ${property} (${allowedSays})`;
  return {
    name: { computed: true, forceNew: true, validate: rule("name", maxLength) },
    namePrefix: {
      computed: true,
      forceNew: true,
      notRead: true,
      validate: rule("namePrefix", maxLength - SUFFIX_LENGTH),
    },
  };
}

/** Terraform's ConflictsWith of the two. */
export function checkName({ name, namePrefix }: Values): CheckFailure[] {
  return name !== undefined && namePrefix !== undefined
    ? [{ property: "namePrefix", reason: '"namePrefix": conflicts with name' }]
    : [];
}
