import { stringify } from "yaml";
import { z } from "zod";
import { PARAMETERS } from "../../../model/parameters";
import { parseSettings, schema, SettingsError } from "../../../model/settings";
import { anchor } from "../links";
import { Comment, comments } from "./comments";
import { Effect, EFFECTS, settingOf } from "../../../model/settings/effects";
import { GROUPS } from "./groups";
import { Key, keys, otherChecks, rangeOf, takes, valuesOf } from "./keys";

/** The reference of all settings, computed: from the schema, its comments, and what it says to values that are wrong. */

type Raw = Record<string, unknown>;

const nameOf = ({ path }: Key) => path.join(".");
/** What no name here is ever: a record's key, to write one down. */
const concrete = ({ example }: Key) => example.map((part) => (part === "<name>" ? "shop" : part));

const holding = (path: string[], value: unknown): Raw =>
  path.reduceRight<unknown>((inside, key) => ({ [key]: inside }), value) as Raw;
const valueAt = (raw: unknown, path: string[]) =>
  path.reduce<unknown>((value, key) => {
    const here = (value ?? {}) as Raw;
    return key === "<name>" ? Object.values(here)[0] : here[key];
  }, raw);

/** What a person is told of a stack's file with that in it. */
function mistakes(environment: "dev" | "prod", raw: Raw): string[] {
  try {
    parseSettings(environment, raw);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.message.split("\n  ").slice(1);
    }
    throw error;
  }
}

/** What a key is told about `value`, without the key and the value: `is below RDS's minimum of 20; set 20 or more`. */
function told(key: Key, value: unknown, environment: "dev" | "prod" = "dev"): string[] {
  const path = concrete(key);
  const shown = [value, ...(Array.isArray(value) ? (value as unknown[]) : [])].map(
    (part) => `${JSON.stringify(part)} `,
  );
  return mistakes(environment, value === undefined ? {} : holding(path, value)).flatMap((line) => {
    const [at = "", message = ""] = line.split(/: (.*)/s);
    const own = shown.find((text) => message.startsWith(text)) ?? "";
    return at.replace(/\[\d+\]$/, "") === path.join(".") ? [message.slice(own.length)] : [];
  });
}

/** What text or a list that is wrong is told; of a number, what no range can say. */
function refusals(key: Key): string[] {
  const kind = takes(key.schema);
  const wrong: unknown[] = kind.startsWith("a list of text") ? [["?"], [""], []] : kind === "text" ? ["?", ""] : [];
  return [...new Set([...wrong.flatMap((value) => told(key, value)), ...otherChecks(key.schema)])];
}

/** What only prod is told: of leaving the key out, and of each value that it can have, or the least. */
function inProd(key: Key): string[] {
  if (nameOf(key) === "database.parameters") {
    const fixed = PARAMETERS.filter(({ fixedInProd }) => fixedInProd).map(({ name }) => `\`${name}\``);
    return [`${fixed.join(", ")} stay as they are`];
  }
  const values = valuesOf(key.schema);
  const tried = values.length > 0 ? values : [rangeOf(key.schema).least ?? 1];
  const said = (value: unknown) => {
    const before = told(key, value);
    return told(key, value, "prod").filter((line) => !before.includes(line));
  };
  return [
    ...said(undefined).map((line) => `left out, it ${line}`),
    ...tried.flatMap((value) => said(value).map((line) => `\`${String(value)}\` ${line}`)),
  ];
}

/** What a key has when nobody sets it; undefined where the stack computes it, or goes without. */
function realDefault(key: Key): unknown {
  return z.safeParse(key.schema, undefined).data ?? valueAt(schema.parse({}), key.example);
}

/** A value as YAML has it. */
const written = (value: unknown) =>
  stringify(value, { collectionStyle: "flow", flowCollectionPadding: false, lineWidth: 0 }).trim();
const code = (text: string) => `\`${text}\``;

/** The default: what the schema says, or what its comment says where the stack computes it, or goes without. */
export function defaultOf(key: Key, inWords = "none"): string {
  const real = realDefault(key);
  if (real === undefined) {
    return inWords.includes(" ") || inWords === "none" ? inWords : code(inWords);
  }
  // Keys that are all of one kind share a comment, whose default is that of their group.
  if (inWords !== written(real) && !inWords.startsWith(`${written(real)}, `) && key.names.length === 0) {
    throw new Error(`${nameOf(key)}: its comment says @default ${inWords}, which is ${written(real)} in truth`);
  }
  return inWords.startsWith(`${written(real)}, `) ? inWords : code(written(real));
}

