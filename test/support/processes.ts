import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { expect } from "vitest";
import { thisMachine } from "../../.github/steps/locks";

/** The ids of the processes whose command line, its parts ended by NUL, is such. */
export async function processesOf(isWanted: (command: string) => boolean): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return pids.filter((_, index) => isWanted(commands[index] as string));
}

/** The process ids of Pulumi programs that run for a platform. */
export const programsOf = (platformDir: string) =>
  processesOf((command) => command.includes("--monitor") && command.includes(platformDir));

export function childrenOf(pid: number): number[] {
  return execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean)
    .map(Number);
}

/** Waits until none of the processes runs any more. */
export async function untilEnded(pids: number[]): Promise<void> {
  const machine = thisMachine();
  await expect.poll(() => pids.filter((pid) => machine.alive(pid))).toEqual([]);
}

/** Ends processes without a warning, and waits for it: a signal is taken when its process has its turn. */
export async function killOutright(pids: number[]): Promise<void> {
  pids.forEach((pid) => process.kill(pid, "SIGKILL"));
  await untilEnded(pids);
}
