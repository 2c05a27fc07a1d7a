import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { OpsError } from "../pulumi";
import { Connection, libpqEnvironment } from "./connection";

export interface PgRestoreOptions {
  program: string;
  connection: Connection;
  dump: Readable;
  /** Called when all of the dump has been read; what it throws keeps the restored from being committed. */
  check: () => void;
  signal: AbortSignal;
  onItem: (what: string) => void;
}

const NOISE = /^pg_restore: (?!error|detail|hint|warning|from TOC)/;

/** Restores a dump into an empty database, all of it or nothing. */
export async function pgRestore({ program, connection, dump, check, signal, onItem }: PgRestoreOptions): Promise<void> {
  const args = [
    "--exit-on-error",
    "--single-transaction",
    "--no-password",
    "--verbose",
    "--dbname",
    connection.database,
  ];
  const child = spawn(program, args, {
    stdio: ["pipe", "ignore", "pipe"],
    env: libpqEnvironment(connection),
    signal,
    killSignal: "SIGKILL",
  });
  const complaints: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    const item = /^pg_restore: (processing data for table|creating \w+( \w+)*) "(.*)"$/.exec(line);
    if (item) {
      onItem(item[3] ?? "");
    } else if (!NOISE.test(line)) {
      complaints.push(line);
    }
  });
  const ended = once(child, "close").then(
    ([code]) => {
      if (code !== 0) {
        throw new OpsError(`pg_restore has failed:\n${complaints.join("\n") || `exit code ${String(code)}`}`);
      }
    },
    (error: Error) => {
      throw signal.aborted ? signal.reason : new OpsError(`pg_restore has failed: ${error.message}`);
    },
  );
  ended.catch(() => undefined);
  child.stdin.on("error", () => undefined); // it has ended already, and says why by itself
  try {
    for await (const chunk of dump) {
      if (child.exitCode !== null || child.stdin.destroyed) {
        break;
      }
      if (!child.stdin.write(chunk)) {
        await Promise.race([once(child.stdin, "drain"), ended]);
      }
    }
    if (child.exitCode === null) {
      check();
    }
  } catch (error) {
    // Killed, not merely cut off: the end of its input is what lets it commit.
    child.kill("SIGKILL");
    await ended.catch(() => undefined);
    signal.throwIfAborted();
    throw error instanceof OpsError ? error : new OpsError(`the dump cannot be read: ${(error as Error).message}`);
  }
  child.stdin.end();
  await ended;
}
