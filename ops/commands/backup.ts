import { database, forwardedPort } from "../shared/options";
import { command, run } from "../shared/command";
import type { Options } from "../backups/back-up-databases";
import { COMMANDS } from ".";

const program = command(
  "ops/backup",
  COMMANDS.backup.sentence,
  "0 backed up, 1 failed and left nothing that counts as a backup, 2 wrongly called, 3 refused for it would not be complete",
)
  .option("--stack <name>", "the Pulumi stack; left out, BACKUPS in the environment says where")
  .addOption(database("all of them"))
  .addOption(forwardedPort());

export function main(args: string[]): void {
  run<Options>(program, args, async (_, options) => (await import("../backups/back-up-databases")).backup(options));
}
