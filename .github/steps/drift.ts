import { writeFile } from "node:fs/promises";
import path from "node:path";
import { capture } from "../../local/platform/commands";
import { Finding } from "../../ops/checks/finding";
import { command, CommonOptions, FAILED, Refusal, run, say } from "../../ops/command";
import { OpsError } from "../../ops/pulumi";
import { Drift, driftReport, stateOf } from "./drift-report";
import { readEvents } from "./preview-events";
import { CHANGES_FOUND, preview } from "./pulumi";
import { withWayIn } from "./way-in";

interface Options extends CommonOptions {
  report: string;
}

const CHECK = path.join(__dirname, "../../ops/check");

/**
 * What Pulumi would do to bring everything back. The program runs, too: RDS changes the master's password every month, and the one in
 * the state would be refused. That change of the provider's is not drift.
 */
async function changesOf(stack: string): Promise<Pick<Drift, "changes" | "failures">> {
  const { code, stdout, stderr, events } = await preview(stack, "--refresh", "--run-program", "--expect-no-changes");
  say(`${stdout}\n${stderr}`);
  const { steps, errors } = readEvents(events);
  const changes = steps.filter(({ type }) => !type.startsWith("pulumi:providers:"));
  if (code === 0 || code === CHANGES_FOUND) {
    return { changes, failures: [] };
  }
  return { changes: [], failures: errors.length > 0 ? errors : [stderr.trim() || `pulumi ended with ${code}`] };
}

async function findingsOf(stack: string, port?: number): Promise<Pick<Drift, "findings" | "failures">> {
  const forwarded = port === undefined ? [] : ["--forwarded-port", String(port)];
  const args = ["--stack", stack, "--json", ...forwarded];
  const { code, stdout, stderr } = await capture(CHECK, args, { cwd: process.cwd(), env: process.env });
  say(stderr);
  if (code !== 0 && code !== FAILED) {
    return { findings: [], failures: [stderr.trim()] };
  }
  return { findings: (JSON.parse(stdout) as { findings: Finding[] }).findings, failures: [] };
}

async function look(stack: string): Promise<Drift> {
  say(`Looking at ${stack}`);
  try {
    return await withWayIn(stack, async (port) => {
      const [changed, found] = [await changesOf(stack), await findingsOf(stack, port)];
      const failures = [...changed.failures, ...found.failures];
      return { stack, changes: changed.changes, findings: found.findings, failures };
    });
  } catch (error) {
    if (!(error instanceof OpsError)) {
      throw error;
    }
    return { stack, changes: [], findings: [], failures: [error.message] };
  }
}

const program = command(
  ".github/steps/drift.ts",
  "Says whether stacks are still what the program and the live check want.",
  "0 they are, 1 they are not, 2 wrongly called, 3 it could not be looked at",
)
  .argument("<stacks...>", "the Pulumi stacks")
  .requiredOption("--report <file>", "where the report for issue.ts goes");

run<Options>(program, async (stacks, { report }) => {
  const drifts: Drift[] = [];
  for (const stack of stacks) {
    drifts.push(await look(stack));
  }
  const state = stateOf(drifts);
  await writeFile(report, JSON.stringify({ state, body: driftReport(drifts) }));
  if (state !== "clean") {
    throw state === "drifted" ? new OpsError("There is drift") : new Refusal("Not everything could be looked at");
  }
  say("No drift");
  return { result: state };
});
