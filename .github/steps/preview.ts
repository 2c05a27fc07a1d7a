import { writeFile } from "node:fs/promises";
import { command, CommonOptions, run, say } from "../../ops/shared/command";
import { OpsError } from "../../ops/shared/errors";
import { marker } from "./github";
import { LIMIT, Preview, previewComment } from "./preview-comment";
import { readEvents } from "./preview-events";
import { foresee, POLICIES } from "./pulumi";

interface Options extends CommonOptions {
  comment: string;
}

async function previewOf(stack: string): Promise<Preview> {
  say(`Previewing ${stack}`);
  const { code, stdout, stderr, events } = await foresee(stack, "preview", ...POLICIES);
  say(`${stdout}\n${stderr}`);
  const told = readEvents(events);
  const refused = told.violations.some(({ mandatory }) => mandatory);
  const complete = code === 0 || (refused && told.errors.length === 0);
  const errors = told.errors.length > 0 ? told.errors : [stderr.trim() || `pulumi ended with exit code ${code}`];
  return { ...told, stack, complete, errors: complete ? [] : errors, diff: stdout };
}

const program = command(
  ".github/steps/preview.ts",
  "Previews stacks under the policies, and writes the comment that says what they would do.",
  "0 all of it may be done, 1 a preview has failed or a policy refuses it, 2 wrongly called",
)
  .argument("<stacks...>", "the Pulumi stacks")
  .requiredOption("--comment <file>", "where the comment goes");

run<Options>(program, process.argv.slice(2), async (stacks, { comment }) => {
  const previews: Preview[] = [];
  for (const stack of stacks) {
    previews.push(await previewOf(stack));
  }
  // First of all: whatever has failed is what the comment is about.
  await writeFile(comment, previewComment(previews, LIMIT - marker("preview").length - 1));
  const failed = previews.filter(({ complete }) => !complete).map(({ stack }) => `the preview of ${stack} failed`);
  const refused = previews
    .filter(({ violations }) => violations.some(({ mandatory }) => mandatory))
    .map(({ stack }) => `a policy refuses what ${stack} would become`);
  if (failed.length + refused.length > 0) {
    throw new OpsError([...failed, ...refused].join("; "));
  }
  return { result: "previewed" };
});
