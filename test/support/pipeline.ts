import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
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
    const options = { ...(await this.job({})), detached: true, stdio: ["ignore", "ignore", "pipe"] as const };
    const child = spawn(process.execPath, ["--import", "tsx", script, ...args], {
      ...options,
      stdio: [...options.stdio],
    });
    const closed = once(child, "close");
    let told = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      told += text;
      if (moment.test(told) && child.exitCode === null && child.signalCode === null) {
        process.kill(-(child.pid as number), "SIGKILL");
      }
    });
    await closed;
    if (child.signalCode !== "SIGKILL") {
      throw new Error(`The moment ${moment} never came:\n${told}`);
    }
    return told;
  }
}
