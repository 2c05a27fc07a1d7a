import type { Tags } from "../../model/aws/tags";
import { isSet, ResourceRule, UNKNOWN, Value, Values } from "../resource";
import { UNTAGGED } from "../untagged";

const NEEDED = [
  "Application",
  "Environment",
  "Owner",
  "Purpose",
  "DataClassification",
] as const satisfies (keyof Tags)[];

/** The default tags of a provider, whose nested configuration arrives as JSON. */
function defaultTags(provider: Values | undefined): Value {
  const value = provider?.defaultTags;
  const parsed = typeof value === "string" ? (JSON.parse(value) as Values) : (value as Values | undefined);
  return parsed?.tags;
}

export const tagged: ResourceRule = ({ type, props, provider }) => {
  const given = [props.tags, defaultTags(provider)];
  if (!type.startsWith("aws:") || UNTAGGED.includes(type) || given.includes(UNKNOWN)) {
    return [];
  }
  const missing = NEEDED.filter((tag) => !given.some((tags) => isSet((tags as Values | undefined)?.[tag])));
  return missing.length === 0
    ? []
    : [
        `the tag${missing.length > 1 ? "s" : ""} ${missing.join(", ")} ${missing.length > 1 ? "are" : "is"} missing; ` +
          "say whose it is and what could be learned from it (a type that takes no tags belongs into policy/untagged.ts)",
      ];
};
