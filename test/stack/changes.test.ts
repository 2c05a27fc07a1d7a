import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Effect, EFFECTS } from "../../model/settings/effects";
import { goes, Seen, seen } from "../support/changes";
import { LocalStack, PreviewSummary } from "../support/local-stack";

/**
 * What settings do when they change on a stack that is there, as the real engine shows it in a preview: all that do the same at once.
 * test/unit/changes.test.ts has each by itself, by the providers' rules.
 */
let stack: LocalStack;

beforeAll(async () => {
  stack = await LocalStack.prepared();
});
afterAll(() => stack.close());

/** What must never go, whatever a change is for. */
const IRREPLACEABLE =
  /(aws:rds\/instance:Instance::markenmate-test|aws:kms\/key:Key::.*|aws:s3\/bucket:Bucket::.*|Role::.*-migrate)$/;

type Change = Record<string, unknown>;

function together(...changes: Change[]): Change {
  const isGroup = (value: unknown): value is Change =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const all: Change = {};
  for (const [key, value] of changes.flatMap((change) => Object.entries(change))) {
    const before = all[key];
    all[key] = isGroup(before) && isGroup(value) ? together(before, value) : value;
  }
  return all;
}

/** The entries with an effect, but for those that cannot be together with others. */
function changesThat(is: Effect["is"], apart: string[] = []): Change {
  const entries = Object.entries(EFFECTS).filter(([name, effect]) => effect.is === is && !apart.includes(name));
  expect(entries.length).toBeGreaterThan(1);
  return together(...entries.map(([, { change }]) => change));
}

async function preview(change: Change): Promise<Seen & { said?: string }> {
  const { database = {}, ...others } = change as Record<string, Record<string, unknown>>;
  await stack.configure(database, others);
  const { code, stdout, stderr } = await stack.pulumi("preview", "--json");
  if (code !== 0) {
    expect(stdout + stderr).toContain("The stack test cannot be changed like this:");
    return { is: "refused", said: stdout + stderr };
  }
  const { steps } = JSON.parse(stdout) as PreviewSummary;
  expect(steps.filter(goes).filter(({ urn }) => IRREPLACEABLE.test(urn))).toEqual([]);
  return seen(steps);
}

describe("a change of settings", () => {
  it("that update updates", async () => {
    expect(await preview(changesThat("updates"))).toEqual({ is: "updates" });
  });

  it("that restart the database restarts it", async () => {
    expect(await preview(changesThat("restarts"))).toEqual({ is: "restarts" });
  });

  it("that add something adds", async () => {
    expect(await preview(changesThat("adds"))).toEqual({ is: "adds" });
  });

  const LATER = "database.engineVersion, a later one"; // not with a read replica
  const eachRole = Object.keys(EFFECTS).filter((name) => /^roles\.(?!all)/.test(name)); // counts from that of all
  it.each([
    ["all but an upgrade", changesThat("recreates", [LATER, ...eachRole]), (name: string) => name !== LATER],
    ["an upgrade", EFFECTS[LATER]?.change ?? {}, (name: string) => name === LATER],
  ])("that recreate something recreate that and nothing else: %s", async (_, change, among) => {
    const what = Object.entries(EFFECTS).flatMap(([name, effect]) => (among(name) ? (effect.what ?? []) : []));
    expect(await preview(change)).toEqual({ is: "recreates", what: [...new Set(what)].sort() });
  });

  // A network that is there already cannot be together with one of the stack's own.
  const apart = Object.keys(EFFECTS).filter((name) => /^roles\.|vpcId|SubnetIds|SecurityGroupId/.test(name));
  it.each([
    ["names, network, version", changesThat("refused", apart), ["application", "masterUsername", "vpcCidr"]],
    ["a network that is there", EFFECTS["network.vpcId"]?.change ?? {}, ["network.vpcId"]],
    ["generations", EFFECTS["roles.app, two at once"]?.change ?? {}, ["roles.app.generation"]],
  ])("that would replace what must stay is refused: %s", async (_, change, keys) => {
    const { is, said } = await preview(change);
    expect(is).toBe("refused");
    keys.forEach((key) => expect(said).toContain(key));
  });

  it("that are of clients alone changes nothing", async () => {
    expect(await preview(changesThat("nothing"))).toEqual({ is: "nothing" });
  });

  it("is none when nothing changes", async () => {
    expect(await preview({})).toEqual({ is: "nothing" });
  });
});
