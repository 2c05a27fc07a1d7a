import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import path from "node:path";
import { copyFolder } from "../../platform/shared/install";
import { removePlatform, stopPlatform } from "../../platform/host/platform";
import { runFolder } from "./run-folder";

/**
 * Folders of platforms with a stack that is up, to begin from: what Pulumi, the emulator and PostgreSQL know are files. Paths and ports
 * stand in them, so each of vitest's workers has a place of its own, with copies that were made there and go back there.
 */

/** The number of this process among the run's workers: the first that none of the others has taken. */
function number(): number {
  const taken = path.join(runFolder(), "workers");
  mkdirSync(taken, { recursive: true });
  for (let candidate = 1; ; candidate++) {
    const file = path.join(taken, String(candidate));
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return candidate;
    } catch {
      if (readFileSync(file, "utf8") === String(process.pid)) {
        return candidate;
      }
    }
  }
}

/** Where the worker that runs this has its platform. */
export function place(): string {
  return path.join(runFolder(), `worker-${number()}`);
}

const copyOf = (name: string) => path.join(runFolder(), "prepared", `${path.basename(place())}-${name}`);

/** Puts the copy of that name into this worker's place. Says whether there is one. */
export async function restore(name: string): Promise<boolean> {
  await removePlatform(place()); // of a file that did not come to its end
  const copied = existsSync(copyOf(name));
  if (copied) {
    await copyFolder(copyOf(name), place());
  }
  return copied;
}

/** Stops the platform in this worker's place, and keeps a copy of it for the files that follow. */
export async function keep(name: string): Promise<void> {
  await stopPlatform(place());
  await mkdir(path.dirname(copyOf(name)), { recursive: true });
  await copyFolder(place(), `${copyOf(name)}.new`);
  await rename(`${copyOf(name)}.new`, copyOf(name)); // half a copy is none
}
