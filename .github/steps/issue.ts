import { readFile } from "node:fs/promises";
import { z } from "zod";
import { command, run, say } from "../../ops/shared/command";
import { OpsError } from "../../ops/shared/errors";
import { closeIssue, putIssue } from "./conversation";
import { GitHub, marker } from "./github";

const report = z.object({ state: z.enum(["clean", "drifted", "unknown"]), body: z.string() });

const program = command(
  ".github/steps/issue.ts",
  "Keeps one issue open while there is drift, and closes it when there is none. What could not be looked at changes nothing.",
  "0 done, 1 failed, 2 wrongly called",
).argument("<report>", "what drift.ts has written");

run(program, process.argv.slice(2), async ([file]) => {
  const text = await readFile(file as string, "utf8").catch((error: Error) => {
    throw new OpsError(`There is no report: ${error.message}`);
  });
  const { state, body } = report.parse(JSON.parse(text));
  const about = { marker: marker("drift"), label: "drift", title: "The stacks are not as they should be" };
  const github = GitHub.fromEnvironment();
  if (state === "drifted") {
    const url = await putIssue(github, { ...about, body });
    say(`Open: ${url}`);
    return { result: "open", url };
  }
  const url = state === "clean" ? await closeIssue(github, { ...about, body: "The drift is gone." }) : undefined;
  say(url ? `Closed: ${url}` : "No issue was touched");
  return { result: url ? "closed" : "none", url };
});
