import * as lasting from "../../policy/dangerous-steps";
import { nameOf, Step } from "./preview-events";

export interface Danger {
  name: string;
  why: string;
}

/** What can be made again, but not without somebody being shut out. What cannot is in policy/dangerous-steps.ts. */
const SHUT_OUT: Record<string, string> = {
  "aws:secretsmanager/secret:Secret": "a secret: whoever reads its login is shut out",
  "postgresql:index/role:Role": "a login: whoever uses it is shut out, and its rights go with it",
};

/** Amazon RDS User Guide, "Settings for DB instances": changing these restarts the database. */
const RESTARTS = ["instanceClass", "engineVersion", "port", "identifier", "parameterGroupName"];

interface Parameter {
  name: string;
  value: string;
  applyMethod?: string;
}

function waitForRestart({ before, after }: Step): string[] {
  const [old, wanted] = [before.parameters, after.parameters].map((list) => (list ?? []) as Parameter[]);
  const was = new Map(old?.map(({ name, value }) => [name, value]));
  return (wanted ?? [])
    .filter(({ name, value, applyMethod }) => applyMethod === "pending-reboot" && was.get(name) !== value)
    .map(({ name }) => name);
}

function interruption(step: Step): string | undefined {
  const { op, type, paths } = step;
  const shutOut = SHUT_OUT[type];
  if (shutOut && (op === "delete" || op === "replace")) {
    return `${op === "delete" ? "deletes" : "replaces"} ${shutOut}`;
  }
  if (op !== "update") {
    return undefined;
  }
  const restarts = type === "aws:rds/instance:Instance" ? RESTARTS.filter((key) => paths.includes(key)) : [];
  if (restarts.length > 0) {
    return `restarts the database: ${restarts.join(", ")}`;
  }
  const waiting = type === "aws:rds/parameterGroup:ParameterGroup" ? waitForRestart(step) : [];
  return waiting.length > 0 ? `takes effect with a restart of the database: ${waiting.join(", ")}` : undefined;
}

/** The steps that a person should have seen before they happen: first what is lost for good. */
export function dangerousSteps(steps: Step[]): Danger[] {
  const told = steps.map(({ op, urn, isProtected }) => ({ op, urn, oldState: { protect: isProtected } }));
  const lost = lasting.dangerousSteps(told);
  const interrupted = steps.flatMap((step) => {
    const why = lost.some(({ urn }) => urn === step.urn) ? undefined : interruption(step);
    return why ? [{ name: nameOf(step.urn), why }] : [];
  });
  const deletes = (op: string) => (op === "delete" ? "deletes" : "replaces");
  return [
    ...lost.map(({ urn, op, what, why }) => ({ name: nameOf(urn), why: `${deletes(op)} ${what}: ${why}` })),
    ...interrupted,
  ];
}
