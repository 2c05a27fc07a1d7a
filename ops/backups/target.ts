import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import type { BackupsConfig } from "../../model/outputs/backups";
import { Misuse } from "../shared/errors";
import { readOutput } from "../shared/stack-output";

export const loadSchema = async () => (await import("../../model/outputs/backups")).backupsConfig;

/** Reads what a stack says of its backups. */
export function readConfig(stack: string | undefined): Promise<BackupsConfig> {
  return readOutput(stack, "backups", loadSchema);
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
