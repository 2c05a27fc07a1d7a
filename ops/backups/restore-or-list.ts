import { untilInterrupted } from "./each";
import { withContext } from "../shared/context";
import { placeOf, readLogin, withCaFile } from "../shared/connection";
import { restore } from "./restore";
import { BackupStore } from "./store";
import { configOf, credentialsFor, inReplica, isInEnvironment, ofDatabases, readConfig } from "./target";
import { findBackup, RestoreStatus } from "./verify";
import { CommonOptions, say } from "../shared/command";
import { bytes, withProgress } from "../shared/progress";
import { PulumiStack } from "../shared/pulumi";

export interface Options extends CommonOptions {
  stack: string;
  into?: string;
  database?: string;
  backup?: string;
  fromReplica?: true;
  backupsOf?: string;
  list?: true;
  overwrite?: true;
  confirm?: string;
  forwardedPort?: number;
}

/** The new database. */
export interface Wanted {
  into: string;
  overwrite: boolean;
}

interface Outputs {
  databaseHost: string;
  databasePort: number;
  masterSecretArn: string;
  backups?: unknown;
}

/** Restores a backup into the database that is wanted; without one it lists the backups. */
export async function restoreBackup(wanted: Wanted | undefined, options: Options): Promise<object> {
  const begin = Date.now();
  const signal = untilInterrupted();
  const original = await readConfig(options.backupsOf ?? (isInEnvironment() ? undefined : options.stack));
  const [config = original] = ofDatabases(options.fromReplica ? inReplica(original) : original, options.database);
  const store = new BackupStore(config, credentialsFor(config, "restorer"));
  if (!wanted) {
    const backups = await withContext("Listing the backups", () => store.list(config.database));
    say(backups.length > 0 ? backups.map(({ takenAt }) => takenAt).join("\n") : `No backup of ${config.database}`);
    return { result: "listed", backups: backups.map(({ takenAt }) => takenAt) };
  }
  const outputs = await new PulumiStack(options.stack).readJson<Outputs>("stack", "output");
  const { databaseHost, databasePort, masterSecretArn } = outputs;
  const { caFile: ownCaFile } = configOf(outputs, options.stack);
  const status: RestoreStatus = { read: 0, size: 0, doing: "reading the manifest" };
  const { name, restored } = await withContext("The restore", () =>
    withProgress(
      () => `${bytes(status.read)} of ${bytes(status.size)} read; ${status.doing}`,
      async () => {
        const found = await findBackup(store, config.database, options.backup);
        say(`Restoring the backup ${found.takenAt} of ${config.stack} into the database ${wanted.into}`);
        const { username: user, password } = await readLogin(masterSecretArn);
        const { host, port, verifyName } = placeOf({ host: databaseHost, port: databasePort }, options.forwardedPort);
        return withCaFile(ownCaFile, async (caFile) => {
          const server = { host, port, database: "", user, password, tls: { caFile, verifyName } };
          return { name: found, restored: await restore({ ...wanted, store, name: found, server, signal, status }) };
        });
      },
    ),
  );
  const seconds = (Date.now() - begin) / 1000;
  say(
    `Restored into ${wanted.into}, and it equals what was dumped: ${restored.tables} tables. ${seconds.toFixed(1)} s`,
  );
  if (restored.putAside) {
    say(`The database of before is ${restored.putAside} now, with all its data, and lets nobody in.`);
  }
  return { result: "restored", backup: name.takenAt, into: wanted.into, ...restored, seconds };
}
