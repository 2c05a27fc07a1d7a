import {
  CreateSecretCommand,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  DescribeSecretResponse,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  RemoveRegionsFromReplicationCommand,
  ReplicateSecretToRegionsCommand,
  ReplicationStatusType,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { Values } from "../protocol/model";
import { sameKey } from "./arn";
import { AwsClients, Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import { unlessMissing } from "./errors";
import { samePolicy, validPolicy } from "./policy";
import { awsResource, each, unmodelled } from "./resource";

/** The policy of a secret; undefined when there is none, or no secret. */
export async function policyOf({ secretsManager }: AwsClients, SecretId: string): Promise<string | undefined> {
  const call = secretsManager.send(new GetResourcePolicyCommand({ SecretId }));
  // InvalidRequestException: the secret is marked for deletion.
  const found = await unlessMissing(call, "ResourceNotFoundException", "InvalidRequestException");
  return found?.ResourcePolicy || undefined;
}

const replicas = (status: ReplicationStatusType[] | undefined): Values[] =>
  (status ?? []).map(({ Region, KmsKeyId, Status, StatusMessage }) => ({
    region: Region,
    ...(KmsKeyId ? { kmsKeyId: KmsKeyId } : {}),
    ...(Status ? { status: Status } : {}),
    ...(StatusMessage ? { statusMessage: StatusMessage } : {}),
  }));

const replicaRegions = (list: unknown) =>
  ((list ?? []) as Values[]).map(({ region, kmsKeyId }) => ({
    Region: region as string,
    KmsKeyId: kmsKeyId as string,
  }));

async function setReplicas({ secretsManager }: AwsClients, SecretId: string, before: Values, inputs: Values) {
  const [old, wanted] = [replicaRegions(before.replicas), replicaRegions(inputs.replicas)];
  const isIn = (list: typeof old) => (it: (typeof old)[0]) => list.some(({ Region }) => Region === it.Region);
  const gone = old.filter((it) => !isIn(wanted)(it)).map(({ Region }) => Region);
  const added = wanted.filter((it) => !isIn(old)(it));
  if (gone.length > 0) {
    await secretsManager.send(new RemoveRegionsFromReplicationCommand({ SecretId, RemoveReplicaRegions: gone }));
  }
  if (added.length > 0) {
    const ForceOverwriteReplicaSecret = inputs.forceOverwriteReplicaSecret as boolean;
    const input = { SecretId, AddReplicaRegions: added, ForceOverwriteReplicaSecret };
    await secretsManager.send(new ReplicateSecretToRegionsCommand(input));
  }
}

/** The secret; undefined when it is gone or waits for its end. */
async function find({ secretsManager }: AwsClients, SecretId: string): Promise<DescribeSecretResponse | undefined> {
  const call = secretsManager.send(new DescribeSecretCommand({ SecretId }));
  const found = await unlessMissing(call, "ResourceNotFoundException");
  return found?.DeletedDate ? undefined : found;
}

/** `aws_secretsmanager_secret`, internal/service/secretsmanager/secret.go. */
export const secret = awsResource({
  title: "Secrets Manager Secret",
  autoName: { property: "name", maxLength: 512 },
  properties: {
    name: {
      computed: true,
      forceNew: true,
      validate: (name: string) =>
        /^[\w/+=.@-]{1,512}$/.test(name)
          ? undefined
          : '"name": must contain only alphanumeric characters and special characters /_+=.@-',
    },
    namePrefix: { computed: true, forceNew: true, notRead: true },
    description: {},
    kmsKeyId: { same: sameKey },
    policy: { computed: true, json: true, same: samePolicy, validate: validPolicy("policy") },
    recoveryWindowInDays: {
      default: 30,
      notRead: true,
      validate: (days: number) =>
        days === 0 || (days >= 7 && days <= 30)
          ? undefined
          : `expected recoveryWindowInDays to be 0 or in the range (7 - 30), got ${days}`,
    },
    forceOverwriteReplicaSecret: { default: false, notRead: true },
    replicas: {
      computed: true,
      set: true,
      same: (before, after) =>
        JSON.stringify(replicaRegions(before).sort()) === JSON.stringify(replicaRegions(after).sort()),
    },
    ...unmodelled("type"),
    ...each({ output: true }, "arn"),
  },

  tag: async ({ secretsManager }, SecretId, { put, remove }) => {
    if (remove.length > 0) {
      await secretsManager.send(new UntagResourceCommand({ SecretId, TagKeys: remove }));
    }
    if (Object.keys(put).length > 0) {
      await secretsManager.send(new TagResourceCommand({ SecretId, Tags: tagList(put) }));
    }
  },

  // A secret that waits for its end would block its name for weeks.
  undo: { recoveryWindowInDays: 0 },
  create: async ({ secretsManager }, inputs) => {
    const { ARN } = await secretsManager.send(
      new CreateSecretCommand({
        Name: inputs.name,
        Description: inputs.description,
        KmsKeyId: inputs.kmsKeyId,
        Tags: tagList(inputs.tagsAll as Tags),
      }),
    );
    return ARN as string;
  },

  complete: async (clients, SecretId, inputs) => {
    await setReplicas(clients, SecretId, {}, inputs);
    if (inputs.policy && inputs.policy !== "{}") {
      await clients.secretsManager.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: inputs.policy }));
    }
  },

  read: async (clients, SecretId) => {
    const it = await find(clients, SecretId);
    return (
      it && {
        arn: it.ARN,
        name: it.Name,
        description: it.Description,
        kmsKeyId: it.KmsKeyId,
        policy: await policyOf(clients, SecretId),
        replicas: replicas(it.ReplicationStatus),
        tagsAll: tagMap(it.Tags),
      }
    );
  },

  update: async (clients, SecretId, before, inputs, changed) => {
    const { secretsManager } = clients;
    await setReplicas(clients, SecretId, changed.includes("replicas") ? before : inputs, inputs);
    if (changed.includes("description") || changed.includes("kmsKeyId")) {
      // An empty description takes the old one away. A key stays when the program no longer names one.
      const Description = (inputs.description ?? "") as string;
      await secretsManager.send(new UpdateSecretCommand({ SecretId, Description, KmsKeyId: inputs.kmsKeyId }));
    }
    if (changed.includes("policy")) {
      await (inputs.policy && inputs.policy !== "{}"
        ? secretsManager.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: inputs.policy }))
        : secretsManager.send(new DeleteResourcePolicyCommand({ SecretId })));
    }
  },

  delete: async (clients, SecretId, { recoveryWindowInDays: days, replicas: copies }) => {
    const { secretsManager } = clients;
    if (!(await find(clients, SecretId))) {
      return;
    }
    const regions = replicaRegions(copies).map(({ Region }) => Region);
    if (regions.length > 0) {
      await secretsManager.send(new RemoveRegionsFromReplicationCommand({ SecretId, RemoveReplicaRegions: regions }));
    }
    const how = days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days as number };
    await secretsManager.send(new DeleteSecretCommand({ SecretId, ...how }));
  },
});

