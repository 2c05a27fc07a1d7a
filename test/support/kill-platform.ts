import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { childrenOf, killOutright } from "./processes";

/** Ends the emulator and the PostgreSQL servers of the platform in `dir` without a warning, as a power cut does. */
export async function killPlatform(dir: string): Promise<void> {
  const { pid } = JSON.parse(readFileSync(path.join(dir, "emulator", "emulator.pid"), "utf8")) as { pid: number };
  const rds = path.join(dir, "rds");
  const servers = readdirSync(rds, { recursive: true, encoding: "utf8" })
    .filter((file) => path.basename(file) === "postmaster.pid")
    .map((file) => parseInt(readFileSync(path.join(rds, file), "utf8"), 10));
  await killOutright([pid, ...servers, ...servers.flatMap(childrenOf)]);
}
