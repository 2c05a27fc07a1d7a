import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KeyMetadata,
  ListResourceTagsCommand,
  paginateListAliases,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { randomBytes } from "node:crypto";
import { Values } from "../protocol/model";
import { sameKey } from "./arn";
import { AwsClients, Tags } from "./clients";
import { unlessMissing } from "./errors";
import { samePolicy, validPolicy } from "./policy";
import { AwsResource, awsResource, each, unmodelled } from "./resource";
import { between } from "./validate";

export const kmsTags = (tags: Tags) => Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

/** The list in which KMS returns tags, as a map. */
export const kmsTagMap = (tags: { TagKey: string | undefined; TagValue: string | undefined }[] = []): Tags =>
  Object.fromEntries(tags.map(({ TagKey = "", TagValue = "" }) => [TagKey, TagValue]));

export const tagKey: NonNullable<AwsResource["tag"]> = async ({ kms }, KeyId, { put, remove }) => {
  if (remove.length > 0) {
    await kms.send(new UntagResourceCommand({ KeyId, TagKeys: remove }));
  }
  if (Object.keys(put).length > 0) {
    await kms.send(new TagResourceCommand({ KeyId, Tags: kmsTags(put) }));
  }
};

/** Deleting a key only starts the waiting period. KMSInvalidStateException: it is being deleted already. */
export const deleteKey: AwsResource["delete"] = ({ kms }, KeyId, { deletionWindowInDays }) =>
  unlessMissing(
    kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: deletionWindowInDays })),
    ...["NotFoundException", "KMSInvalidStateException"],
  );

/** A key that waits for its end is none for Terraform. */
export async function findKey({ kms }: AwsClients, KeyId: string): Promise<KeyMetadata | undefined> {
  const found = await unlessMissing(kms.send(new DescribeKeyCommand({ KeyId })), "NotFoundException");
  const it = found?.KeyMetadata;
  return it?.KeyState === "PendingDeletion" || it?.KeyState === "PendingReplicaDeletion" ? undefined : it;
}

/** Rotation, policy, description, enabled: each has a call of its own. A disabled key refuses all but the last. */
export async function configure({ kms }: AwsClients, KeyId: string, inputs: Values, names: string[]): Promise<void> {
  const set = (name: string) => names.includes(name) && inputs[name] !== undefined;
  if (names.includes("isEnabled") && inputs.isEnabled) {
    await kms.send(new EnableKeyCommand({ KeyId }));
  }
  if (names.includes("enableKeyRotation") || set("rotationPeriodInDays")) {
    const RotationPeriodInDays = inputs.rotationPeriodInDays as number | undefined;
    await (inputs.enableKeyRotation
      ? kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }))
      : kms.send(new DisableKeyRotationCommand({ KeyId })));
  }
  if (set("description")) {
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: inputs.description }));
  }
  if (set("policy")) {
    const BypassPolicyLockoutSafetyCheck = inputs.bypassPolicyLockoutSafetyCheck as boolean;
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy: inputs.policy, BypassPolicyLockoutSafetyCheck }));
  }
  if (names.includes("isEnabled") && !inputs.isEnabled) {
    await kms.send(new DisableKeyCommand({ KeyId }));
  }
}

