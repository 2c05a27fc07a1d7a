import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import { OpsError } from "../shared/errors";
import { Connection } from "../shared/connection";
import { startProcess } from "./postgresql-process";

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
  const { child, ended } = startProcess({
    ...{ program, args, connection, signal, stdio: ["pipe", "ignore", "pipe"], noise: NOISE, onItem },
    item: (line) => /^pg_restore: (processing data for table|creating \w+( \w+)*) "(.*)"$/.exec(line)?.[3],
  });
  const input = child.stdin as Writable;
  input.on("error", () => undefined); // it has ended already, and says why by itself
  try {
    for await (const chunk of dump) {
      if (child.exitCode !== null || input.destroyed) {
        break;
      }
      if (!input.write(chunk)) {
        await Promise.race([once(input, "drain"), ended]);
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
  input.end();
  await ended;
}
