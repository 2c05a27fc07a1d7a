import { BUCKET, DATABASE, Lasting } from "../model/resources/lasting";
import { RESOURCE_TYPES } from "../model/resources/types";
import { isSet, Values } from "./resource";

export const ROLE = "postgresql:index/role:Role";

/** What another program may have in these types' place. */
const FOREIGN: Record<string, Lasting> = {
  "aws:rds/cluster:Cluster": DATABASE,
  "aws:s3/bucketV2:BucketV2": BUCKET,
};

/**
 * Finds what is lost for good with a resource of this type, if anything: the pack demands that Pulumi protects it (rules/lasting.ts), and the
 * comment on a pull request names it (.github/steps/dangerous-steps.ts). A read replica is made again from its source. This file imports no
 * Pulumi.
 */
export const findLasting = (type: string, props: Values): Lasting | undefined =>
  isSet(props.replicateSourceDb) ? undefined : (RESOURCE_TYPES[type]?.lasting ?? FOREIGN[type]);
