import { forwardedPort } from "../shared/options";
import { command, run, say } from "../shared/command";
import type { Options } from "../checks/check";
import { COMMANDS } from ".";

const program = command(
  "ops/check",
  COMMANDS.check.sentence,
  "0 nothing found, 1 findings, 2 wrongly called, 3 it could not be looked at",
)
  .option("--stack <name>", "the Pulumi stack; left out, CHECK in the environment says what to look at")
  .option("--html <file>", "write a page with the access matrix as a picture, too")
  .addOption(forwardedPort());

export function main(args: string[]): void {
  run<Options>(program, args, async (_, options) => {
    say("Looking");
    return (await import("../checks/check")).checkStack(options);
  });
}
