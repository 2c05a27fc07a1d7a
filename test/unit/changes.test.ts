import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { factsOf } from "../../model/deployed";
import { Effect, EFFECTS } from "../../model/settings/effects";
import { parseSettings } from "../../model/settings";
import { Seen, seen, stepsBetween } from "../support/changes";
import { registeredBy } from "../support/environments";
import { Registered } from "../support/mocks";

/**
 * What each setting does when it changes on a stack that is there, by what the program registers and the providers' rules for what replaces
 * a resource. test/stack/changes.test.ts looks at them together, with the real engine.
 */
const BASE = { deletionProtection: false, finalSnapshot: false, extensions: ["pg_stat_statements"] };
const account = { id: "123456789012", partition: "aws", region: "eu-central-1" };
let before: Registered[];

function registered({ change }: Pick<Effect, "change">): Promise<Registered[]> {
  const { database = {}, ...others } = change as Record<string, Record<string, unknown>>;
  const groups = { ...others, database: { ...BASE, ...database } };
  const config = Object.entries(groups).map(([key, value]): [string, string] => [
    `markenmate:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const deployed = factsOf(parseSettings("test", { database: BASE }), account);
  return registeredBy("test", { "aws:region": "eu-central-1", ...Object.fromEntries(config) }, { deployed });
}

async function effectOf(effect: Pick<Effect, "change">): Promise<Seen> {
  try {
    return seen(stepsBetween(before, await registered(effect)));
  } catch (error) {
    expect((error as Error).message).toContain("The stack test cannot be changed like this:");
    return { is: "refused" };
  }
}

beforeAll(async () => {
  vi.spyOn(console, "info").mockReturnValue(); // what each run of the program says
  before = await registered({ change: {} });
});
afterAll(() => vi.restoreAllMocks());

/** Of the whole stack, for which there is none without an engine. */
const NEEDS_ENGINE = ["access.permissionsBoundary"];

describe("a change of a setting", () => {
  it.each(Object.entries(EFFECTS).filter(([name]) => !NEEDS_ENGINE.includes(name)))("%s", async (_, effect) => {
    const { is, what } = effect;
    expect(await effectOf(effect)).toEqual(what ? { is, what } : { is });
  });

  it("is none when nothing changes", async () => {
    expect(await effectOf({ change: {} })).toEqual({ is: "nothing" });
  });
});
