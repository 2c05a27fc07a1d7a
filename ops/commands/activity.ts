import { Argument, Option } from "commander";
import { forwardedPort } from "../shared/options";
import { Misuse } from "../shared/errors";
import { command, run } from "../shared/command";
import type { Options, What } from "../sessions/activity";
import { ORDERS } from "../sessions/sql";
import { COMMANDS } from ".";

const WHAT = ["sessions", "long", "blocked", "statements", "terminate"] as const satisfies What[];

const parseNumber = (name: string) => (text: string) => {
  if (!/^\d{1,9}$/.test(text)) {
    throw new Misuse(`${name}: ${text} is no number; give 0 or more`);
  }
  return Number(text);
};

const program = command(
  "ops/activity",
  COMMANDS.activity.sentence,
  "0 done, 1 failed, 2 wrongly called, 3 refused and nothing was ended",
)
  .addArgument(new Argument("<what>", "what to look at, or terminate").choices(WHAT))
  .argument("[pid]", "terminate: the session's process id", parseNumber("pid"))
  .option("--stack <name>", "the Pulumi stack; left out, CHECK in the environment says where")
  .addOption(
    new Option("--seconds <number>", "long: from how many seconds on").default(5).argParser(parseNumber("--seconds")),
  )
  .addOption(new Option("--by <column>", "statements: the order").choices(Object.keys(ORDERS)).default("total"))
  .addOption(new Option("--top <number>", "statements: how many").default(20).argParser(parseNumber("--top")))
  .option("--cancel", "terminate: cancel the statement alone, the session goes on")
  .option("--confirm <time>", "terminate: when the session began, instead of an answer at the terminal")
  .addOption(forwardedPort());

export function main(args: string[]): void {
  run<Options>(program, args, async (_, options) => {
    const [what, pid] = program.processedArgs as [What, number | undefined];
    return (await import("../sessions/activity")).activity(what, pid, options);
  });
}
