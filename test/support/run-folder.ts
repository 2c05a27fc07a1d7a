import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { Socket } from "node:net";
import path from "node:path";
import { ROOT, RUNS_TYPESCRIPT } from "../../platform/shared/paths";

/** Where a run of tests has all that it makes, if it has said so. */
export const RUN_FOLDER = "TEST_RUN_FOLDER";

/** Where tests have all that they make. */
export function runFolder(): string {
  return process.env[RUN_FOLDER] ?? path.join(ROOT, ".local", "test");
}

/**
 * Before the tests: a folder for this run alone, and a process that ends with the run whatever ends it. Servers that tests start are in
 * sessions of their own, and with Ctrl-C no `afterAll` ends them.
 */
export function setup(): void {
  const folder = path.join(ROOT, ".local", "test", `run-${process.pid}`);
  // Each of the run's projects asks for it.
  if (process.env[RUN_FOLDER] === folder) {
    return;
  }
  mkdirSync(folder, { recursive: true });
  process.env[RUN_FOLDER] = folder;
  const keeper = spawn(
    process.execPath,
    [...RUNS_TYPESCRIPT, path.join(ROOT, "test", "support", "run-keeper.ts"), folder],
    { cwd: ROOT, detached: true, stdio: ["pipe", "ignore", "ignore"] },
  );
  // It is waited for by nobody.
  keeper.unref();
  (keeper.stdin as Socket).unref();
}
