import { objectsIn, isOn, isSet, Resource, ResourceRule, toText, UNKNOWN, Values } from "../resource";
import { INSTANCE } from "./database";

const CLUSTER = "aws:rds/cluster:Cluster";
const VOLUME = "aws:ebs/volume:Volume";
const HOST = "aws:ec2/instance:Instance";
const DISKS = ["rootBlockDevice", "ebsBlockDevices"];

/** The disks of a resource: each in words, with its properties and the name of its switch for encryption. */
function disks({ type, props }: Resource): { what: string; of: Values; encrypted: string }[] {
  if (type === INSTANCE || type === CLUSTER) {
    return [{ what: "the database's storage", of: props, encrypted: "storageEncrypted" }];
  }
  if (type === VOLUME) {
    return [{ what: "the volume", of: props, encrypted: "encrypted" }];
  }
  if (type !== HOST) {
    return [];
  }
  const named = DISKS.flatMap((what) => objectsIn(props[what]).map((of) => ({ what, of, encrypted: "encrypted" })));
  // Without a word about it the root disk is whatever the image and the account's default make it.
  return isSet(props.rootBlockDevice) ? named : [{ what: "rootBlockDevice", of: {}, encrypted: "encrypted" }, ...named];
}

/** Whether a database inherits its key: a replica has that of its source, a restored database that of the snapshot. */
const inheritsKey = ({ props }: Resource) => isSet(props.replicateSourceDb) || isSet(props.snapshotIdentifier);

export const encryptedStorage: ResourceRule = (resource) =>
  disks(resource).flatMap(({ what, of, encrypted }) => {
    if (!isOn(of[encrypted])) {
      return [`${what} is not encrypted; set ${encrypted} to true, and kmsKeyId`];
    }
    return isSet(of.kmsKeyId) || inheritsKey(resource)
      ? []
      : [`${what} is encrypted with a key of AWS's; set kmsKeyId to one of the customer's`];
  });

const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const LEAST_LOG_DAYS = 365;

export const encryptedLogGroup: ResourceRule = ({ type, props }) =>
  type !== LOG_GROUP || isSet(props.kmsKeyId)
    ? []
    : ["the log group is not encrypted with a key of the customer's; set kmsKeyId"];

/** Log groups keep entries long enough. Without a number of days, or with 0, CloudWatch keeps them for ever. */
export const logRetention: ResourceRule = ({ type, props }) => {
  const days = props.retentionInDays;
  return type !== LOG_GROUP || days === UNKNOWN || !Number(days ?? 0) || Number(days) >= LEAST_LOG_DAYS
    ? []
    : [`retentionInDays ${toText(days)} deletes logs too early; set ${LEAST_LOG_DAYS} or more`];
};
