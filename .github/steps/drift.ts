import { writeFile } from "node:fs/promises";
import path from "node:path";
import { capture } from "../../lib/process";
import { OpsError, Refusal } from "../../ops/shared/errors";
import { command, CommonOptions, FAILED, run, say } from "../../ops/shared/command";
import { Checked, Drift, driftReport, ofCheck, stateOf } from "./drift-report";
import { readEvents } from "./preview-events";
import { CHANGES_FOUND, foresee } from "./pulumi";
import { withWayIn } from "./way-in";

interface Options extends CommonOptions {
  report: string;
}

const CHECK = path.join(__dirname, "../../ops/check");

/** What a role that looks cannot read: a refresh would log in to PostgreSQL as the master, and read every password. `ops/check` looks there. */
const LEFT_TO_THE_CHECK = ["**postgresql:**", "**secretVersion:SecretVersion**"];

/** What is no longer as the last update has left it. What the program wants today has no part in this. */
async function changesOf(stack: string): Promise<Pick<Drift, "changes" | "failures">> {
  const excluded = LEFT_TO_THE_CHECK.flatMap((urns) => ["--exclude", urns]);
  const refresh = ["refresh", "--preview-only", "--expect-no-changes", ...excluded];
  const { code, stdout, stderr, events } = await foresee(stack, ...refresh);
  say(`${stdout}\n${stderr}`);
  const { steps: changes, errors } = readEvents(events);
  if (code === 0 || code === CHANGES_FOUND) {
    return { changes, failures: [] };
  }
  return { changes: [], failures: errors.length > 0 ? errors : [stderr.trim() || `pulumi ended with ${code}`] };
}

async function lookInside(stack: string, port?: number): Promise<Pick<Drift, "findings" | "failures">> {
  const forwarded = port === undefined ? [] : ["--forwarded-port", String(port)];
  const args = ["--stack", stack, "--json", ...forwarded];
  const { code, stdout, stderr } = await capture(CHECK, args, { cwd: process.cwd(), env: process.env });
  say(stderr);
  return code === 0 || code === FAILED
    ? ofCheck(JSON.parse(stdout) as Checked)
    : { findings: [], failures: [stderr.trim()] };
}

async function findingsOf(stack: string): Promise<Pick<Drift, "findings" | "failures">> {
  try {
    return await withWayIn(stack, (port) => lookInside(stack, port));
  } catch (error) {
    if (!(error instanceof OpsError)) {
      throw error;
    }
    return { findings: [], failures: [error.message] };
  }
}

async function look(stack: string): Promise<Drift> {
  say(`Looking at ${stack}`);
  const { changes, failures } = await changesOf(stack);
  const found = await findingsOf(stack);
  return { stack, changes, findings: found.findings, failures: [...failures, ...found.failures] };
}

const program = command(
  ".github/steps/drift.ts",
  "Says whether stacks are still as the last update has left them, and as the live check wants them.",
  "0 they are, 1 they are not, 2 wrongly called, 3 it could not be looked at",
)
  .argument("<stacks...>", "the Pulumi stacks")
  .requiredOption("--report <file>", "where the report for issue.ts goes");

run<Options>(program, process.argv.slice(2), async (stacks, { report }) => {
  const drifts: Drift[] = [];
  for (const stack of stacks) {
    drifts.push(await look(stack));
  }
  const state = stateOf(drifts);
  const body = driftReport(drifts);
  say(body);
  await writeFile(report, JSON.stringify({ state, body }));
  if (state !== "clean") {
    throw state === "drifted" ? new OpsError("There is drift") : new Refusal("Not everything could be looked at");
  }
  say("No drift");
  return { result: state };
});
