import { database } from "../shared/options";
import { command, run } from "../shared/command";
import type { Options } from "../backups/verify-databases";
import { COMMANDS } from ".";

const program = command(
  "ops/verify-backup",
  COMMANDS["verify-backup"].sentence,
  "0 restored and equal, 1 not, 2 wrongly called",
)
  .option("--stack <name>", "the Pulumi stack; left out, BACKUPS in the environment says where")
  .addOption(database("all of them"))
  .option("--backup <time>", "which one, as ops/backup and ops/restore --list name it; left out, the newest")
  .option("--from-replica", "read the copy in the region of backup.replicaRegion");

export function main(args: string[]): void {
  run<Options>(program, args, async (_, options) =>
    (await import("../backups/verify-databases")).verifyBackup(options),
  );
}
