import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalStack, PreviewSummary } from "../support/local-stack";
import { Effect, EFFECTS } from "../../docs/settings/effects";

/** What each setting does when it changes on a stack that is there, as the real engine shows it in a preview. */
let stack: LocalStack;

beforeAll(async () => {
  stack = await LocalStack.prepared();
});
afterAll(() => stack.close());

/** What must never go, whatever a change is for. */
const IRREPLACEABLE =
  /(aws:rds\/instance:Instance::markenmate-test|aws:kms\/key:Key::.*|aws:s3\/bucket:Bucket::.*|Role::.*-migrate)$/;
/** A new value of a secret is a new version of it; the one before stays as its predecessor. */
const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";

/** RDS, "Settings for DB instances": a change of these takes the database down for as long as a restart takes. */
const RESTARTING = ["instanceClass", "port", "engineVersion"];

type Step = PreviewSummary["steps"][number];
const typeOf = ({ urn }: Step) => urn.split("::")[2]?.split("$").pop() ?? "";
const goes = ({ op }: Step) => op === "delete" || op.includes("replace");

interface Parameter {
  name: string;
  value: string;
  applyMethod: string;
}

/** Whether one of a group's parameters is another that takes effect with a restart. */
function changesStatic(step: Step): boolean {
  const { oldState, newState } = step as {
    [state in "oldState" | "newState"]?: { inputs: { parameters: Parameter[] } };
  };
  const before = new Map(oldState?.inputs.parameters.map(({ name, value }) => [name, value]));
  const changed = newState?.inputs.parameters.filter(({ name, value }) => before.get(name) !== value) ?? [];
  return changed.some(({ applyMethod }) => applyMethod === "pending-reboot");
}

function restarts(step: Step): boolean {
  const properties = Object.keys(step.detailedDiff ?? {});
  return typeOf(step) === "aws:rds/instance:Instance"
    ? properties.some((property) => RESTARTING.includes(property))
    : typeOf(step) === "aws:rds/parameterGroup:ParameterGroup" && changesStatic(step);
}

function seen(steps: Step[]): { is: Effect["is"]; what?: string[] } {
  const changes = steps.filter(({ op }) => op !== "same");
  const gone = changes.filter(goes).filter((step) => typeOf(step) !== VERSION);
  if (gone.length > 0) {
    return { is: "recreates", what: [...new Set(gone.map(typeOf))].sort() };
  }
  if (changes.some(restarts)) {
    return { is: "restarts" };
  }
  if (changes.some(({ op }) => op === "create")) {
    return { is: "adds" };
  }
  return { is: changes.length > 0 ? "updates" : "nothing" };
}

async function preview({ change }: Effect): Promise<{ is: Effect["is"]; what?: string[] }> {
  const { database = {}, ...others } = change as Record<string, Record<string, unknown>>;
  await stack.configure(database, others);
  const { code, stdout, stderr } = await stack.pulumi("preview", "--json");
  if (code !== 0) {
    expect(stdout + stderr).toContain("The stack test cannot be changed like this:");
    return { is: "refused" };
  }
  const { steps } = JSON.parse(stdout) as PreviewSummary;
  expect(steps.filter(goes).filter(({ urn }) => IRREPLACEABLE.test(urn))).toEqual([]);
  return seen(steps);
}

describe("a change of a setting", () => {
  it.each(Object.entries(EFFECTS))("%s", async (_, effect) => {
    const { is, what } = effect;
    expect(await preview(effect)).toEqual(what ? { is, what } : { is });
  });

  it("is none when nothing changes", async () => {
    expect(await preview({ change: {}, is: "nothing" })).toEqual({ is: "nothing" });
  });
});