/** `aws_kms_key`, internal/service/kms/key.go. */
export const key = awsResource({
  title: "KMS Key",
  properties: {
    description: { computed: true },
    customerMasterKeySpec: { default: "SYMMETRIC_DEFAULT", forceNew: true },
    keyUsage: { default: "ENCRYPT_DECRYPT", forceNew: true },
    policy: { computed: true, json: true, same: samePolicy, validate: validPolicy("policy") },
    bypassPolicyLockoutSafetyCheck: { default: false, notRead: true },
    isEnabled: { default: true },
    enableKeyRotation: { default: false },
    rotationPeriodInDays: { computed: true, validate: between("rotationPeriodInDays", 90, 2560) },
    multiRegion: { computed: true, forceNew: true },
    deletionWindowInDays: { notRead: true, validate: between("deletionWindowInDays", 7, 30) },
    ...unmodelled("customKeyStoreId", "xksKeyId"),
    ...each({ output: true }, "arn", "keyId"),
  },

  tag: tagKey,

  create: async ({ kms }, inputs) => {
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({
        Description: inputs.description,
        KeySpec: inputs.customerMasterKeySpec,
        KeyUsage: inputs.keyUsage,
        MultiRegion: inputs.multiRegion,
        Policy: inputs.policy,
        BypassPolicyLockoutSafetyCheck: inputs.bypassPolicyLockoutSafetyCheck,
        Tags: kmsTags(inputs.tagsAll as Tags),
      }),
    );
    return KeyMetadata?.KeyId as string;
  },

  complete: async (clients, id, inputs) => {
    const names = [
      ...(inputs.enableKeyRotation ? ["enableKeyRotation"] : []),
      ...(inputs.isEnabled ? [] : ["isEnabled"]),
    ];
    await configure(clients, id, inputs, names);
  },

  read: async (clients, KeyId) => {
    const { kms } = clients;
    const it = await findKey(clients, KeyId);
    if (!it) {
      return undefined;
    }
    const symmetric = it.KeySpec === "SYMMETRIC_DEFAULT";
    const [policy, rotation, tags] = await Promise.all([
      kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" })),
      symmetric ? kms.send(new GetKeyRotationStatusCommand({ KeyId })) : undefined,
      kms.send(new ListResourceTagsCommand({ KeyId })),
    ]);
    const rotates = rotation?.KeyRotationEnabled ?? false;
    return {
      arn: it.Arn,
      keyId: it.KeyId,
      description: it.Description,
      customerMasterKeySpec: it.KeySpec,
      keyUsage: it.KeyUsage,
      policy: policy.Policy,
      isEnabled: it.Enabled,
      enableKeyRotation: rotates,
      rotationPeriodInDays: rotates ? rotation?.RotationPeriodInDays : undefined,
      multiRegion: it.MultiRegion,
      tagsAll: kmsTagMap(tags.Tags),
    };
  },

  update: (clients, id, _before, inputs, changed) => configure(clients, id, inputs, changed),

  delete: deleteKey,
});

async function findAlias({ kms }: AwsClients, name: string) {
  for await (const page of paginateListAliases({ client: kms }, {})) {
    const found = page.Aliases?.find(({ AliasName }) => AliasName === name);
    if (found) {
      return found;
    }
  }
  return undefined;
}

/** `aws_kms_alias`, internal/service/kms/alias.go. */
export const alias = awsResource({
  title: "KMS Alias",
  properties: {
    name: {
      computed: true,
      forceNew: true,
      validate: (name: string) =>
        /^alias\/(?!aws\/)[0-9A-Za-z_/-]+$/.test(name)
          ? undefined
          : `"name" must begin with 'alias/' and be comprised of only [0-9A-Za-z_/-]`,
    },
    namePrefix: { computed: true, forceNew: true, notRead: true },
    targetKeyId: { required: true, same: sameKey },
    ...each({ output: true }, "arn", "targetKeyArn"),
  },

  create: async ({ kms }, { name, namePrefix, targetKeyId }) => {
    const AliasName = (name ?? `${namePrefix ?? "alias/"}${randomBytes(8).toString("hex")}`) as string;
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: targetKeyId }));
    return AliasName;
  },

  read: async (clients, name) => {
    const found = await findAlias(clients, name);
    return (
      found && {
        name,
        arn: found.AliasArn,
        targetKeyId: found.TargetKeyId,
        targetKeyArn: found.AliasArn?.replace(/:alias\/.*$/, `:key/${found.TargetKeyId}`),
      }
    );
  },

  update: async ({ kms }, name, _before, { targetKeyId }) => {
    await kms.send(new UpdateAliasCommand({ AliasName: name, TargetKeyId: targetKeyId }));
  },

  delete: ({ kms }, name) => unlessMissing(kms.send(new DeleteAliasCommand({ AliasName: name })), "NotFoundException"),
});
