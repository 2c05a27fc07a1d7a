import { ownerRole } from "../../model/access/matrix";
import { changedStaticParameters, RESTARTING_PROPERTIES } from "../../model/parameters/restarts";
import { Lasting, OWNER } from "../../model/resources/lasting";
import { findLasting, ROLE } from "../../policy/lasting";
import { Values } from "../../policy/resource";
import { nameOf, Step } from "./preview-events";

export interface Danger {
  name: string;
  why: string;
}

const INSTANCE = "aws:rds/instance:Instance";

/** What can be made again, but not without somebody being shut out. */
const SHUT_OUT: Record<string, string> = {
  [INSTANCE]: "a read replica: whoever reads from it is shut out",
  "aws:secretsmanager/secret:Secret": "a secret: whoever reads its login is shut out",
  [ROLE]: "a login: whoever uses it is shut out, and its rights go with it",
};

/** Of roles Pulumi protects the owner alone, whatever it was called in the program when it was made. */
function lastingOf({ urn, type, before, isProtected }: Step): Lasting | undefined {
  const owns = type === ROLE && (isProtected || nameOf(urn).endsWith(`-${ownerRole()}`));
  return owns ? OWNER : findLasting(type, before as Values);
}

function ending(step: Step): string | undefined {
  const found = lastingOf(step);
  const what = found
    ? `${found.what}: ${found.lost}; if it was only renamed in the program, give it an alias of its old name`
    : SHUT_OUT[step.type];
  return what && `${step.op === "delete" ? "deletes" : "replaces"} ${what}`;
}

function interruption(step: Step): string | undefined {
  const { type, paths } = step;
  const restarts = type === INSTANCE ? RESTARTING_PROPERTIES.filter((key) => paths.includes(key)) : [];
  if (restarts.length > 0) {
    return `restarts the database: ${restarts.join(", ")}`;
  }
  const waiting =
    type === "aws:rds/parameterGroup:ParameterGroup"
      ? changedStaticParameters(step.before.parameters, step.after.parameters)
      : [];
  return waiting.length > 0 ? `takes effect with a restart of the database: ${waiting.join(", ")}` : undefined;
}

/**
 * The steps that a person should have seen before they happen: first what is lost for good. Policies see none of them, for they are shown
 * what the program asks for, and neither what there was nor what is to be done.
 */
export function dangerousSteps(steps: Step[]): Danger[] {
  const dangers = steps.flatMap((step) => {
    const ends = step.op === "delete" || step.op === "replace";
    const why = ends ? ending(step) : step.op === "update" ? interruption(step) : undefined;
    return why ? [{ name: nameOf(step.urn), why, forGood: ends && lastingOf(step) !== undefined }] : [];
  });
  return dangers
    .sort((one, other) => Number(other.forGood) - Number(one.forGood))
    .map(({ name, why }) => ({ name, why }));
}
