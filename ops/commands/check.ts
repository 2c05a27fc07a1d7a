import { forwardedPort } from "../shared/options";
import { command, run, say } from "../shared/command";
import type { Options } from "../checks/check";

const program = command(
  "ops/check",
  "Says whether the live database and what belongs to it in AWS are as the settings, the access matrix and the guide want them.",
  "0 nothing found, 1 findings, 2 wrongly called, 3 it could not be looked at",
)
  .option("--stack <name>", "the Pulumi stack; left out, CHECK in the environment says what to look at")
  .option("--html <file>", "write a page with the access matrix as a picture, too")
  .addOption(forwardedPort());

run<Options>(program, async (_, options) => {
  say("Looking");
  return (await import("../checks/check")).check(options);
});
