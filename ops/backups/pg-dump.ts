import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Readable, Transform } from "node:stream";
import { OpsError } from "../pulumi";
import { Connection, libpqEnvironment } from "./connection";

export interface DumpOptions {
  program: string;
  connection: Connection;
  /** Of the session that holds it open. */
  snapshot: string;
  /** Whether policies show this role every row (completeness.ts). */
  throughPolicies: boolean;
  signal: AbortSignal;
  onTable: (name: string) => void;
}

/** Milliseconds. Behind a migration that waits for us it would wait for ever, and nobody could see why. */
const LOCK_WAIT = 60_000;
const NOISE = /^pg_dump: (?!error|detail|hint|warning)/;

/**
 * What pg_dump writes, as it comes. The stream fails when pg_dump does, instead of ending: what has no good end must not look
 * as if it had one.
 */
export function pgDump({ program, connection, snapshot, throughPolicies, signal, onTable }: DumpOptions): Readable {
  const args = [
    ...["--format=custom", `--snapshot=${snapshot}`, `--lock-wait-timeout=${LOCK_WAIT}`, "--no-password", "--verbose"],
    ...(throughPolicies ? ["--enable-row-security"] : []),
  ];
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: libpqEnvironment(connection),
    signal,
    killSignal: "SIGKILL",
  });
  const complaints: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    const table = /^pg_dump: dumping contents of table "(.*)"$/.exec(line)?.[1];
    if (table) {
      onTable(table);
    } else if (!NOISE.test(line)) {
      complaints.push(line);
    }
  });
  // The last words come before "close"; a child that could not be started has an "error" instead.
  const ended = once(child, "close").then(
    ([code]) => {
      if (code !== 0) {
        throw new OpsError(`pg_dump has failed:\n${complaints.join("\n") || `exit code ${String(code)}`}`);
      }
    },
    (error: Error) => {
      throw signal.aborted ? signal.reason : new OpsError(`pg_dump has failed: ${error.message}`);
    },
  );
  ended.catch(() => undefined); // the stream tells
  const output = new Transform({
    transform: (chunk, _, done) => done(null, chunk),
    flush: (done) => void ended.then(() => done(), done),
  });
  child.stdout.pipe(output);
  return output;
}
