import { isSet, Values } from "./resource";

/**
 * A resource that cannot be restored once an update has deleted or replaced it. The pack demands that Pulumi protects it
 * (rules/lasting.ts), and the comment on a pull request names it (.github/steps/dangerous-steps.ts). This file imports no Pulumi.
 */
export interface Lasting {
  /** The resource, in words: `the database`. */
  what: string;
  /** The consequence of losing it, in words. */
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

/** The role that owns the tables. Nothing in the role itself says that it does. */
export const OWNER: Lasting = {
  what: "the role that owns the tables",
  lost: "the tables go over to the master, and whoever migrates can no longer change them",
};
export const ROLE = "postgresql:index/role:Role";

/** Finds what is lost with a resource of this type, if anything. A read replica is made again from its source. */
export const findLasting = (type: string, props: Values): Lasting | undefined =>
  isSet(props.replicateSourceDb) ? undefined : LASTING[type];
