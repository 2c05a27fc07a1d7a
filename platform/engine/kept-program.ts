import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import * as messages from "@pulumi/pulumi/proto/language_pb";
import { RUNS_TYPESCRIPT } from "../shared/paths";
import { nodeArguments, programEnvironment, programFolder } from "./program";

/**
 * Processes that have loaded the Pulumi program and call the function that it exports for one update after the other, as the Automation
 * API does with inline programs. Loading the SDK and the program is more than half of what a preview costs. It is for those who run many:
 * what a person runs, and what is about the program's process itself, gets a new process each time.
 */

const PROCESS = path.join(__dirname, "kept-program-process.ts");

/** What a kept process is asked to do. */
export interface Run {
  /** The engine's RunRequest. */
  request: number[];
  engine: string;
  folder: string;
  environment: NodeJS.ProcessEnv;
}

/** Its answer: whether the program came to its end, or else failed and has said why. */
export interface Ran {
  succeeded: boolean;
}

/** Those that wait for work, each for the folder of its program. They end with this process. */
const idle = new Map<string, ChildProcess[]>();

function start(request: messages.RunRequest): ChildProcess {
  const { PATH, TMPDIR, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED } = process.env;
  const program = spawn(process.execPath, [...RUNS_TYPESCRIPT, ...nodeArguments(request), PROCESS], {
    cwd: programFolder(request),
    // The rest comes with each run.
    env: { PATH, TMPDIR, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  // Nobody waits for it.
  program.unref();
  program.channel?.unref();
  return program;
}

/** Runs the program in a process that has loaded it, or in a new one if there is none: all of them are at work, or the last one failed. */
export async function runKeptProgram(request: messages.RunRequest, engine: string): Promise<messages.RunResponse> {
  const folder = programFolder(request);
  const waiting = idle.get(folder) ?? [];
  idle.set(folder, waiting);
  const program = waiting.pop() ?? start(request);

  const over = new AbortController();
  const nothing = () => undefined;
  const ended = once(program, "exit", { signal: over.signal }).then(nothing, nothing);
  const answered = once(program, "message", { signal: over.signal }).then(([ran]) => ran as Ran, nothing);
  program.channel?.ref();
  program.send({
    request: [...request.serializeBinary()],
    engine,
    folder,
    environment: programEnvironment(request),
  } satisfies Run);
  const ran = await Promise.race([answered, ended]);
  over.abort();
  const response = new messages.RunResponse();
  if (ran?.succeeded) {
    program.channel?.unref();
    waiting.push(program);
  } else if (ran) {
    program.disconnect(); // what has failed may have left anything in the SDK's own state
    response.setBail(true);
  } else {
    response.setError("The program's process ended");
  }
  return response;
}
