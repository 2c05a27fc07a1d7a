import type { Tags } from "../../model/aws/tags";
import { takesTags } from "../../model/resources/types";
import { isSet, ResourceRule, UNKNOWN, Value, Values } from "../resource";

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
  if (!takesTags(type) || given.includes(UNKNOWN)) {
    return [];
  }
  const missing = NEEDED.filter((tag) => !given.some((tags) => isSet((tags as Values | undefined)?.[tag])));
  return missing.length === 0
    ? []
    : [
        `the tag${missing.length > 1 ? "s" : ""} ${missing.join(", ")} ${missing.length > 1 ? "are" : "is"} missing; ` +
          "say whose it is and what could be learned from it (that a type takes no tags is said in model/resources/types.ts)",
      ];
};
