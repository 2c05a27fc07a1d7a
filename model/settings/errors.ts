import { distance } from "fastest-levenshtein";
import { z } from "zod";

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** The value at a path in the stack's file. */
function valueAt(raw: unknown, path: PropertyKey[]): unknown {
  return path.reduce((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], raw);
}

/** The key at a path as people write it: `database.extensions[1]`. */
function keyOf(path: PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    "",
  );
}

/** Returns the schema without the defaults, refinements and transforms around it. */
export function unwrap(schema: Schema | undefined): Schema | undefined {
  const definition = schema?._zod.def as { innerType?: Schema; in?: Schema } | undefined;
  const wrapped = definition?.innerType ?? definition?.in;
  return wrapped ? unwrap(wrapped) : schema;
}

/** The keys that the configuration has at a path; none where there is no group of keys. */
export function keysAt(schema: Schema, path: PropertyKey[]): string[] {
  let here = unwrap(schema);
  for (const key of path) {
    const definition = here?._zod.def as { shape?: Record<PropertyKey, Schema>; valueType?: Schema } | undefined;
    here = unwrap(definition?.shape?.[key] ?? definition?.valueType);
  }
  return Object.keys((here?._zod.def as { shape?: object } | undefined)?.shape ?? {});
}

/** Finds the known word that is most like what was written, if one is near enough to be meant. */
export function findNearest(word: string, known: string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((one, other) => one.edits - other.edits);
  return best && best.edits <= Math.max(2, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined;
}

function unknownKey(schema: Schema, path: PropertyKey[], key: string): string {
  const known = keysAt(schema, path);
  const meant = findNearest(key, known);
  const cure = meant ? `did you mean ${keyOf([...path, meant])}?` : `known here: ${known.join(", ")}`;
  return `${keyOf([...path, key])}: is not a known key; ${cure}`;
}

const TYPES: Record<string, string> = {
  string: "must be text",
  object: "must be a group of keys",
  array: "must be a list, e.g. [one, two]",
  record: "must be a group of keys",
};

function explainOne(schema: Schema, raw: unknown, issue: Issue): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(schema, issue.path, key));
  }
  if (issue.code === "invalid_key") {
    return issue.issues.map(({ message }) => `${keyOf(issue.path)}: ${message}`);
  }
  const value = valueAt(raw, issue.path);
  const shown = value === undefined ? "" : `${JSON.stringify(value)} `;
  let message = issue.message;
  if (issue.code === "invalid_type" && message.startsWith("Invalid input")) {
    message = TYPES[issue.expected] ?? `must be ${issue.expected}`;
  } else if (issue.code === "invalid_value") {
    message = `is not known here; set one of ${issue.values.map(String).join(", ")}`;
  }
  return [`${keyOf(issue.path)}: ${shown}${message}`];
}

/** One line for every mistake: `<key>: <value> <what is wrong>; <cure>`. */
export function explainIssues(schema: Schema, raw: unknown, issues: Issue[]): string[] {
  return issues.flatMap((issue) => explainOne(schema, raw, issue));
}
