import { database, explained, forwardedPort, untilInterrupted } from "./backups/cli";
import { placeOf, readLogin, withCaFile } from "./backups/connection";
import { restore } from "./backups/restore";
import { BackupStore } from "./backups/store";
import { credentialsFor, inReplica, isInEnvironment, ofDatabases, readConfig } from "./backups/target";
import { findBackup, RestoreStatus } from "./backups/verify";
import { command, CommonOptions, Misuse, run, say } from "./command";
import { bytes, withProgress } from "./progress";
import { PulumiStack } from "./pulumi";

interface Options extends CommonOptions {
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

interface Outputs {
  databaseHost: string;
  databasePort: number;
  masterSecretArn: string;
}

const program = command(
  "ops/restore",
  "Restores a backup into a new database of the stack's server, as its master, and compares it with what was dumped.",
  "0 restored, 1 failed and the server is as it was, 2 wrongly called, 3 refused and nothing was changed",
)
  .requiredOption("--stack <name>", "the Pulumi stack whose server it is restored on")
  .option("--into <database>", "the new database's name")
  .addOption(database("the stack's first"))
  .option("--backup <time>", "which one, as --list names it; left out, the newest")
  .option(
    "--backups-of <name>",
    "restore what another stack has backed up; left out, BACKUPS in the environment or --stack",
  )
  .option("--from-replica", "read the copies in the region of backup.replicaRegion")
  .option("--list", "list the backups that there are, the newest first, and do nothing else")
  .option("--overwrite", "put a database of that name aside, under another name, once the backup is restored")
  .option("--confirm <database>", "with --overwrite: its name once more")
  .addOption(forwardedPort());

function target({ into, overwrite, confirm }: Options): { into: string; overwrite: boolean } {
  if (!into) {
    throw new Misuse("Name the new database with --into, or list the backups with --list");
  }
  if (overwrite && confirm !== into) {
    throw new Misuse(`--overwrite puts the database ${into} aside; say its name once more: --confirm ${into}`);
  }
  return { into, overwrite: overwrite ?? false };
}

run<Options>(program, async (_, options) => {
  const begin = Date.now();
  const wanted = options.list ? undefined : target(options);
  const signal = untilInterrupted();
  const original = await readConfig(options.backupsOf ?? (isInEnvironment() ? undefined : options.stack));
  const [config = original] = ofDatabases(options.fromReplica ? inReplica(original) : original, options.database);
  const store = new BackupStore(config, credentialsFor(config, "restorer"));
  if (!wanted) {
    const backups = await explained("Listing the backups", () => store.list(config.database));
    say(backups.length > 0 ? backups.map(({ takenAt }) => takenAt).join("\n") : `No backup of ${config.database}`);
    return { result: "listed", backups: backups.map(({ takenAt }) => takenAt) };
  }
  const stack = new PulumiStack(options.stack);
  const own = await readConfig(options.stack);
  const { databaseHost, databasePort, masterSecretArn } = await stack.readJson<Outputs>("stack", "output");
  const status: RestoreStatus = { read: 0, size: 0, doing: "reading the manifest" };
  const { name, restored } = await explained("The restore", () =>
    withProgress(
      () => `${bytes(status.read)} of ${bytes(status.size)} read; ${status.doing}`,
      async () => {
        const found = await findBackup(store, config.database, options.backup);
        say(`Restoring the backup ${found.takenAt} of ${config.stack} into the database ${wanted.into}`);
        const { username: user, password } = await readLogin(masterSecretArn);
        const { host, port, verifyName } = placeOf({ host: databaseHost, port: databasePort }, options.forwardedPort);
        return withCaFile(own.caFile, async (caFile) => {
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
});
