import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { UserError } from "./user-error";

/** The options of {@link run}. */
export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Called with every line of output while the command runs; without it the output is only kept for the error. */
  onLine?: (line: string) => void;
  /** Text for the command's standard input. */
  input?: string;
  /** Ends the command early, with all that it has started. */
  signal?: AbortSignal;
}

/** The exit code and output of a command that has ended. */
export interface Captured {
  code: number;
  stdout: string;
  stderr: string;
}

/** Decodes a stream as a whole: a character may lie across two of its chunks. */
const asText = (stream: Readable): Readable => stream.setEncoding("utf8");

/** Runs a command to its end and returns its exit code and output; the caller judges the exit code. */
export async function capture(
  command: string,
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Captured> {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  asText(child.stdout).on("data", (text: string) => (stdout += text));
  asText(child.stderr).on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? 1, stdout, stderr };
}

/** Waits for a command's end. Ctrl-C goes to the whole group, and is the command's: this process waits for what it makes of it. */
async function endOf(child: ChildProcess): Promise<number> {
  const ignore = () => undefined;
  process.on("SIGINT", ignore);
  const [code] = (await once(child, "close")) as [number | null];
  process.off("SIGINT", ignore);
  return code ?? 1;
}

/**
 * Runs a command in this terminal, as the user would, and returns its exit code. Ctrl-C goes to the whole process group and is left
 * to the command: Pulumi ends its update in good order, psql its statement and not the session.
 */
export async function runInTerminal(
  command: string,
  args: string[],
  options: { cwd?: string; env: NodeJS.ProcessEnv },
): Promise<number> {
  return endOf(spawn(command, args, { ...options, stdio: "inherit" }));
}

/** Hands on a stream's lines, each of them whole, wherever its chunks end. */
function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let begun = "";
  asText(stream).on("data", (text: string) => {
    const lines = (begun + text).split("\n");
    begun = lines.pop() ?? "";
    lines.forEach(onLine);
  });
  stream.on("end", () => begun && onLine(begun));
}

/** Runs a command as `runInTerminal` does, but hands on the lines that it prints. */
export async function byLine(
  command: string,
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
  onLine: { stdout: (line: string) => void; stderr: (line: string) => void },
): Promise<number> {
  const child = spawn(command, args, { ...options, stdio: ["inherit", "pipe", "pipe"] });
  eachLine(child.stdout, onLine.stdout);
  eachLine(child.stderr, onLine.stderr);
  return endOf(child);
}

/** The children of a process, by their ids; /proc lists each under the thread that started it. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8"))
      .flatMap((children) => children.split(" ").filter(Boolean).map(Number));
  } catch {
    return []; // it has just ended
  }
}

/** Ends a process and all that it has started. They are no group of their own, but this terminal's, so that Ctrl-C reaches them too. */
function endWithChildren(pid: number): void {
  const children = childrenOf(pid);
  try {
    process.kill(pid);
  } catch {
    // It has ended by itself.
  }
  children.forEach(endWithChildren);
}

/** Runs a command to its end and returns its standard output. Throws an error with its last lines of output when it fails. */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  options.signal?.throwIfAborted();
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let everything = "";
  const take = (text: string) => {
    everything = (everything + text).slice(-20_000);
    if (options.onLine) {
      text.split(/\r?\n/).filter(Boolean).forEach(options.onLine);
    }
  };
  asText(child.stdout).on("data", (text: string) => {
    stdout += text;
    take(text);
  });
  asText(child.stderr).on("data", take);
  child.stdin.on("error", () => undefined); // a command that ends without reading its input is no failure of ours
  child.stdin.end(options.input);
  const end = () => child.pid && endWithChildren(child.pid);
  options.signal?.addEventListener("abort", end);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  options.signal?.removeEventListener("abort", end);
  options.signal?.throwIfAborted();
  if (code !== 0) {
    const reason = signal ? `ended by ${signal}` : `exit code ${code}`;
    throw new Error(`${command} ${args[0] ?? ""}: ${reason}\n${everything.trim().split("\n").slice(-25).join("\n")}`);
  }
  return stdout;
}

/** The command or advice that brings a prerequisite, by the name of the prerequisite. */
const CURES: Record<string, string> = {
  // Debian 12 itself has 1.19, which cannot read the CLI's module.
  git: "sudo apt-get install git",
  go: "install Go 1.26 or later as go.dev/doc/install says",
  python3: "sudo apt-get install python3 python3-venv python3-pip",
  "python3 -m venv": "sudo apt-get install python3-venv python3-pip",
  setpriv: "sudo apt-get install util-linux",
};

/**
 * Runs a command that must exist, e.g. with `--version`, and returns its standard output.
 *
 * @throws UserError that says how to get the command when it cannot be run
 */
export async function requireCommand(command: string, args: string[], purpose: string): Promise<string> {
  try {
    return await run(command, args);
  } catch {
    const name = command === "python3" && args[0] === "-m" ? "python3 -m venv" : command;
    throw new UserError(
      `${name} is needed ${purpose} and cannot be run here. To get it: ${CURES[name] ?? "see its documentation"}`,
    );
  }
}
