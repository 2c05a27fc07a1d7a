import { readFile } from "node:fs/promises";
import { command, run, say } from "../../ops/shared/command";
import { OpsError } from "../../ops/shared/errors";
import { putComment } from "./conversation";
import { GitHub, marker } from "./github";

const program = command(
  ".github/steps/comment.ts",
  "Writes a pull request's one comment anew. PULL_REQUEST in the environment is its number.",
  "0 written, 1 failed, 2 wrongly called",
).argument("<file>", "what it says");

run(program, process.argv.slice(2), async ([file]) => {
  const { PULL_REQUEST: pullRequest = "" } = process.env;
  if (!/^[1-9]\d*$/.test(pullRequest)) {
    throw new OpsError(`PULL_REQUEST: "${pullRequest}" is no number of a pull request; set it to the event's`);
  }
  const body = await readFile(file as string, "utf8").catch((error: Error) => {
    throw new OpsError(`There is no comment to write: ${error.message}`);
  });
  const url = await putComment(GitHub.fromEnvironment(), Number(pullRequest), marker("preview"), body);
  say(`Written: ${url}`);
  return { result: "written", url };
});
