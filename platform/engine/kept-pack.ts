import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import path from "node:path";
import { PassThrough, Readable } from "node:stream";
import { RUNS_TYPESCRIPT } from "../shared/paths";

/**
 * Processes that have loaded Pulumi's SDK and serve one policy pack after the other, for those who keep programs, too (kept-program.ts):
 * to load the SDK is nearly all that a pack costs.
 */

const PROCESS = path.join(__dirname, "kept-pack-process.ts");

/** What a kept process is asked to serve. */
export interface Served {
  directory: string;
  environment: NodeJS.ProcessEnv;
}

/** A pack that is served: what its process prints, when that process has ended, and what ends its work on the pack. */
export interface Pack {
  stdout: Readable;
  stderr: Readable;
  closed: Promise<unknown>;
  end(): void;
}

interface Kept {
  pack: ChildProcess;
  stdout: Socket;
  stderr: Socket;
  closed: Promise<unknown>;
}

/** Those that wait for work. They end with this process. */
const idle: Kept[] = [];

function start(): Kept {
  const { PATH, TMPDIR } = process.env;
  const pack = spawn(process.execPath, [...RUNS_TYPESCRIPT, PROCESS], {
    env: { PATH, TMPDIR }, // the rest comes with each pack
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const [stdout, stderr] = [pack.stdout, pack.stderr] as unknown as [Socket, Socket];
  // Nobody waits for it.
  [pack, pack.channel, stdout, stderr].forEach((waited) => waited?.unref());
  return { pack, stdout, stderr, closed: once(pack, "close") };
}

/** Has a pack served by a process that waits, or by a new one if none does. */
export function keptPack(served: Served): Pack {
  const kept = idle.pop() ?? start();
  const { pack, closed } = kept;
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  kept.stdout.pipe(stdout, { end: false });
  kept.stderr.pipe(stderr, { end: false });
  pack.send(served);
  const end = () => {
    kept.stdout.unpipe(stdout);
    kept.stderr.unpipe(stderr);
    if (pack.connected) {
      pack.once("message", () => idle.push(kept)).send("end");
    }
  };
  return { stdout, stderr, closed, end };
}
