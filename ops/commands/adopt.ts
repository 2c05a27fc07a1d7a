import { forwardedPort } from "../shared/options";
import { Misuse } from "../shared/errors";
import { command, run } from "../shared/command";
import type { Options } from "../adoption/adopt";
import { COMMANDS } from ".";

const program = command(
  "ops/adopt",
  COMMANDS.adopt.sentence,
  "0 done or nothing left to do, 1 failed and taken back, 2 wrongly called, 3 refused and nothing was changed",
)
  .option("--stack <name>", "the Pulumi stack; left out, CHECK in the environment says where")
  .requiredOption("--from <user>", "the user that the application has used so far")
  .option("--dry-run", "do all of it in a transaction, look at what has come of it, and take it back")
  .option("--database <name>", "with --dry-run: in this database of the same server, for instance a copy")
  .option("--switch-off", "take the user's rights and its login; asks first")
  .option("--switch-on", "give them back")
  .option("--end-sessions", "with --switch-off: end the sessions that are connected as the user")
  .option("--confirm <user>", "with --switch-off: the user's name once more, instead of an answer at the terminal")
  .addOption(forwardedPort());

function chooseWork({ switchOff, switchOn, dryRun, database, endSessions, confirm }: Options): "adopt" | "off" | "on" {
  const wrong = [
    switchOff && switchOn && "--switch-off and --switch-on exclude each other",
    database !== undefined &&
      !dryRun &&
      "--database goes with --dry-run: logins and memberships are the whole server's",
    !switchOff && endSessions && "--end-sessions goes with --switch-off",
    !switchOff && confirm !== undefined && "--confirm goes with --switch-off",
  ].find(Boolean);
  if (wrong) {
    throw new Misuse(String(wrong));
  }
  return switchOff ? "off" : switchOn ? "on" : "adopt";
}

export function main(args: string[]): void {
  run<Options>(program, args, async (_, options) => {
    const what = chooseWork(options);
    return (await import("../adoption/adopt")).adopt(what, options);
  });
}