const typeNames = (types: string[] = []) => types.map((type) => code(type.split(":").at(-1) ?? "")).join(" and ");

const SAID: Record<Effect["is"], (effect: Effect) => string> = {
  updates: () => "in place",
  restarts: () => "in place, and the database restarts",
  adds: () => "adds to what is there",
  recreates: ({ what }) => `deletes or replaces ${typeNames(what)}, and loses nothing`,
  refused: () => "[refused](aws.md#what-cannot-be-changed)",
  nothing: () => "changes nothing that is built already",
};

/** What a change does, by what the engine shows: from effects.ts. */
function changes(key: Key): string[] {
  const path = key.example;
  return Object.entries(EFFECTS)
    .filter(([entry]) => `${path.join(".")}.`.startsWith(`${settingOf(entry)}.`))
    .filter(([, { change }]) => valueAt(change, path) !== undefined)
    .map(([entry, effect]) => {
      const which = entry.slice(settingOf(entry).length + 2);
      return `${which ? `${which}: ` : ""}${SAID[effect.is](effect)}`;
    });
}

/** The comment of a key; of keys that are all of one kind it stands before their group. */
export function commentOf(key: Key, found: Map<string, Comment>): Comment {
  const place = key.path.at(-1)?.startsWith("<") ? key.example.slice(0, -1) : key.example;
  const comment = found.get(place.join("."));
  if (!comment?.text) {
    throw new Error(`${nameOf(key)} has no comment: write before it what it does, with its @default`);
  }
  return comment;
}

/** `docs/audit-log.md`, as a link from a page beside it. */
const linked = (text: string) => text.replace(/\bdocs\/([\w-]+\.md)/g, "[$1]($1)");

/** What a key does. Of several names in its path the last is one of a few, those before it are anybody's. */
export function about(key: Key, { text }: Comment): string {
  const names = key.names.map(code).join(", ");
  const place = key.path.findLast((part) => part.startsWith("<")) ?? "";
  return linked(names ? `${text} ${code(place)} is one of ${names}.` : text);
}

const line = (name: string, said: string[]) => (said.length > 0 ? [`- ${name}: ${said.join("; ")}`] : []);

function keyText(key: Key, comment: Comment): string {
  return [
    `### ${code(nameOf(key))}`,
    "",
    about(key, comment),
    "",
    ...line("takes", [takes(key.schema)]),
    ...line("says otherwise", refusals(key).map(code)),
    ...line("default", [defaultOf(key, comment.default)]),
    ...line("in prod", inProd(key)),
    ...line("a change", changes(key)),
    "",
  ].join("\n");
}

const groupOf = ({ path }: Key) => (path.length > 1 ? (path[0] as string) : "");
const titleOf = (group: string) => group || "The whole stack";

function groupText(group: string, of: Key[], found: Map<string, Comment>): string {
  const { about: says, example } = GROUPS[group] ?? missing(group);
  const texts = of.map((key) => keyText(key, commentOf(key, found)));
  return [`## ${titleOf(group)}`, "", says, "", "```yaml", example.trim(), "```", "", ...texts].join("\n");
}

function contents(group: string, of: Key[]): string {
  const links = of.map((key) => `[${code(key.path.slice(group ? 1 : 0).join("."))}](#${anchor(nameOf(key))})`);
  return `- [${titleOf(group)}](#${anchor(titleOf(group))}): ${links.join(", ")}`;
}

/** The text of the reference, group by group. */
export function settingsReference(): string {
  const found = comments();
  const groups = new Map<string, Key[]>();
  for (const key of keys()) {
    groups.set(groupOf(key), [...(groups.get(groupOf(key)) ?? []), key]);
  }
  const parts = [...groups];
  return [
    ...parts.map(([group, of]) => contents(group, of)),
    "",
    ...parts.map(([group, of]) => groupText(group, of, found)),
  ].join("\n");
}

function missing(group: string): never {
  throw new Error(
    `tools/docs/settings/groups.ts does not say what the group ${group} is about: add it, with an example`,
  );
}
