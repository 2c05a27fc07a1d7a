import { forwardedPort } from "../shared/options";
import { Misuse } from "../shared/errors";
import { command, run } from "../shared/command";
import type { Options } from "../importing/import-stack";
import { COMMANDS } from ".";

function addId(text: string, before: Map<string, string>): Map<string, string> {
  const [, key, id] = /^([^=]+::[^=]+)=(.+)$/.exec(text) ?? [];
  if (key === undefined || id === undefined) {
    throw new Misuse(
      `--id: ${text} is not type::name=id; e.g. --id 'aws:rds/instance:Instance::markenmate-prod=markenmate-prod'`,
    );
  }
  return new Map([...before, [key, id]]);
}

const program = command(
  "ops/import",
  COMMANDS.import.sentence,
  "0 imported, 1 failed, 2 wrongly called, 3 refused and nothing was changed",
)
  .requiredOption("--stack <name>", "the Pulumi stack, made anew and with the settings that were deployed last")
  .option("--dry-run", "say what would be imported, and do no more")
  .option("--create-missing", "go on although something is nowhere: the next update makes it")
  .option(
    "--id <type::name=id>",
    "where a resource is that is not found by itself; may be given again",
    addId,
    new Map(),
  )
  .addOption(forwardedPort());

export function main(args: string[]): void {
  run<Options>(program, args, async (_, options) => (await import("../importing/import-stack")).importStack(options));
}
