import { firstAndOthers, forEach, untilInterrupted } from "./each";
import { withContext } from "../shared/context";
import { BackupsConfig } from "../../model/outputs/backups";
import { credentialsFor, inReplica, ofDatabases, readConfig } from "./target";
import { RestoreStatus, verify } from "./verify";
import { CommonOptions, say } from "../shared/command";
import { bytes, withProgress } from "../shared/progress";
import { OpsError } from "../shared/errors";

export interface Options extends CommonOptions {
  database?: string;
  backup?: string;
  fromReplica?: true;
}

async function verifyOne(config: BackupsConfig, backup: string | undefined, signal: AbortSignal) {
  const begin = Date.now();
  const status: RestoreStatus = { read: 0, size: 0, doing: "reading the manifest" };
  say(
    `Verifying ${backup ? `the backup ${backup}` : "the newest backup"} of ${config.database} of ${config.stack}, in ${config.bucket}`,
  );
  const { name, manifest, problems } = await withContext("The verification", () =>
    withProgress(
      () => `${bytes(status.read)} of ${bytes(status.size)} read; ${status.doing}`,
      () => verify({ config, credentials: credentialsFor(config, "restorer"), takenAt: backup, signal, status }),
    ),
  );
  const seconds = (Date.now() - begin) / 1000;
  const about = { backup: name.takenAt, database: name.database, seconds };
  if (problems.length > 0) {
    throw new OpsError(
      `NOT RESTORED: the backup ${name.takenAt}, after ${seconds.toFixed(1)} s:\n  ${problems.join("\n  ")}`,
      { result: "not restored", ...about, problems },
    );
  }
  const { tables = [], sequences = [], objects = [] } = manifest?.contents ?? {};
  const rows = tables.reduce((sum, table) => sum + Number(table.rows), 0);
  say(
    `Restored: the backup ${name.takenAt} is whole. ${tables.length} tables with ${rows} rows, ${sequences.length} sequences ` +
      `and ${objects.length} objects with owners and rights are as they were; ${config.validations.length} validation ` +
      `queries are true. ${seconds.toFixed(1)} s`,
  );
  return { result: "restored", ...about, tables: tables.length, rows, validations: config.validations.length };
}

/** Verifies a backup of every database of the stack, or of the one that is named. */
export async function verifyBackup({ stack, database: named, backup, fromReplica }: Options): Promise<object> {
  const signal = untilInterrupted();
  const original = await readConfig(stack);
  const databases = ofDatabases(fromReplica ? inReplica(original) : original, named);
  return firstAndOthers(await forEach(databases, (config) => verifyOne(config, backup, signal)));
}
