import {
  accountId,
  application,
  environments,
  refuseLongNames,
  repository,
  stateBucket,
} from "../bootstrapping/arguments";
import { command, run } from "../shared/command";
import type { Options } from "../bootstrapping/bootstrap";
import { COMMANDS } from ".";

const program = command(
  "ops/bootstrap",
  COMMANDS.bootstrap.sentence,
  "0 done, 1 failed, 2 wrongly called, 3 refused and nothing was changed",
)
  .requiredOption("--application <name>", "what names everything in AWS, as in the settings", application)
  .requiredOption(
    "--repository <owner/name>",
    "the repository on GitHub whose workflows may take the roles on",
    repository,
  )
  .option("--environment <names>", "the stacks, which are GitHub's environments as well", environments, ["dev", "prod"])
  .option("--account <id>", "the account that this is meant for; any other one is refused", accountId)
  .option("--state-bucket <name>", "another name for the state bucket", stateBucket)
  .option("--dry-run", "say what would be made and changed, and change nothing");

export function main(args: string[]): void {
  run<Options>(program, args, async (_, options) => {
    refuseLongNames(options.application, options.environment);
    return (await import("../bootstrapping/bootstrap")).bootstrap(options);
  });
}
