import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { RUNS_TYPESCRIPT } from "../../local/platform/paths";
import type { LoadReport, LoadRequest, Work } from "./rotation-load";

export type LoadReports = Record<Work, LoadReport>;

/** Starts the application under load. What it returns ends it and says what it has seen. */
export async function startLoad(request: LoadRequest): Promise<() => Promise<LoadReports>> {
  const child = fork(path.join(__dirname, "rotation-load.ts"), [], {
    execArgv: RUNS_TYPESCRIPT,
    env: { ...process.env, LOAD_REQUEST: JSON.stringify(request) },
  });
  const ended = once(child, "exit").then(() => {
    throw new Error("The application under load has ended by itself");
  });
  ended.catch(() => undefined);
  await Promise.race([once(child, "message"), ended]);
  return async () => {
    child.send("stop");
    const [reports] = (await Promise.race([once(child, "message"), ended])) as [LoadReports];
    return reports;
  };
}
