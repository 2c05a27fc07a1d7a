import { command, run, say } from "../../ops/shared/command";
import { OpsError } from "../../ops/shared/errors";
import { PulumiStack } from "../../ops/shared/pulumi";
import { POLICIES } from "./pulumi";
import { updating } from "./recovery";

const program = command(
  ".github/steps/deploy.ts",
  "Updates a stack under the policies, and finishes what an update that was killed has begun.",
  "0 updated, 1 failed, 2 wrongly called",
).argument("<stack>", "the Pulumi stack");

run(program, process.argv.slice(2), async ([stack = ""]) => {
  // The preview comes first: a policy that refuses something does so before anything has happened.
  const updated = await updating(stack, () => new PulumiStack(stack).watch("up", "--yes", "--diff", ...POLICIES));
  if (!updated) {
    throw new OpsError(`The update of ${stack} has failed; what it says is above. Run the job again when it is mended`);
  }
  say(`${stack}: updated`);
  return { result: "updated" };
});
