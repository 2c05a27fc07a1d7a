import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { GROUPS } from "../../tools/docs/settings/groups";
import { Key, keys, otherChecks, takes } from "../../tools/docs/settings/keys";
import { about, commentOf, defaultOf } from "../../tools/docs/settings/reference";
import { mistakes } from "../support/mistakes";

const nameOf = ({ path }: Key) => path.join(".");
const keyOf = (name: string) => keys().find((key) => nameOf(key) === name) as Key;

/** That the page is the one of today, and so every key has a comment, is a test of all computed pages. */
describe("the reference of the settings", () => {
  it("is refused when a key has no comment", () => {
    expect(() => commentOf(keyOf("database.port"), new Map([["database.port", { text: "" }]]))).toThrowError(
      "database.port has no comment: write before it what it does, with its @default",
    );
  });

  it("takes the comment of the group for keys that are all of one kind", () => {
    const comment = { text: "who reads what" };
    expect(commentOf(keyOf("access.readers.<role>"), new Map([["access.readers", comment]]))).toBe(comment);
  });

  it("says what the name of keys that are all of one kind can be, and not of another before it", () => {
    const key = keyOf("access.readers.<role>");
    const names = "`app`, `readonly`, `migrate`, `backup`, `monitor`";
    const text = "As in docs/access.md.";
    for (const path of [key.path, ["applications", "<name>", ...key.path]]) {
      expect(about({ ...key, path }, { text })).toBe(`As in [access.md](access.md). \`<role>\` is one of ${names}.`);
    }
  });

  it("is refused when a comment says another default than there is", () => {
    expect(() => defaultOf(keyOf("database.port"), "5433")).toThrowError("@default 5433, which is 5432 in truth");
    expect(() => defaultOf(keyOf("database.port"))).toThrowError("@default none, which is 5432 in truth");
  });

  it.each([
    ["database.port", "5432", "`5432`"],
    ["database.engineVersion", '"17"', '`"17"`'],
    ["database.maxStorageGb", "100, or twice storageGb", "100, or twice storageGb"],
    ["database.masterUsername", "<application>_admin", "`<application>_admin`"],
    ["database.caFile", "Amazon's bundle", "Amazon's bundle"],
    ["network.vpcCidr", "10.20.0.0/16", "`10.20.0.0/16`"],
    ["network.vpcId", "none", "none"],
    ["access.readers.<role>", "{}", "`[]`"],
  ])("has the default of %s", (name, said, shown) => {
    expect(defaultOf(keyOf(name), said)).toBe(shown);
  });

  it.each(Object.entries(GROUPS))("has an example of %s that a stack's file can have", (_, { example }) => {
    const file = parse(example) as Record<string, unknown>;
    const raw = Object.fromEntries(Object.entries(file).map(([key, value]) => [key.replace("markenmate:", ""), value]));
    expect(mistakes(raw)).toEqual([]);
  });

  it("has no example of a group that there is not", () => {
    const groups = keys().map(({ path }) => (path.length > 1 ? path[0] : ""));
    expect(Object.keys(GROUPS).sort()).toEqual([...new Set(groups)].sort());
  });
});

describe("keys", () => {
  const own = z.strictObject({ size: z.int().min(1).default(1) }).prefault({});
  const named = (schema: z.core.$ZodType) => keys(schema).map((key) => [nameOf(key), key.example.join(".")]);

  it("of a record of groups have a name in their place", () => {
    const tree = z.strictObject({ applications: z.record(z.string(), z.strictObject({ own, on: z.boolean() })) });
    expect(named(tree)).toEqual([
      ["applications.<name>.own.size", "applications.<name>.own.size"],
      ["applications.<name>.on", "applications.<name>.on"],
    ]);
  });

  it("that are all of one kind are one", () => {
    expect(named(z.strictObject({ roles: z.strictObject({ app: own, migrate: own }) }))).toEqual([
      ["roles.<role>.size", "roles.app.size"],
    ]);
    expect(named(z.strictObject({ zones: z.strictObject({ a: own, b: own }) }))).toEqual([
      ["zones.<name>.size", "zones.a.size"],
    ]);
    expect(named(z.strictObject({ only: own }))).toEqual([["only.size", "only.size"]]);
  });

  it("are found behind defaults, refinements and transforms", () => {
    const group = z
      .strictObject({ a: z.string() })
      .superRefine(() => undefined)
      .transform(({ a }) => a);
    expect(named(z.strictObject({ group: group.optional() }))).toEqual([["group.a", "group.a"]]);
  });
});

describe("what a setting takes", () => {
  it.each<[z.core.$ZodType, string]>([
    [z.int().min(1).max(9).default(3), "a whole number, 1 to 9"],
    [z.int().min(1), "a whole number, 1 or more"],
    [z.number().max(9).optional(), "a number, at most 9"],
    [z.boolean(), "`true` or `false`"],
    [z.enum(["a", "b", "c"]).default("a"), "`a`, `b` or `c`"],
    [z.union([z.literal(0), z.literal(5)]), "`0` or `5`"],
    [z.string().regex(/x/), "text"],
    [z.array(z.enum(["a", "b"])), "a list of `a`, `b`"],
    [z.array(z.string()).min(2).max(3), "a list of text, 2 to 3"],
    [z.record(z.string(), z.union([z.string(), z.number()])), "names, each with text or a number"],
  ])("%#", (schema, words) => {
    expect(takes(schema)).toBe(words);
  });

  it("is told in the words of its own checks where no range can say it", () => {
    expect(otherChecks(z.int().refine((days) => days % 7 === 0, "is no week; set 7, 14 or 21"))).toEqual([
      "is no week; set 7, 14 or 21",
    ]);
  });
});
