import {
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  ListResourceTagsCommand,
  ReplicateKeyCommand,
} from "@aws-sdk/client-kms";
import { validArn } from "./arn";
import { Tags } from "./clients";
import { configure, deleteKey, findKey, kmsTagMap, kmsTags, tagKey } from "./kms";
import { samePolicy, validPolicy } from "./policy";
import { awsResource, each } from "./resource";
import { between, text } from "./validate";

/**
 * `aws_kms_replica_key`, internal/service/kms/replica_key.go. It has its primary's id and material, in the region of the
 * resource; it is asked for in the primary's.
 */
export const replicaKey = awsResource({
  title: "KMS Replica Key",
  properties: {
    primaryKeyArn: { required: true, forceNew: true, validate: validArn("primaryKeyArn") },
    description: { validate: text("description", 0, 8192) },
    policy: { computed: true, json: true, same: samePolicy, validate: validPolicy("policy") },
    bypassPolicyLockoutSafetyCheck: { default: false, notRead: true },
    enabled: { default: true },
    deletionWindowInDays: { default: 30, notRead: true, validate: between("deletionWindowInDays", 7, 30) },
    ...each({ output: true }, "arn", "keyId", "keyRotationEnabled", "keySpec", "keyUsage"),
  },
  tag: tagKey,

  create: async (clients, inputs) => {
    const KeyId = inputs.primaryKeyArn as string;
    const { ReplicaKeyMetadata } = await clients.in(KeyId.split(":")[3]).kms.send(
      new ReplicateKeyCommand({
        KeyId,
        ReplicaRegion: clients.region,
        Description: inputs.description,
        Policy: inputs.policy,
        BypassPolicyLockoutSafetyCheck: inputs.bypassPolicyLockoutSafetyCheck,
        Tags: kmsTags(inputs.tagsAll as Tags),
      }),
    );
    return ReplicaKeyMetadata?.KeyId as string;
  },

  complete: (clients, id, { enabled }) =>
    configure(clients, id, { isEnabled: enabled as boolean }, enabled ? [] : ["isEnabled"]),

  read: async (clients, KeyId) => {
    const it = await findKey(clients, KeyId);
    if (!it) {
      return undefined;
    }
    const topology = it.MultiRegionConfiguration;
    if (topology?.MultiRegionKeyType !== "REPLICA") {
      throw new Error(`${KeyId} is not a multi-Region replica key`);
    }
    const [policy, rotation, tags] = await Promise.all([
      clients.kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" })),
      clients.kms.send(new GetKeyRotationStatusCommand({ KeyId })),
      clients.kms.send(new ListResourceTagsCommand({ KeyId })),
    ]);
    return {
      arn: it.Arn,
      keyId: it.KeyId,
      keyRotationEnabled: rotation.KeyRotationEnabled ?? false,
      keySpec: it.KeySpec,
      keyUsage: it.KeyUsage,
      primaryKeyArn: topology.PrimaryKey?.Arn,
      description: it.Description,
      policy: policy.Policy,
      enabled: it.Enabled,
      tagsAll: kmsTagMap(tags.Tags),
    };
  },

  update: (clients, id, _before, { enabled, ...inputs }, changed) =>
    configure(
      clients,
      id,
      { ...inputs, description: (inputs.description ?? "") as string, isEnabled: enabled as boolean },
      changed.map((name) => (name === "enabled" ? "isEnabled" : name)),
    ),

  delete: deleteKey,
});
