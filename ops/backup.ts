import { daysUntil } from "../components/certificate";
import { backUp, BackupStatus } from "./backups/back-up";
import { database, explained, firstAndOthers, forEach, forwardedPort, untilInterrupted } from "./backups/cli";
import { BackupsConfig } from "./backups/config";
import { credentialsFor, ofDatabases, readConfig } from "./backups/target";
import { command, CommonOptions, run, say } from "./command";
import { bytes, withProgress } from "./progress";

const program = command(
  "ops/backup",
  "Puts an encrypted dump of the database, and a manifest of what is in it, into the bucket for backups.",
  "0 backed up, 1 failed and left nothing that counts as a backup, 2 wrongly called, 3 refused for it would not be complete",
)
  .option("--stack <name>", "the Pulumi stack; left out, BACKUPS in the environment says where")
  .addOption(database("all of them"))
  .addOption(forwardedPort());

interface Options extends CommonOptions {
  database?: string;
  forwardedPort?: number;
}

function described({ written, databaseSize, dumping, checking }: BackupStatus): string {
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
  const { name, stored, manifest } = await explained("The backup", () =>
    withProgress(
      () => described(status),
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

run<Options>(program, async (_, { stack, database: named, forwardedPort: port }) => {
  const signal = untilInterrupted();
  const databases = ofDatabases(await readConfig(stack), named);
  return firstAndOthers(await forEach(databases, (config) => backUpOne(config, port, signal)));
});
