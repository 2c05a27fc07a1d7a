import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import pRetry from "p-retry";
import { Planted } from "./mistake";
import { Outcome, outcomeOf, Report } from "./outcome";

/** Large, and the same for every copy. */
const LINKED = ["node_modules", ".local/tools"];

/** A copy of the checkout as it is on the disk. What is installed or built is linked; all other files are its own. */
export class Workspace {
  private constructor(
    readonly folder: string,
    private readonly signal: AbortSignal,
  ) {}

  static async make(root: string, signal: AbortSignal): Promise<Workspace> {
    const temporary = path.join(root, ".local", "tmp");
    await mkdir(temporary, { recursive: true });
    const folder = await mkdtemp(path.join(temporary, "mutations-"));
    const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const { stdout } = await promisify(execFile)("git", list, { cwd: root });
    // A file that was deleted, and is not committed so, is in git's list.
    for (const file of stdout.split("\0").filter((one) => one && existsSync(path.join(root, one)))) {
      await cp(path.join(root, file), path.join(folder, file));
    }
    await mkdir(path.join(folder, ".local", "tmp"), { recursive: true });
    for (const linked of LINKED.filter((one) => existsSync(path.join(root, one)))) {
      await symlink(path.join(root, linked), path.join(folder, linked));
    }
    return new Workspace(folder, signal);
  }

  /** Does the work while a mistake is planted. */
  async withMistake<Result>({ file, content }: Planted, work: () => Promise<Result>): Promise<Result> {
    const place = path.join(this.folder, file);
    const before = await readFile(place);
    await writeFile(place, content);
    try {
      return await work();
    } finally {
      await writeFile(place, before);
    }
  }

  /** Runs files of tests in a process of their own, up to the first failure. */
  async test(files: string[]): Promise<Outcome> {
    this.signal.throwIfAborted();
    const report = path.join(this.folder, ".local", "report.json");
    await rm(report, { force: true });
    const vitest = path.join("node_modules", "vitest", "vitest.mjs");
    const args = [vitest, "run", "--bail", "1", "--reporter=json", `--outputFile=${report}`, ...files];
    const env = { ...process.env, TMPDIR: path.join(this.folder, ".local", "tmp") };
    // It gets a process group of its own, so that Ctrl-C goes to this process alone, which then ends that group.
    const child = spawn(process.execPath, args, { cwd: this.folder, env, stdio: "ignore", detached: true });
    const end = () => child.pid !== undefined && process.kill(-child.pid, "SIGTERM");
    this.signal.addEventListener("abort", end, { once: true });
    const [code] = (await once(child, "close")) as [number | null];
    this.signal.removeEventListener("abort", end);
    this.signal.throwIfAborted();
    const text = await readFile(report, "utf8").catch(() => undefined);
    return outcomeOf(code, text === undefined ? undefined : (JSON.parse(text) as Report));
  }

  /** Removes the copy, once nothing works in it any more. */
  async remove(): Promise<void> {
    // Servers of stack tests are ended by a process that outlives the run (support/run-keeper.ts).
    await pRetry(
      async () => {
        const left = await readdir(path.join(this.folder, ".local", "test")).catch(() => []);
        if (left.length > 0) {
          throw new Error(`${left.join(", ")} in ${this.folder} are still in use`);
        }
      },
      { retries: 600, minTimeout: 100, factor: 1 },
    );
    await rm(this.folder, { recursive: true, force: true });
  }
}
