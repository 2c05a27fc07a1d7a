import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { changedStaticParameters, RESTARTING_PROPERTIES } from "../../model/parameters/restarts";
import { Effect } from "../../model/settings/effects";
import { aws } from "../../platform/providers/aws";
import { postgresql } from "../../platform/providers/postgresql";
import { check } from "../../platform/providers/protocol/check";
import { diff } from "../../platform/providers/protocol/diff";
import { ResourceModel, Values } from "../../platform/providers/protocol/model";
import { receive } from "../../platform/providers/protocol/values";
import { random } from "../../platform/providers/random";
import { Registered } from "./mocks";

/** A step of a preview, as far as it is looked at here. */
export interface Step {
  op: string;
  urn: string;
  detailedDiff?: Record<string, unknown> | null;
  oldState?: { inputs: Values };
  newState?: { inputs: Values };
}

/** What a change does, as model/settings/effects.ts says it. */
export type Seen = Pick<Effect, "is" | "what">;

/** A new value of a secret is a new version of it; the one before stays as its predecessor. */
const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";

const typeOf = ({ urn }: Step) => urn.split("::")[2]?.split("$").pop() ?? "";
export const goes = ({ op }: Step) => op === "delete" || op.includes("replace");

function restarts(step: Step): boolean {
  const properties = Object.keys(step.detailedDiff ?? {});
  return typeOf(step) === "aws:rds/instance:Instance"
    ? properties.some((property) => RESTARTING_PROPERTIES.includes(property))
    : typeOf(step) === "aws:rds/parameterGroup:ParameterGroup" &&
        changedStaticParameters(step.oldState?.inputs.parameters, step.newState?.inputs.parameters).length > 0;
}

/** The worst of what the steps do. */
export function seen(steps: Step[]): Seen {
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

const MODELS: Record<string, ResourceModel<never>> = {
  ...aws.resources,
  ...postgresql.resources,
  ...random.resources,
};

/** What the provider makes of a resource that is registered with other inputs than before. */
function between(before: Registered, after: Registered): Omit<Step, "urn"> {
  const [old, now] = [before, after].map(({ inputs }) => receive(Struct.fromJavaScript(inputs as never)).values);
  const model = MODELS[after.type];
  if (!model) {
    const same = JSON.stringify(old) === JSON.stringify(now); // a component, or a provider
    return { op: same ? "same" : "update" };
  }
  const asChecked = (news: Values = {}, olds: Values = {}) =>
    check(model, { name: after.name, news, olds, randomSeed: new Uint8Array() }).inputs;
  const oldInputs = asChecked(old);
  const inputs = asChecked(now, oldInputs);
  const { changes, replaces } = diff(model, { state: oldInputs, oldInputs, inputs });
  return {
    op: replaces.length > 0 ? "replace" : changes.size > 0 ? "update" : "same",
    detailedDiff: Object.fromEntries(changes),
    oldState: { inputs: oldInputs },
    newState: { inputs },
  };
}

/**
 * The steps from one state of the program to another, by what it registers and by the providers' own rules. What follows from values that
 * are not known before the update is not among them.
 */
export function stepsBetween(before: Registered[], after: Registered[]): Step[] {
  const urn = ({ type, name }: Registered) => `urn:pulumi:test::markenmate::${type}::${name}`;
  const [olds, news] = [before, after].map((all) => new Map(all.map((one) => [urn(one), one])));
  const gone = before.filter((one) => !news?.has(urn(one))).map((one) => ({ op: "delete", urn: urn(one) }));
  const registered = after.map((one) => {
    const old = olds?.get(urn(one));
    return { urn: urn(one), ...(old ? between(old, one) : { op: "create" }) };
  });
  return [...gone, ...registered];
}
