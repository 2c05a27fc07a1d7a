import {
  GetSecretValueCommand,
  paginateListSecretVersionIds,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
  UpdateSecretVersionStageCommandInput,
} from "@aws-sdk/client-secrets-manager";
import { CheckFailure, Values } from "../protocol/model";
import { AwsClients } from "./clients";
import { unlessMissing } from "./errors";
import { awsResource, each } from "./resource";

const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";
/** InvalidRequestException: the secret is marked for deletion. */
const GONE = ["ResourceNotFoundException", "InvalidRequestException"];

function parse(id: string): { SecretId: string; VersionId: string } {
  const [SecretId, VersionId] = id.split("|");
  if (!SecretId || !VersionId) {
    throw new Error(`unexpected format of ID (${id}), expected SecretID|VersionID`);
  }
  return { SecretId, VersionId };
}

function checkValue(inputs: Values): CheckFailure[] {
  const given = ["secretString", "secretBinary", "secretStringWo"].filter((name) => inputs[name] !== undefined);
  return given.length > 1
    ? [{ property: given[0] as string, reason: `"${given[0]}": conflicts with ${given[1]}` }]
    : [];
}

async function currentVersion({ secretsManager }: AwsClients, SecretId: string): Promise<string | undefined> {
  for await (const page of paginateListSecretVersionIds({ client: secretsManager }, { SecretId })) {
    const current = page.Versions?.find(({ VersionStages }) => VersionStages?.includes(CURRENT));
    if (current) {
      return current.VersionId;
    }
  }
  return undefined;
}

/**
 * `aws_secretsmanager_secret_version`, internal/service/secretsmanager/secret_version.go. A new value is a new version;
 * the old one stays readable as AWSPREVIOUS, for AWS deletes no version that has a stage.
 */
export const secretVersion = awsResource({
  title: "Secrets Manager Secret Version",
  properties: {
    secretId: { required: true, forceNew: true },
    secretString: { forceNew: true, secret: true },
    secretBinary: { forceNew: true, secret: true },
    secretStringWo: { notRead: true, secret: true, same: () => true },
    secretStringWoVersion: { forceNew: true, notRead: true },
    versionStages: { computed: true, set: true },
    ...each({ output: true }, "arn", "secretArn", "versionId", "hasSecretStringWo"),
  },
  check: checkValue,

  create: async ({ secretsManager }, { secretId, secretString, secretStringWo, secretBinary, versionStages }) => {
    const { VersionId } = await secretsManager.send(
      new PutSecretValueCommand({
        SecretId: secretId,
        SecretString: secretString ?? secretStringWo,
        SecretBinary: secretBinary === undefined ? undefined : Buffer.from(secretBinary as string, "base64"),
        VersionStages: versionStages,
      }),
    );
    return `${secretId as string}|${VersionId}`;
  },

  read: async ({ secretsManager }, id, state) => {
    const { SecretId, VersionId } = parse(id);
    const found = await unlessMissing(secretsManager.send(new GetSecretValueCommand({ SecretId, VersionId })), ...GONE);
    const writeOnly = Boolean(state.secretStringWo ?? state.hasSecretStringWo);
    return (
      found && {
        arn: found.ARN,
        secretArn: found.ARN,
        secretId: SecretId,
        versionId: found.VersionId,
        versionStages: found.VersionStages,
        secretString: writeOnly ? undefined : found.SecretString,
        secretBinary: found.SecretBinary && Buffer.from(found.SecretBinary).toString("base64"),
        hasSecretStringWo: writeOnly || undefined,
        // Write-only: not even the state may have it.
        secretStringWo: undefined,
      }
    );
  },

  update: async (clients, id, before, inputs, changed) => {
    if (!changed.includes("versionStages")) {
      return;
    }
    const { SecretId, VersionId } = parse(id);
    const [old, wanted] = [before.versionStages ?? [], inputs.versionStages ?? []] as [string[], string[]];
    const send = (input: Omit<UpdateSecretVersionStageCommandInput, "SecretId">) =>
      clients.secretsManager.send(new UpdateSecretVersionStageCommand({ SecretId, ...input }));
    const added = wanted.filter((stage) => !old.includes(stage));
    for (const VersionStage of added) {
      const RemoveFromVersionId = VersionStage === CURRENT ? await currentVersion(clients, SecretId) : undefined;
      await send({ VersionStage, MoveToVersionId: VersionId, RemoveFromVersionId });
    }
    for (const VersionStage of old.filter((stage) => !wanted.includes(stage))) {
      // AWSCURRENT can only be moved to another version; when it came here, AWSPREVIOUS has left already.
      if (VersionStage !== CURRENT && !(VersionStage === PREVIOUS && added.includes(CURRENT))) {
        await send({ VersionStage, RemoveFromVersionId: VersionId });
      }
    }
  },

  delete: async ({ secretsManager }, id, state) => {
    const { SecretId, VersionId } = parse(id);
    for (const VersionStage of ((state.versionStages ?? []) as string[]).filter((stage) => stage !== CURRENT)) {
      const input = { SecretId, VersionStage, RemoveFromVersionId: VersionId };
      await unlessMissing(secretsManager.send(new UpdateSecretVersionStageCommand(input)), ...GONE);
    }
  },
});
