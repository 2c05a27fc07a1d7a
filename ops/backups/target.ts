import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import { Misuse, OpsError } from "../shared/errors";
import { PulumiStack } from "../shared/pulumi";
import { BackupsConfig, backupsConfig } from "../../model/outputs/backups";

/** In the tasks, what is a stack's output elsewhere. */
const VARIABLE = "BACKUPS";

/** Whether the environment says where backups lie. */
export const isInEnvironment = () => Boolean(process.env[VARIABLE]);

/** What a stack says of its backups, in its outputs. */
export function configOf({ backups }: { backups?: unknown }, stack: string): BackupsConfig {
  if (!backups) {
    throw new OpsError(`The stack ${stack} is not deployed, or by a program of before; run \`pulumi up\` first`);
  }
  return backupsConfig.parse(backups);
}

/** What the stack says of its backups; or, without a stack's name, what the environment says. */
export async function readConfig(stack: string | undefined): Promise<BackupsConfig> {
  if (stack !== undefined) {
    return configOf(await new PulumiStack(stack).readJson("stack", "output"), stack);
  }
  const text = process.env[VARIABLE];
  if (!text) {
    throw new Misuse(`Name the Pulumi stack with --stack, or set ${VARIABLE} to its output \`backups\` as JSON`);
  }
  return backupsConfig.parse(JSON.parse(text));
}

/** The same stack's backups of each of its databases, or of the one that is named. */
export function ofDatabases(config: BackupsConfig, named?: string): BackupsConfig[] {
  const { database, furtherDatabases, validations } = config;
  const all = [database, ...furtherDatabases];
  if (named !== undefined && !all.includes(named)) {
    throw new Misuse(
      `--database: ${named} is no database of ${config.stack}; name one of ${all.join(", ")}, or leave it out`,
    );
  }
  return all
    .filter((one) => named === undefined || one === named)
    .map((one) => ({ ...config, database: one, validations: one === database ? validations : [] }));
}

/** The same backups, as they lie in another region. */
export function inReplica(config: BackupsConfig): BackupsConfig {
  const { replica } = config;
  if (!replica) {
    throw new Misuse(
      `--from-replica: there are no copies of the backups of ${config.stack}; leave it out, or set backup.replicaRegion and back up anew`,
    );
  }
  return { ...config, bucket: replica.bucket, keyArn: replica.keyArn };
}

/** The role for a job, taken on by whoever has not got it yet. */
export function credentialsFor(
  { roles }: BackupsConfig,
  job: "writer" | "restorer",
): AwsCredentialIdentityProvider | undefined {
  return roles && fromTemporaryCredentials({ params: { RoleArn: roles[job], RoleSessionName: `backups-${job}` } });
}
