import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { run } from "../../lib/process";

/** Removes what installations of `target` have left whose process was killed. */
async function removeDrafts(target: string): Promise<void> {
  const folder = path.dirname(target);
  for (const name of await readdir(folder)) {
    const [draft, pid] = name.split(".installing-");
    if (draft === path.basename(target) && pid && !existsSync(`/proc/${parseInt(pid, 10)}`)) {
      await rm(path.join(folder, name), { recursive: true, force: true });
    }
  }
}

/**
 * Makes `target` exist, once: `install` fills a folder beside it that is then renamed, so that a run that was
 * cut off leaves nothing that looks whole, and of two runs at the same time one wins and the other uses its work.
 */
export async function installOnce(target: string, install: (folder: string) => Promise<void>): Promise<string> {
  if (existsSync(target)) {
    return target;
  }
  await mkdir(path.dirname(target), { recursive: true });
  await removeDrafts(target);
  const draft = await mkdtemp(`${target}.installing-${process.pid}-`);
  try {
    await install(draft);
    await chmod(draft, 0o755); // a server that runs as another account has to get in
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(target)) {
      throw error;
    }
  }
  return target;
}

/** Copies a folder with its owners: PostgreSQL's files are another account's where all this runs as root. `to` must not exist. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await run("cp", ["--archive", "--reflink=auto", from, to]);
}
