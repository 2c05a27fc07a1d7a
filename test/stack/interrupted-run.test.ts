import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { expect, it, onTestFinished } from "vitest";
import { ROOT, RUNS_TYPESCRIPT } from "../../platform/shared/paths";
import { isRunning } from "../../ops/backups/scratch-server";

it.each(["SIGINT", "SIGKILL"] as const)(
  "a run of tests that ends by %s leaves no server and no file",
  async (signal) => {
    const run = spawn(process.execPath, [...RUNS_TYPESCRIPT, "test/support/endless-run.ts"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void run.kill("SIGKILL"));
    const [line] = (await once(createInterface(run.stdout), "line")) as [string];
    const { folder, pid } = JSON.parse(line) as { folder: string; pid: number };
    expect([isRunning(pid), existsSync(folder)]).toEqual([true, true]);
    run.kill(signal);
    await expect.poll(() => [isRunning(pid), existsSync(folder)]).toEqual([false, false]);
  },
);
