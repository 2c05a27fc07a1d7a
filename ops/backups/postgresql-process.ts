import { ChildProcess, spawn, StdioOptions } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { OpsError } from "../shared/errors";
import { Connection, libpqEnvironment } from "../shared/connection";

export interface ProcessOptions {
  program: string;
  args: string[];
  connection: Connection;
  stdio: StdioOptions;
  signal: AbortSignal;
  /** What a line says is being worked on; undefined for every other line. */
  item: (line: string) => string | undefined;
  onItem: (item: string) => void;
  /** Lines that `--verbose` writes and that say nothing about a failure. */
  noise: RegExp;
}

/** Starts pg_dump or pg_restore. `ended` fails with what it has said about its failure. */
export function startProcess(options: ProcessOptions): { child: ChildProcess; ended: Promise<void> } {
  const { program, args, connection, stdio, signal, item, onItem, noise } = options;
  const name = path.basename(program);
  const child = spawn(program, args, { stdio, env: libpqEnvironment(connection), signal, killSignal: "SIGKILL" });
  const complaints: string[] = [];
  if (child.stderr) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      const found = item(line);
      if (found !== undefined) {
        onItem(found);
      } else if (!noise.test(line)) {
        complaints.push(line);
      }
    });
  }
  // The last words come before "close"; a child that could not be started has an "error" instead.
  const ended = once(child, "close").then(
    ([code]) => {
      if (code !== 0) {
        throw new OpsError(`${name} has failed:\n${complaints.join("\n") || `exit code ${String(code)}`}`);
      }
    },
    (error: Error) => {
      throw signal.aborted ? signal.reason : new OpsError(`${name} has failed: ${error.message}`);
    },
  );
  ended.catch(() => undefined); // whoever waits is told
  return { child, ended };
}
