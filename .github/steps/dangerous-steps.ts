import { nameOf, Step } from "./preview-events";

export interface Danger {
  name: string;
  why: string;
}

/** What is lost with a resource. */
const LOST: Record<string, string> = {
  "aws:rds/instance:Instance": "the database and all that is in it",
  "aws:kms/key:Key": "whatever this key encrypts, for nobody can read it any more",
  "aws:kms/replicaKey:ReplicaKey": "whatever this key encrypts in its region, for nobody can read it any more",
  "aws:s3/bucket:Bucket": "the bucket and the backups or logs in it",
  "aws:secretsmanager/secret:Secret": "the secret, and with it the login of whoever reads it",
  "postgresql:index/role:Role": "the login, and with it the rights and the ownership that hang on it",
  "postgresql:index/database:Database": "the database and all that is in it",
  "postgresql:index/schema:Schema": "the schema and the tables in it",
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

function dangerOf(step: Step): string | undefined {
  const { op, type, paths } = step;
  const lost = LOST[type];
  if (lost && (op === "delete" || op === "replace")) {
    return `${op === "delete" ? "deletes" : "replaces"} ${lost}`;
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

/** The steps that a person should have seen before they happen. */
export function dangerousSteps(steps: Step[]): Danger[] {
  return steps.flatMap((step) => {
    const why = dangerOf(step);
    return why ? [{ name: nameOf(step.urn), why }] : [];
  });
}
