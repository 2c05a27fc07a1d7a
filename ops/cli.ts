import { Command } from "commander";
import { COMMANDS, isCommand } from "./commands";
import { MISUSED, say } from "./shared/command";

/** The way in to every command: `ops/ops <command> …`, and each launcher beside it with its own name. */

function helpText(): string {
  const program = new Command("ops/ops")
    .usage("<command> --stack <name> ...")
    .description("The commands against a running stack, run in the project's folder. Each tells more with --help.")
    .helpCommand(false);
  for (const [name, { sentence }] of Object.entries(COMMANDS)) {
    program.command(name).description(sentence);
  }
  return program.helpInformation();
}

/** Loads the command that is named, and no other. */
async function main([name, ...args]: string[]): Promise<void> {
  if (name === "--help" || name === "-h") {
    process.stdout.write(helpText());
  } else if (name !== undefined && isCommand(name)) {
    (await COMMANDS[name].load()).main(args);
  } else {
    const wrong = name === undefined ? "ops/ops: name a command" : `ops/ops: there is no command ${name}`;
    say(`${wrong}; there are ${Object.keys(COMMANDS).join(", ")}`);
    process.exitCode = MISUSED;
  }
}

void main(process.argv.slice(2));
