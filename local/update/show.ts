import type { EngineEvent } from "@pulumi/pulumi/automation/events";
import { conclusion, frame, signOfLife } from "./lines";
import { Progress } from "./progress";
import type { Screen } from "./screen";
import { printable } from "../../lib/printable";
import type { Platform } from "../../platform/host/platform";

/** How often a terminal is shown the state of things, and after how many silent seconds another reader gets a line. */
const FRAME_MS = 100;
const SILENCE_MS = 2000;

/** Runs an update or a destroy, shows it by component instead of by resource, and returns Pulumi's exit code. */
export async function showUpdate(platform: Platform, args: string[], screen: Screen): Promise<number> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const progress = new Progress();
  const show = screen.rewrites
    ? () => screen.frame(frame(progress, seconds()))
    : () => screen.note(signOfLife(progress, seconds()));
  const timer = setInterval(show, screen.rewrites ? FRAME_MS : SILENCE_MS);
  const note = (lines: string[]) => {
    if (lines.length > 0) {
      screen.note(...lines);
    }
  };
  try {
    // Of its stream of events nothing but this display is shown; what it says beside them is shown as it is.
    const code = await platform.pulumiByLine([...args, "--json", "--color", "never"], {
      stdout: (line) => note(takeLine(progress, line)),
      stderr: (line) => note([printable(line)]),
    });
    note(conclusion(progress, code, seconds()));
    return code;
  } finally {
    clearInterval(timer);
  }
}

/** Takes a line of Pulumi's standard output, and returns what has to be shown of it: a line that is no event is shown whole. */
export function takeLine(progress: Progress, line: string): string[] {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    return [printable(line)];
  }
  return typeof event === "object" && event !== null ? progress.take(event as EngineEvent) : [printable(line)];
}
