import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import { isFree } from "../../platform/shared/ports";
import { temporaryFolder } from "./engine";

/** What the stand-in for `aws` does: see session-manager/aws. */
interface Behaviour {
  /** The port that stands for the database's, as the host in the VPC reaches it. @default the one that is asked for */
  forwardTo?: number;
  /** What the next calls end with, one after the other. */
  failures?: string[];
  /** Whether `aws` can only be ended by SIGKILL. */
  ignoresSignals?: boolean;
}

const STAND_IN = path.join(__dirname, "session-manager");

/** A stand-in for AWS's command, first on the PATH of this process, and what it was asked. */
export class SessionManager {
  private constructor(
    private readonly folder: string,
    private readonly before: string | undefined,
  ) {}

  static async start(): Promise<SessionManager> {
    const manager = new SessionManager(await temporaryFolder("session-manager"), process.env.PATH);
    process.env.PATH = `${STAND_IN}${path.delimiter}${process.env.PATH}`;
    // Whatever is started for a session inherits it, and can be found by it.
    process.env.SESSION_MANAGER = manager.folder;
    return manager;
  }

  behave(behaviour: Behaviour): void {
    writeFileSync(path.join(this.folder, "behaviour.json"), JSON.stringify(behaviour));
    for (const name of ["calls", "processes", "terminated"]) {
      rmSync(path.join(this.folder, name), { force: true });
    }
  }

  /** The arguments of every call since `behave`. */
  calls(): string[][] {
    return this.lines("calls").map((line) => JSON.parse(line) as string[]);
  }

  /** How many sessions since `behave` their plugin has ended in AWS too, as it does at SIGINT. */
  terminated(): number {
    return this.lines("terminated").length;
  }

  /** The newest session's `aws` and plugin. */
  session(): { aws: number; plugin: number } {
    const [aws = 0, plugin = 0] = this.lines("processes").slice(-2).map(Number);
    return { aws, plugin };
  }

  /** Command lines of all that runs for sessions: keepers, `aws`, plugins, and whatever they have started. */
  running(): { pid: number; command: string }[] {
    return readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
      .flatMap((entry) => {
        try {
          const environment = readFileSync(`/proc/${entry}/environ`, "utf8").split("\0");
          const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ");
          return environment.includes(`SESSION_MANAGER=${this.folder}`) ? [{ pid: Number(entry), command }] : [];
        } catch {
          return []; // it has ended meanwhile, or is another user's
        }
      });
  }

  keepers(): number[] {
    return this.running()
      .filter(({ command }) => command.includes("port-forwarding-keeper"))
      .map(({ pid }) => pid);
  }

  /** Waits until nothing runs any more and the port is free. */
  async untilGone(localPort: number): Promise<void> {
    const left = async () => [
      ...this.running().map(({ command }) => command),
      ...((await isFree(localPort)) ? [] : [`a listener on port ${localPort}`]),
    ];
    await expect.poll(left).toEqual([]);
  }

  stop(): void {
    process.env.PATH = this.before;
    delete process.env.SESSION_MANAGER;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private lines(name: string): string[] {
    const file = path.join(this.folder, name);
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  }
}

/** A process with a gRPC-like server, whose end is the end of an update. */
export class EngineStandIn {
  private constructor(
    private readonly process: ChildProcess,
    readonly address: string,
  ) {}

  static async start(): Promise<EngineStandIn> {
    const program = `
      const server = require("node:http2").createServer();
      server.listen(0, "127.0.0.1", () => console.log("127.0.0.1:" + server.address().port));
    `;
    const { SESSION_MANAGER: _, ...env } = process.env;
    const child = spawn(process.execPath, ["-e", program], { env, stdio: ["ignore", "pipe", "inherit"] });
    const [address] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    return new EngineStandIn(child, address);
  }

  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill(signal);
      await once(this.process, "exit");
    }
  }
}
