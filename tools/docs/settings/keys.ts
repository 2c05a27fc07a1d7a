import { z } from "zod";
import { ROLE_NAMES } from "../../../model/access/matrix";
import { unwrap } from "../../../model/settings/errors";
import { schema } from "../../../model/settings";

type Schema = z.core.$ZodType;

/** What zod keeps of a schema, as far as it is asked for here. */
interface Definition {
  type: string;
  format?: string;
  shape?: Record<string, Schema>;
  element?: Schema;
  valueType?: Schema;
  options?: Schema[];
  values?: unknown[];
  entries?: Record<string, unknown>;
  checks?: Schema[];
}
interface Check {
  check: string;
  value?: number;
  minimum?: number;
  maximum?: number;
  error?: (issue: object) => string | undefined;
}

const definitionOf = (wrapped: Schema) => unwrap(wrapped)?._zod.def as unknown as Definition;
const checksOf = ({ checks = [] }: Definition) => checks.map((check) => check._zod.def as unknown as Check);

/** A setting that holds a value, not a group of settings. */
export interface Key {
  /** As it stands in the documentation: keys that are all of one kind are one, `roles.<role>.generation`. */
  path: string[];
  /** With a name of those in place of `<role>`; any name of a record is `<name>` here too. */
  example: string[];
  /** What `<role>` stands for. */
  names: string[];
  schema: Schema;
}

const anyOf = (names: string[]) =>
  names.every((name) => name === "all" || (ROLE_NAMES as readonly string[]).includes(name)) ? "<role>" : "<name>";

function keysIn(wrapped: Schema, at: Omit<Key, "schema">): Key[] {
  const { type, shape, valueType } = definitionOf(wrapped);
  const inside = (key: string, example = key, names = at.names) => ({
    path: [...at.path, key],
    example: [...at.example, example],
    names,
  });
  if (type === "record" && valueType && definitionOf(valueType).shape) {
    return keysIn(valueType, inside("<name>"));
  }
  if (!shape) {
    return [{ ...at, schema: wrapped }];
  }
  const [[first, child] = [], ...others] = Object.entries(shape);
  if (first && child && others.length > 0 && others.every(([, other]) => other === child)) {
    const names = Object.keys(shape);
    return keysIn(child, inside(anyOf(names), first, names));
  }
  return Object.entries(shape).flatMap(([key, value]) => keysIn(value, inside(key)));
}

/** Every setting, in the order of the schema. */
export const keys = (of: Schema = schema): Key[] => keysIn(of, { path: [], example: [], names: [] });

const literal = (value: unknown) => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
const oneOf = (values: unknown[]) =>
  values.length === 1
    ? literal(values[0])
    : `${values.slice(0, -1).map(literal).join(", ")} or ${literal(values.at(-1))}`;

/** The least and the most that the checks of a number or list leave. */
export function rangeOf(wrapped: Schema): { least?: number; most?: number } {
  const checks = checksOf(definitionOf(wrapped));
  const least = checks.find(({ check }) => check === "greater_than" || check === "min_length");
  const most = checks.find(({ check }) => check === "less_than" || check === "max_length");
  return { least: least?.value ?? least?.minimum, most: most?.value ?? most?.maximum };
}

function within({ least, most }: ReturnType<typeof rangeOf>): string {
  if (least !== undefined && most !== undefined) {
    return `, ${least} to ${most}`;
  }
  return least !== undefined ? `, ${least} or more` : most !== undefined ? `, at most ${most}` : "";
}

/** The values that a setting can have, where they can be told one by one. */
export function valuesOf(wrapped: Schema): unknown[] {
  const { type, entries, options = [], values } = definitionOf(wrapped);
  if (type === "boolean") {
    return [true, false];
  }
  return values ?? (entries ? Object.values(entries) : options.flatMap(valuesOf));
}

/** What may stand there, in words. */
export function takes(wrapped: Schema): string {
  const { type, format, element, valueType, options = [] } = definitionOf(wrapped);
  const values = valuesOf(wrapped);
  if (values.length > 0) {
    return oneOf(values);
  }
  if (type === "number") {
    return `a ${format ? "whole number" : "number"}${within(rangeOf(wrapped))}`;
  }
  if (type === "array" && element) {
    const entries = valuesOf(element);
    return `a list of ${entries.length > 0 ? entries.map(literal).join(", ") : takes(element)}${within(rangeOf(wrapped))}`;
  }
  if (type === "record" && valueType) {
    return `names, each with ${takes(valueType)}`;
  }
  return type === "union" ? options.map((option) => takes(option)).join(" or ") : type === "string" ? "text" : type;
}

/** What a check of a number says that no range can. */
export const otherChecks = (wrapped: Schema): string[] =>
  checksOf(definitionOf(wrapped))
    .filter(({ check, error }) => check === "custom" && error)
    .flatMap(({ error }) => error?.({ code: "custom" }) ?? []);
