import { fork } from "node:child_process";
import path from "node:path";
import type { Forwarding } from "../../lib/port-forwarding-session";
import { UserError } from "../../lib/user-error";

/** How long the keeper waits for each step, in milliseconds, and how often it tries again. */
export interface Patience {
  /** The wait for the local port to be free: the session of an update that has just ended goes within a second. */
  portFree: number;
  /** The wait for a new host to start, install its agent and register: one to three minutes as a rule. */
  registered: number;
  /** The wait from the start of the session to PostgreSQL's answer. */
  answer: number;
  /** The pause before the next try. */
  betweenTries: number;
  /** The time between two lines that say what the keeper is waiting for. */
  betweenNews: number;
  /** How many times a session that ended for a passing reason is opened again. */
  retries: number;
}

const PATIENCE: Patience = {
  portFree: 10_000,
  registered: 600_000,
  answer: 90_000,
  betweenTries: 5_000,
  betweenNews: 30_000,
  retries: 5,
};

/** The message with which the program tells the keeper what to do. */
export interface KeeperRequest {
  /** The address of the engine's gRPC server, `127.0.0.1:<port>`: the session lives as long as that server. */
  engine: string;
  forwarding: Forwarding;
  patience: Patience;
}

/** A message from the keeper to the program, for as long as the program runs. */
export type KeeperNews =
  | { kind: "progress"; text: string }
  | { kind: "ready" }
  /** Before `ready`, the update cannot go on. After it, the reason why PostgreSQL's resources will fail. */
  | { kind: "failed"; text: string };

/** A session that could not be opened, with cause and cure. */
export class PortForwardingError extends UserError {}

const KEEPER = path.join(__dirname, "port-forwarding-keeper.ts");

/** The callbacks and limits of {@link openPortForwarding}. */
export interface OpenOptions {
  log(line: string): void;
  warn(line: string): void;
  /** The address of the engine's gRPC server. @default that of the engine that runs this program */
  engine?: string;
  patience?: Partial<Patience>;
}

/**
 * Opens a port-forwarding session and returns when PostgreSQL has answered through it. A process of its own owns the session
 * and outlives the program, for the engine deletes resources after the program has ended.
 *
 * @throws PortForwardingError that names the cause and the cure
 */
export function openPortForwarding(forwarding: Forwarding, options: OpenOptions): Promise<void> {
  const engine = options.engine ?? process.env.PULUMI_NODEJS_ENGINE;
  if (!engine) {
    // Without it nobody would ever end the session.
    return Promise.reject(new PortForwardingError("A way to the database is opened by Pulumi's engine only"));
  }
  return new Promise((resolve, reject) => {
    const keeper = fork(KEEPER, [], {
      // Ctrl-C goes to the whole terminal; the engine finishes what it has begun, and needs the database for it.
      detached: true,
      execArgv: ["--require", path.join(__dirname, "..", "..", "typescript.cjs")],
      // The settings, secret ones too, are in PULUMI_CONFIG.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"))),
      // A pipe of the program's that stays open would keep the language host from seeing its end.
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    let ready = false;
    keeper.on("message", (news: KeeperNews) => {
      if (news.kind === "progress") {
        options.log(news.text);
      } else if (news.kind === "ready") {
        ready = true;
        // From here on the program may end without it.
        keeper.unref();
        keeper.channel?.unref();
        resolve();
      } else if (ready) {
        options.warn(news.text);
      } else {
        reject(new PortForwardingError(news.text));
      }
    });
    keeper.once("error", (error) => reject(new PortForwardingError(`No process could be started: ${error.message}`)));
    // All messages have been read when the channel closes.
    keeper.once("disconnect", () => reject(new PortForwardingError("The process that keeps the session has ended")));
    const request: KeeperRequest = { engine, forwarding, patience: { ...PATIENCE, ...options.patience } };
    keeper.send(request, () => undefined); // an error is followed by `exit`
  });
}
