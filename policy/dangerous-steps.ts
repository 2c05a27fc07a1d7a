import { ownerRole } from "../components/access";

/** A step of a preview, as `pulumi preview --json` tells it. */
export interface Step {
  op: string;
  urn: string;
  oldState?: { protect?: boolean } | null;
}

export interface DangerousStep {
  urn: string;
  op: "delete" | "replace";
  /** What would go. */
  what: string;
  /** What would be lost with it, and what to do instead. */
  why: string;
}

const ELSEWHERE = "build a second stack, restore the data into it, then destroy this one";
const REGISTERED = "if it was only renamed, give it an alias of its old name";

interface Danger {
  what: string;
  why: string;
}

const DATABASE: Danger = {
  what: "the database",
  why: `all data in it go, and come back only from a snapshot or a backup; ${ELSEWHERE}; ${REGISTERED}`,
};
const KEY: Danger = {
  what: "a key",
  why: `what it has encrypted can be read by nobody any more: storage, snapshots, backups, secrets or logs; ${REGISTERED}`,
};
const BUCKET: Danger = {
  what: "a bucket",
  why: `backups and logs in it go, or S3 refuses half-way because there are some; ${REGISTERED}`,
};
const OWNER: Danger = {
  what: "the role that owns the tables",
  why: `the tables go over to the master, and whoever migrates can no longer change them; ${REGISTERED}`,
};

const DANGERS: Record<string, Danger> = {
  "aws:rds/instance:Instance": DATABASE,
  "aws:rds/cluster:Cluster": DATABASE,
  "postgresql:index/database:Database": DATABASE,
  "aws:kms/key:Key": KEY,
  "aws:kms/replicaKey:ReplicaKey": KEY,
  "aws:s3/bucket:Bucket": BUCKET,
  "aws:s3/bucketV2:BucketV2": BUCKET,
};

const ROLE = "postgresql:index/role:Role";

/** `urn:pulumi:<stack>::<project>::<parents$type>::<name>` */
function identity(urn: string): { type: string; name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.split("$").pop() ?? "", name: name.join("::") };
}

function dangerOf({ urn, oldState }: Step): Danger | undefined {
  const { type, name } = identity(urn);
  const owns = type === ROLE && (oldState?.protect === true || name.endsWith(`-${ownerRole()}`));
  return owns ? OWNER : DANGERS[type];
}

/**
 * The steps of a preview that delete or replace what cannot be had back. Policies cannot see them: an analyzer is shown what
 * the program asks for, and neither what there was nor what is to be done.
 */
export function dangerousSteps(steps: Step[]): DangerousStep[] {
  const found = new Map<string, DangerousStep>();
  for (const step of steps) {
    const replaced = /^(create-replacement|replace|delete-replaced|import-replacement)$/.test(step.op);
    const danger = replaced || step.op === "delete" ? dangerOf(step) : undefined;
    if (danger) {
      // A replacement is told in three steps.
      found.set(step.urn, { urn: step.urn, op: replaced ? "replace" : "delete", ...danger });
    }
  }
  return [...found.values()];
}
