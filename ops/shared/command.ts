import { Command, CommanderError } from "commander";
import { UserError } from "../../lib/user-error";
import { Misuse, OpsError, Refusal } from "./errors";

/** What all commands in here have in common: exit codes, `--json`, and errors that are shown without a stack trace. */

/** 0 done, 1 failed, 2 wrongly called, 3 refused and nothing was changed. */
export const FAILED = 1;
export const MISUSED = 2;
export const REFUSED = 3;

/** For people, on standard error: standard output is the result's, for machines. */
export const say = (line: string) => console.error(line);

export interface CommonOptions {
  json?: true;
  stack?: string;
}

/** The command line: what every command understands. */
export function command(name: string, description: string, exitCodes: string): Command {
  return new Command(name)
    .description(description)
    .option("--json", "tell the result as JSON on standard output")
    .addHelpText("after", `\nExit codes: ${exitCodes}.`)
    .exitOverride((error) => {
      throw new CommanderError(error.exitCode === 0 ? 0 : MISUSED, error.code, error.message);
    });
}

async function exitCode<Options extends CommonOptions>(
  program: Command,
  args: string[],
  work: (args: string[], options: Options) => Promise<object>,
): Promise<number> {
  let options: CommonOptions = {};
  const tell = (result: object) =>
    options.json && console.log(JSON.stringify({ ...(options.stack && { stack: options.stack }), ...result }));
  try {
    program.parse(args, { from: "user" });
    options = program.opts<Options>();
    tell(await work(program.args, options as Options));
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode;
    }
    const refused = error instanceof Refusal;
    if (error instanceof Misuse) {
      say(error.message);
      return MISUSED;
    }
    if (!(error instanceof UserError)) {
      throw error;
    }
    say(error.message);
    tell({
      result: refused ? "refused" : "failed",
      message: error.message,
      ...(error instanceof OpsError && error.more),
    });
    return refused ? REFUSED : FAILED;
  }
}

/** Parses the arguments, does the work, tells its result, and ends the process with the code that says how it went. */
export function run<Options extends CommonOptions>(
  program: Command,
  args: string[],
  work: (args: string[], options: Options) => Promise<object>,
): void {
  void exitCode(program, args, work).then(
    // A long result is still on its way through a pipe: what is written after it has come last.
    (code) => process.stdout.write("", () => process.exit(code)),
    (error: unknown) => {
      console.error(error);
      process.exit(FAILED);
    },
  );
}
