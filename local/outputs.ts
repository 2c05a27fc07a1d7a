import type { Platform } from "../platform/host/platform";

/** The stack's outputs that the local commands use. */
export interface Outputs {
  databaseHost: string;
  databasePort: number;
  databaseName: string;
  /** With `database.readReplica` only. */
  databaseReplicaHost?: string;
  databaseReplicaPort?: number;
  databaseCaFile: string;
  masterSecretArn: string;
  secretArns: Record<string, string>;
  secretReadPolicyArns: Record<string, string>;
  /** Further applications, by name. */
  applications?: Record<
    string,
    { database: string; secretArns: Record<string, string>; secretReadPolicyArns: Record<string, string> }
  >;
  backupBucket: string;
  /** What the commands about backups have to know. */
  backups: unknown;
  /** What the live check has to know, and should find. */
  check: unknown;
  /** What the next update compares itself with. */
  deployed: Record<string, unknown>;
}

/** The outputs of a stack that has been brought up, or undefined. None of them is secret. */
export async function stackOutputs(platform: Platform, stack: string): Promise<Outputs | undefined> {
  const outputs = (await platform.project.outputs(stack)) as Partial<Outputs> | undefined;
  return outputs?.databaseHost === undefined ? undefined : (outputs as Outputs);
}