/** `aws_secretsmanager_secret_policy`, internal/service/secretsmanager/secret_policy.go. */
export const secretPolicy = awsResource({
  title: "Secrets Manager Secret Policy",
  properties: {
    secretArn: { required: true, forceNew: true },
    policy: { required: true, json: true, same: samePolicy, validate: validPolicy("policy") },
    blockPublicPolicy: { notRead: true },
  },

  create: async ({ secretsManager }, { secretArn, policy, blockPublicPolicy }) => {
    const input = {
      SecretId: secretArn as string,
      ResourcePolicy: policy as string,
      BlockPublicPolicy: blockPublicPolicy,
    };
    const { ARN } = await secretsManager.send(new PutResourcePolicyCommand(input));
    return ARN as string;
  },

  read: async (clients, secretArn) => {
    const policy = await policyOf(clients, secretArn);
    return policy ? { secretArn, policy } : undefined;
  },

  update: async ({ secretsManager }, SecretId, _before, { policy, blockPublicPolicy }) => {
    const input = { SecretId, ResourcePolicy: policy as string, BlockPublicPolicy: blockPublicPolicy };
    await secretsManager.send(new PutResourcePolicyCommand(input));
  },

  // InvalidRequestException: the secret is marked for deletion.
  delete: ({ secretsManager }, SecretId) =>
    unlessMissing(
      secretsManager.send(new DeleteResourcePolicyCommand({ SecretId })),
      ...["ResourceNotFoundException", "InvalidRequestException"],
    ),
});
