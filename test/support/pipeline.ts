import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { capture, Captured } from "../../lib/process";
import { ROOT, RUNS_TYPESCRIPT } from "../../platform/shared/paths";
import { GitHubApi } from "./github-api";
import { LocalStack } from "./local-stack";
import { rest } from "./rest";

interface Checkpoint {
  checkpoint: {
    latest?: { resources?: { urn: string }[]; pending_operations?: { type: string; resource: { urn: string } }[] };
  };
}

interface State {
  resources: string[];
  pending: string[];
}

/** A step in the middle of its update, all of its processes stopped. */
export interface Held {
  /** Lets it go on, to its end. */
  resume(): Promise<Captured>;
  /** Ends it as the loss of a machine does. */
  kill(): Promise<Captured>;
}

const command = (name: string) => [...RUNS_TYPESCRIPT, path.join(ROOT, ".github", "steps", `${name}.ts`)];

/** The steps of .github/workflows/ as a job runs them, against a local stack and GitHub's API. */
export class Pipeline {
  /** Of steps that are stopped, the groups of processes. */
  private readonly stopped = new Set<number>();

  constructor(
    readonly stack: LocalStack,
    readonly api?: GitHubApi,
  ) {}

  private async job(more: NodeJS.ProcessEnv) {
    const { cwd, env } = await this.stack.platform.forCommands();
    return { cwd, env: { ...env, ...this.api?.environment(), GITHUB_RUN_ID: "17", GITHUB_RUN_ATTEMPT: "1", ...more } };
  }

  async step(name: string, args: string[], more: NodeJS.ProcessEnv = {}): Promise<Captured> {
    return capture(process.execPath, [...command(name), ...args], await this.job(more));
  }

  /** Runs a step until something has come about, which the stack's state tells. */
  async hold(name: string, args: string[], reached: () => boolean, more: NodeJS.ProcessEnv = {}): Promise<Held> {
    const child = spawn(process.execPath, [...command(name), ...args], {
      ...(await this.job(more)),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    const closed = once(child, "close").then(([code]) => ({ code: (code as number | null) ?? 1, stdout, stderr }));
    const send = (signal: NodeJS.Signals) => process.kill(-(child.pid as number), signal);
    for (;;) {
      if (child.exitCode !== null) {
        throw new Error(`${name} has ended before that:\n${stdout}\n${stderr}`);
      }
      if (reached()) {
        send("SIGSTOP");
        // Once more: it has gone on between the look and the signal.
        if (reached()) {
          break;
        }
        send("SIGCONT");
      }
      await rest(10);
    }
    const group = child.pid as number;
    this.stopped.add(group);
    const end = (signal: NodeJS.Signals) => {
      this.stopped.delete(group);
      send(signal);
      return closed;
    };
    return { resume: () => end("SIGCONT"), kill: () => end("SIGKILL") };
  }

  /** Ends what a test that has failed left standing. */
  close(): void {
    this.stopped.forEach((group) => process.kill(-group, "SIGKILL"));
  }

  /** The state's file as it was read last, and what stood in it: whoever waits looks a hundred times a second. */
  private read: { file: string; told: State } | undefined;

  /**
   * What there is by the stack's state, as `<type>::<logical name>`, and what has begun, with `creating` or the like before that; undefined
   * while it is being written, in which an object in a bucket cannot be caught.
   */
  state(): State | undefined {
    const file = path.join(this.stack.platform.dir, "state/.pulumi/stacks/markenmate", `${this.stack.name}.json`);
    const named = (urn: string) => urn.split("::").slice(2).join("::").split("$").pop() as string;
    try {
      const { ino, size, mtimeNs } = statSync(file, { bigint: true });
      const version = [ino, size, mtimeNs].join(" ");
      if (this.read?.file !== version) {
        const { latest } = (JSON.parse(readFileSync(file, "utf8")) as Checkpoint).checkpoint;
        const resources = (latest?.resources ?? []).map(({ urn }) => named(urn));
        const pending = (latest?.pending_operations ?? []).map(
          ({ type, resource }) => `${type} ${named(resource.urn)}`,
        );
        this.read = { file: version, told: { resources, pending } };
      }
      return this.read.told;
    } catch {
      return undefined;
    }
  }
}
