import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Ends the emulator and the PostgreSQL servers of the platform in `dir` without a warning, as a power cut does. */
export function killPlatform(dir: string): void {
  const { pid } = JSON.parse(readFileSync(path.join(dir, "emulator", "emulator.pid"), "utf8")) as { pid: number };
  const rds = path.join(dir, "rds");
  const servers = readdirSync(rds, { recursive: true, encoding: "utf8" })
    .filter((file) => path.basename(file) === "postmaster.pid")
    .map((file) => parseInt(readFileSync(path.join(rds, file), "utf8"), 10));
  const workers = servers.flatMap((server) => childrenOf(server));
  [pid, ...servers, ...workers].forEach((id) => process.kill(id, "SIGKILL"));
}

function childrenOf(pid: number): number[] {
  return execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean)
    .map(Number);
}
