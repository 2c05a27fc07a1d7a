import { Option } from "commander";
import { APPLICATION_ROLES, ROLE_NAMES, RoleName } from "../../model/access/matrix";
import { Misuse } from "../shared/errors";
import { command, run } from "../shared/command";
import type { Options } from "../rotation/rotate";
import { COMMANDS } from ".";

function chooseRoles(named: string[], all: boolean, known: readonly RoleName[]): RoleName[] {
  if (all === named.length > 0) {
    throw new Misuse(`Name roles (${known.join(", ")}) or use --all`);
  }
  const unknown = named.filter((name) => !(known as readonly string[]).includes(name));
  if (unknown.length > 0) {
    throw new Misuse(`${unknown.join(", ")}: not one of ${known.join(", ")}`);
  }
  return all ? [...known] : (named as RoleName[]);
}

const minutes = new Option("--grace-minutes <number>", "refuse a role that was rotated less long ago")
  .default(60)
  .argParser((text) => {
    if (!/^\d+$/.test(text)) {
      throw new Misuse(`--grace-minutes: ${text} is no number of minutes; give 0 or more`);
    }
    return Number(text);
  });

const program = command(
  "ops/rotate",
  COMMANDS.rotate.sentence,
  "0 rotated, 1 failed, 2 wrongly called, 3 refused and nothing was changed",
)
  .argument("[roles...]", `roles to rotate: ${ROLE_NAMES.join(", ")}`)
  .requiredOption("--stack <name>", "the Pulumi stack")
  .option("--application <name>", "a further application, whose roles are meant")
  .option("--all", "every role")
  .option("--revoke", "for a leak: shut the login of before out at once, and end its sessions")
  .addOption(minutes)
  .option("--force", "rotate within the grace time, too");

export function main(args: string[]): void {
  run<Options>(program, args, async (args, options) => {
    const roles = chooseRoles(args, options.all ?? false, options.application ? APPLICATION_ROLES : ROLE_NAMES);
    return (await import("../rotation/rotate")).rotateRoles(roles, options);
  });
}
