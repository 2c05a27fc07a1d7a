import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { capture, Captured } from "../../lib/process";

/** What every preview and update of a pipeline runs under. */
export const POLICIES = ["--policy-pack", path.join(__dirname, "../../policy")];

/** A command with `--expect-no-changes` ends with this when there are some (3.259: cmd/exit_codes.go, ExitNoChanges). */
export const CHANGES_FOUND = 7;

/** A Pulumi command for one stack, in the project's folder. */
export function pulumi(stack: string, args: string[], more: NodeJS.ProcessEnv = {}): Promise<Captured> {
  const fixed = ["--stack", stack, "--non-interactive", "--color", "never"];
  return capture("pulumi", [...args, ...fixed], { cwd: process.cwd(), env: { ...process.env, ...more } });
}

export interface Foreseen extends Captured {
  /** The engine's events, one JSON text in a line. */
  events: string;
}

/**
 * What a command would do, for people, as `--diff` prints it, and in the same run what `--json` has for programs: the engine's events. The
 * flag for that is one of those that Pulumi's Automation API uses, and needs PULUMI_DEBUG_COMMANDS. No secret is in either.
 */
export async function foresee(stack: string, ...args: string[]): Promise<Foreseen> {
  const folder = await mkdtemp(path.join(tmpdir(), "preview-"));
  try {
    const log = path.join(folder, "events.json");
    const debug = { PULUMI_DEBUG_COMMANDS: "true" };
    const run = await pulumi(stack, [...args, "--diff", "--event-log", log], debug);
    return { ...run, events: await readFile(log, "utf8").catch(() => "") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
