import {
  CancelKeyDeletionCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import {
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { AwsFault, opened } from "./aws-fault";

const kms = () => new KMSClient({});

export const KEY_FAULTS: AwsFault[] = [
  {
    name: "a key that is switched off",
    plant: async ({ aws }) => {
      await kms().send(new DisableKeyCommand({ KeyId: aws.keyArns.backups }));
      return () => kms().send(new EnableKeyCommand({ KeyId: aws.keyArns.backups }));
    },
    finds: [["keys", () => "key of backups"]],
  },
  {
    name: "a key that never changes",
    plant: async ({ aws }) => {
      await kms().send(new DisableKeyRotationCommand({ KeyId: aws.keyArns.database }));
      return () => kms().send(new EnableKeyRotationCommand({ KeyId: aws.keyArns.database }));
    },
    finds: [["keys", () => "key of database: yearly rotation"]],
  },
  {
    name: "a key that will be deleted",
    plant: async ({ aws }) => {
      const KeyId = aws.keyArns.backups;
      await kms().send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 30 }));
      return async () => {
        await kms().send(new CancelKeyDeletionCommand({ KeyId }));
        await kms().send(new EnableKeyCommand({ KeyId }));
      };
    },
    finds: [["keys", () => "key of backups"]],
  },
  {
    name: "a key for everybody",
    plant: async ({ aws }) => {
      const key = { KeyId: aws.keyArns.database, PolicyName: "default" };
      const { Policy = "" } = await kms().send(new GetKeyPolicyCommand(key));
      await kms().send(new PutKeyPolicyCommand({ ...key, Policy: opened(Policy, "kms:Decrypt", "*") }));
      return () => kms().send(new PutKeyPolicyCommand({ ...key, Policy }));
    },
    finds: [["keys", () => "key of database: policy"]],
  },
  {
    name: "a secret for everybody",
    plant: async ({ aws }) => {
      const SecretId = aws.secretArns.readonly as string;
      const client = new SecretsManagerClient({});
      const { ResourcePolicy = "" } = await client.send(new GetResourcePolicyCommand({ SecretId }));
      const put = (policy: string) => client.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: policy }));
      await put(opened(ResourcePolicy, "secretsmanager:GetSecretValue", "*"));
      return () => put(ResourcePolicy);
    },
    finds: [["secrets", () => "secret of readonly: policy"]],
  },
  {
    name: "a secret with another key",
    plant: async ({ aws }) => {
      const SecretId = aws.secretArns.readonly as string;
      const client = new SecretsManagerClient({});
      const { KmsKeyId } = await client.send(new DescribeSecretCommand({ SecretId }));
      await client.send(new UpdateSecretCommand({ SecretId, KmsKeyId: "alias/aws/secretsmanager" }));
      return () => client.send(new UpdateSecretCommand({ SecretId, KmsKeyId }));
    },
    finds: [["secrets", () => "secret of readonly: key"]],
  },
];
