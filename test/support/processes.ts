import { readdir, readFile } from "node:fs/promises";

/** The process ids of Pulumi programs that run for a platform. */
export async function programsOf(platformDir: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return pids.filter((_, index) => commands[index]?.includes("--monitor") && commands[index]?.includes(platformDir));
}
