import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import * as messages from "@pulumi/pulumi/proto/language_pb";
import { nodeArguments, programEnvironment, programFolder } from "./program";

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

/**
 * Processes that have loaded the Pulumi program and call the function that it exports for one update after the other, as the Automation
 * API does with inline programs. Loading the SDK and the program is more than half of what a preview costs. It is for those who run many:
 * what a person runs, and what is about the program's process itself, gets a new process each time.
 */
export class KeptPrograms {
  private readonly processes = new Set<ChildProcess>();
  private readonly idle: ChildProcess[] = [];

  /** Runs the program. Two runs at the same time have a process each. */
  async run(request: messages.RunRequest, engine: string): Promise<messages.RunResponse> {
    const program = this.idle.pop() ?? this.start(request);
    const over = new AbortController();
    const nothing = () => undefined;
    const ended = once(program, "exit", { signal: over.signal }).then(nothing, nothing);
    const answered = once(program, "message", { signal: over.signal }).then(([ran]) => ran as Ran, nothing);
    program.send({
      request: [...request.serializeBinary()],
      engine,
      folder: programFolder(request),
      environment: programEnvironment(request),
    } satisfies Run);
    const ran = await Promise.race([answered, ended]);
    over.abort();
    const response = new messages.RunResponse();
    if (ran) {
      this.idle.push(program);
      response.setBail(!ran.succeeded);
    } else {
      this.processes.delete(program);
      response.setError("The program's process ended");
    }
    return response;
  }

  private start(request: messages.RunRequest): ChildProcess {
    const program = spawn(process.execPath, [...nodeArguments(request), PROCESS], {
      cwd: programFolder(request),
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.processes.add(program);
    return program;
  }

  end(): void {
    this.processes.forEach((program) => program.disconnect());
  }
}
