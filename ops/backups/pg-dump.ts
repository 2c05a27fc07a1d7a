import { Readable, Transform } from "node:stream";
import { Connection } from "../shared/connection";
import { startProcess } from "./postgresql-process";

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
  const { child, ended } = startProcess({
    ...{ program, args, connection, signal, stdio: ["ignore", "pipe", "pipe"], noise: NOISE },
    item: (line) => /^pg_dump: dumping contents of table "(.*)"$/.exec(line)?.[1],
    onItem: onTable,
  });
  const output = new Transform({
    transform: (chunk, _, done) => done(null, chunk),
    flush: (done) => void ended.then(() => done(), done),
  });
  child.stdout?.pipe(output);
  return output;
}
