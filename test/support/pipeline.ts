import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { capture, Captured } from "../../local/platform/commands";
import { ROOT } from "../../local/platform/paths";
import { GitHubApi } from "./github-api";
import { LocalStack } from "./local-stack";

/** The steps of .github/workflows/ as a job runs them, against a local stack and GitHub's API. */
export class Pipeline {
  constructor(
    readonly stack: LocalStack,
    readonly api?: GitHubApi,
  ) {}

  private async job(more: NodeJS.ProcessEnv) {
    const { cwd, env } = await this.stack.platform.forOps();
    return { cwd, env: { ...env, ...this.api?.environment(), GITHUB_RUN_ID: "17", GITHUB_RUN_ATTEMPT: "1", ...more } };
  }

  async step(name: string, args: string[], more: NodeJS.ProcessEnv = {}): Promise<Captured> {
    const script = path.join(ROOT, ".github", "steps", `${name}.ts`);
    return capture(process.execPath, ["--import", "tsx", script, ...args], await this.job(more));
  }

  /** Runs a step up to the first line on which a pattern matches, then ends all of its processes as the loss of a machine does. */
  async kill(name: string, args: string[], moment: RegExp): Promise<string> {
    const script = path.join(ROOT, ".github", "steps", `${name}.ts`);
    const { cwd, env } = await this.job({});
    const stdio: ["ignore", "ignore", "pipe"] = ["ignore", "ignore", "pipe"];
    const child = spawn(process.execPath, ["--import", "tsx", script, ...args], { cwd, env, detached: true, stdio });
    const closed = once(child, "close");
    let told = "";
    let came = false;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      told += text;
      if (!came && moment.test(told)) {
        came = true;
        void this.end(child.pid as number);
      }
    });
    await closed;
    if (!came || child.signalCode !== "SIGKILL") {
      throw new Error(`The moment ${moment} never came:\n${told}`);
    }
    return told;
  }

  /**
   * Ends a group of processes between two writes of the state: an object in a bucket is the one of before or the new one, but the file of the
   * local backend can be caught half written (then `pulumi stack export` ends with "failed to load checkpoint: EOF").
   */
  private async end(group: number): Promise<void> {
    const state = path.join(this.stack.platform.dir, "state/.pulumi/stacks/markenmate", `${this.stack.name}.json`);
    for (;;) {
      process.kill(-group, "SIGSTOP");
      try {
        JSON.parse(readFileSync(state, "utf8"));
        process.kill(-group, "SIGKILL");
        return;
      } catch {
        process.kill(-group, "SIGCONT");
        await setTimeout(2);
      }
    }
  }
}
