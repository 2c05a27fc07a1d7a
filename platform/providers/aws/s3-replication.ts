import {
  DeleteBucketReplicationCommand,
  GetBucketReplicationCommand,
  PutBucketReplicationCommand,
  ReplicationRule,
} from "@aws-sdk/client-s3";
import { Values } from "../protocol/model";
import { validArn } from "./arn";
import { bucketSetting } from "./s3-configurations";
import { fromWire, sameBlocks, toWire } from "./s3-wire";
import { first, ifSet, oneOf, text } from "./validate";

/**
 * A filter, even an empty one, makes a rule one of the schema's second version, whose rules have a priority; the first
 * version has a prefix instead (expandReplicationRules).
 */
function ruleToApi({ prefix, priority, ...rule }: Values): ReplicationRule {
  const version = rule.filter
    ? { priority: (priority as number | undefined) ?? 0 }
    : { prefix: (prefix as string | undefined) ?? "" };
  return toWire({ ...rule, ...version }) as ReplicationRule;
}

/** An empty filter may be lost on its way back. */
function ruleFromApi(rule: ReplicationRule): Values {
  const found = fromWire(rule) as Values;
  return rule.Priority === undefined ? found : { ...found, filter: (found.filter ?? {}) as Values };
}

function canonical(rule: Values): Values {
  return { ...rule, priority: rule.priority || undefined, version: rule.filter ? 2 : 1 };
}

/** S3 makes up ids that are not given. */
function sameRules(before: unknown, after: unknown): boolean {
  const [old, wanted] = [before, after].map((rules) => (rules ?? []) as Values[]) as [Values[], Values[]];
  const comparable = (rules: Values[], others: Values[]) =>
    rules.map((rule, index) => canonical(others[index]?.id ? rule : { ...rule, id: undefined }));
  return sameBlocks(comparable(old, wanted), comparable(wanted, old));
}

const switchedOn = (name: string, block: unknown) =>
  ifSet(oneOf(name, "Enabled", "Disabled"))((block as Values | undefined)?.status);

function validRule(rule: Values): string | undefined {
  const destination = rule.destination as Values;
  const criteria = rule.sourceSelectionCriteria as Values | undefined;
  const encryption = destination.encryptionConfiguration as Values | undefined;
  return first(
    ifSet(text("id", 0, 255))(rule.id),
    switchedOn("status", rule),
    switchedOn("deleteMarkerReplication.status", rule.deleteMarkerReplication),
    switchedOn("sseKmsEncryptedObjects.status", criteria?.sseKmsEncryptedObjects),
    switchedOn("metrics.status", destination.metrics),
    switchedOn("replicationTime.status", destination.replicationTime),
    validArn("destination.bucket")(destination.bucket as string),
    ifSet(text("destination.account", 12, 12, /^\d+$/))(destination.account),
    ifSet(oneOf("owner", "Destination"))(destination.accessControlTranslation?.owner),
    encryption && !encryption.replicaKmsKeyId ? "replicaKmsKeyId is required" : undefined,
  );
}

/** `aws_s3_bucket_replication_configuration`. Versions must be on at both ends. */
export const bucketReplication = bucketSetting({
  title: "Replication Configuration",
  properties: {
    role: { required: true, validate: validArn("role") },
    rules: { required: true, same: sameRules, validate: (rules: Values[]) => first(...rules.map(validRule)) },
    token: { notRead: true, secret: true },
  },
  put: (s3, Bucket, { role, rules, token: Token }) => {
    const ReplicationConfiguration = { Role: role as string, Rules: (rules as Values[]).map(ruleToApi) };
    return s3.send(new PutBucketReplicationCommand({ Bucket, ReplicationConfiguration, Token }));
  },
  get: async (s3, Bucket) => {
    const { ReplicationConfiguration: found } = await s3.send(new GetBucketReplicationCommand({ Bucket }));
    return found && { role: found.Role, rules: (found.Rules ?? []).map(ruleFromApi) };
  },
  remove: (s3, Bucket) => s3.send(new DeleteBucketReplicationCommand({ Bucket })),
  none: "ReplicationConfigurationNotFoundError",
});
