import { once } from "node:events";
import { readdir, rmdir } from "node:fs/promises";
import path from "node:path";
import pRetry from "p-retry";
import { stopEmulator } from "../../platform/emulator/emulator";
import { removePlatform } from "../../platform/host/platform";

/** What is still ending writes meanwhile: a while that no machine needs, so that what cannot be removed ends this too. */
const PATIENCE_MS = 600_000;

/** Waits for the end of a run of tests, then ends and removes what it has left in its folder (run-folder.ts). */
async function keep(folder: string): Promise<void> {
  process.stdin.resume();
  // The other end is the run's, and closes with it.
  await once(process.stdin, "close");
  const remove = async () => {
    for (const name of await readdir(folder)) {
      const dir = path.join(folder, name);
      await stopEmulator(dir); // of a test that has nothing else
      await removePlatform(dir);
    }
    await rmdir(folder);
  };
  await pRetry(remove, { retries: Infinity, minTimeout: 500, factor: 1, maxRetryTime: PATIENCE_MS });
}

void keep(process.argv[2] as string);
