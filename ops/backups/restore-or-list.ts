import { untilInterrupted } from "./each";
import { withContext } from "../shared/context";
import { withConnection } from "../shared/database-login";
import { restore } from "./restore";
import { APPLICATION_NAME } from "./naming";
import { BackupStore } from "./store";
import { credentialsFor, inReplica, loadSchema, ofDatabases, readConfig } from "./target";
import { findBackup, RestoreStatus } from "./verify";
import { CommonOptions, say } from "../shared/command";
import { bytes, withProgress } from "../shared/progress";
import { PulumiStack } from "../shared/pulumi";
import { isInEnvironment, readOutputs } from "../shared/stack-output";

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
  const original = await readConfig(options.backupsOf ?? (isInEnvironment("backups") ? undefined : options.stack));
  const [config = original] = ofDatabases(options.fromReplica ? inReplica(original) : original, options.database);
  const store = new BackupStore(config, credentialsFor(config, "restorer"));
  if (!wanted) {
    const backups = await withContext("Listing the backups", () => store.list(config.database));
    say(backups.length > 0 ? backups.map(({ takenAt }) => takenAt).join("\n") : `No backup of ${config.database}`);
    return { result: "listed", backups: backups.map(({ takenAt }) => takenAt) };
  }
  const outputs = await readOutputs<Outputs, "backups">(new PulumiStack(options.stack), "backups");
  const { databaseHost: host, databasePort: port, masterSecretArn: secretArn } = outputs;
  const { caFile } = (await loadSchema()).parse(outputs.backups);
  const database = { name: "", host, port };
  const login = {
    database,
    secretArn,
    caFile,
    forwardedPort: options.forwardedPort,
    applicationName: APPLICATION_NAME,
  };
  const status: RestoreStatus = { read: 0, size: 0, doing: "reading the manifest" };
  const { name, restored } = await withContext("The restore", () =>
    withProgress(
      () => `${bytes(status.read)} of ${bytes(status.size)} read; ${status.doing}`,
      async () => {
        const found = await findBackup(store, config.database, options.backup);
        say(`Restoring the backup ${found.takenAt} of ${config.stack} into the database ${wanted.into}`);
        return withConnection(login, async (server) => ({
          name: found,
          restored: await restore({ ...wanted, store, name: found, server, signal, status }),
        }));
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
