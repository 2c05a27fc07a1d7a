import { isSet, Values } from "./resource";

/**
 * What cannot be had back once an update has deleted or replaced it: what it is, and what is lost with it. The pack sees to it that
 * Pulumi protects it (rules/lasting.ts), and the comment on a pull request names it (.github/steps/dangerous-steps.ts). No Pulumi in
 * here.
 */
export interface Lasting {
  what: string;
  lost: string;
}

const DATABASE = {
  what: "the database",
  lost: "all data in it go, and come back only from a snapshot or a backup",
};
const KEY = {
  what: "a key",
  lost: "what it has encrypted can be read by nobody any more: storage, snapshots, backups, secrets or logs",
};
const BUCKET = {
  what: "a bucket",
  lost: "backups and logs in it go, or S3 refuses half-way because there are some",
};

const LASTING: Record<string, Lasting> = {
  "aws:rds/instance:Instance": DATABASE,
  "aws:rds/cluster:Cluster": DATABASE,
  "postgresql:index/database:Database": DATABASE,
  "aws:kms/key:Key": KEY,
  "aws:kms/replicaKey:ReplicaKey": KEY,
  "aws:s3/bucket:Bucket": BUCKET,
  "aws:s3/bucketV2:BucketV2": BUCKET,
};

/** Which role that is, nothing in itself says. */
export const OWNER: Lasting = {
  what: "the role that owns the tables",
  lost: "the tables go over to the master, and whoever migrates can no longer change them",
};
export const ROLE = "postgresql:index/role:Role";

/** A read replica is made again from its source. */
export const findLasting = (type: string, props: Values): Lasting | undefined =>
  isSet(props.replicateSourceDb) ? undefined : LASTING[type];
