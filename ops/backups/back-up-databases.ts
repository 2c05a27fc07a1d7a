import { daysUntil } from "../../model/certificate-age";
import { backUp, BackupStatus } from "./back-up";
import { firstAndOthers, forEach, untilInterrupted } from "./each";
import { withContext } from "../shared/context";
import { BackupsConfig } from "../../model/outputs/backups";
import { credentialsFor, ofDatabases, readConfig } from "./target";
import { CommonOptions, say } from "../shared/command";
import { bytes, withProgress } from "../shared/progress";

export interface Options extends CommonOptions {
  database?: string;
  forwardedPort?: number;
}

function describeStatus({ written, databaseSize, dumping, checking }: BackupStatus): string {
  const parts = [
    `${bytes(written)} written of a database of ${bytes(databaseSize)}`,
    dumping && `dumping ${dumping}`,
    checking && `checking ${checking}`,
  ];
  return parts.filter(Boolean).join("; ");
}

async function backUpOne(config: BackupsConfig, forwarded: number | undefined, signal: AbortSignal) {
  const begin = Date.now();
  const status: BackupStatus = { written: 0, databaseSize: 0 };
  say(`Backing up ${config.database} of ${config.stack}`);
  const { name, stored, manifest } = await withContext("The backup", () =>
    withProgress(
      () => describeStatus(status),
      () => backUp({ config, credentials: credentialsFor(config, "writer"), forwardedPort: forwarded, signal, status }),
    ),
  );
  const seconds = (Date.now() - begin) / 1000;
  const { tables } = manifest.contents;
  const rows = tables.reduce((sum, table) => sum + Number(table.rows), 0);
  say(
    `Backed up as ${name.takenAt}: ${tables.length} tables with ${rows} rows, ${bytes(stored.size)}, ${seconds.toFixed(1)} s`,
  );
  return {
    result: "backed up",
    backup: name.takenAt,
    database: name.database,
    ...stored,
    tables: tables.length,
    rows,
    databaseSize: status.databaseSize,
    ...(status.certificateEnds && { certificateDaysLeft: daysUntil(status.certificateEnds, new Date()) }),
    seconds,
  };
}

/** Backs up every database of the stack, or the one that is named. */
export async function backup({ stack, database: named, forwardedPort: port }: Options): Promise<object> {
  const signal = untilInterrupted();
  const databases = ofDatabases(await readConfig(stack), named);
  return firstAndOthers(await forEach(databases, (config) => backUpOne(config, port, signal)));
}
