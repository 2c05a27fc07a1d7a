import { database, forwardedPort } from "../shared/options";
import { Misuse } from "../shared/errors";
import { command, run } from "../shared/command";
import type { Options, Wanted } from "../backups/restore-or-list";
import { COMMANDS } from ".";

const program = command(
  "ops/restore",
  COMMANDS.restore.sentence,
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

function chooseTarget({ into, overwrite, confirm }: Options): Wanted {
  if (!into) {
    throw new Misuse("Name the new database with --into, or list the backups with --list");
  }
  if (overwrite && confirm !== into) {
    throw new Misuse(`--overwrite puts the database ${into} aside; say its name once more: --confirm ${into}`);
  }
  return { into, overwrite: overwrite ?? false };
}

export function main(args: string[]): void {
  run<Options>(program, args, async (_, options) => {
    const wanted = options.list ? undefined : chooseTarget(options);
    return (await import("../backups/restore-or-list")).restoreBackup(wanted, options);
  });
}
