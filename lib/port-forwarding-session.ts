import { ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";

/** A forwarded port: from this machine, through a host in the VPC, to the database. */
export interface Forwarding {
  /** The EC2 instance that forwards. */
  instanceId: string;
  region: string;
  /** The address of the database inside the VPC. */
  host: string;
  port: number;
  /** The port of 127.0.0.1 on this machine. */
  localPort: number;
  /** The AWS provider's profile, if it has one; without it the CLI finds the same credentials as the provider by itself. */
  profile?: string;
}

/** PostgreSQL's SSLRequest, which begins every encrypted connection: its length, and a code in place of a protocol version. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const ANSWER_TIMEOUT_MS = 10_000;
const TAIL_CHARACTERS = 4_000;
/** How long the session's processes have to end after a signal before the next, stronger one. */
const GRACE_MS = 1_500;

const AWS_CLI = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html";
const PLUGIN =
  "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html";

/** The arguments with which `aws` opens the session. Only as JSON can the values of `--parameters` hold any character. */
export function sessionArguments({ instanceId, region, profile, host, port, localPort }: Forwarding): string[] {
  const parameters = { host: [host], portNumber: [String(port)], localPortNumber: [String(localPort)] };
  return [
    "ssm",
    "start-session",
    "--target",
    instanceId,
    "--document-name",
    "AWS-StartPortForwardingSessionToRemoteHost",
    "--parameters",
    JSON.stringify(parameters),
    "--region",
    region,
    ...(profile ? ["--profile", profile] : []),
  ];
}

/** Why a session ended. */
export interface Ending {
  /** `host`: the host has not registered yet; `passing`: another try may work; `final`: somebody has to do something first. */
  kind: "host" | "passing" | "final";
  text: string;
}

/** Explains why a session ended, by what `aws` printed: its exit code is 254 or 255 for nearly everything. */
export function explainEnding(
  output: string,
  cause: { code?: number | null; spawnError?: string },
  forwarding: Forwarding,
): Ending {
  const { instanceId } = forwarding;
  const lines = output.split("\n").map((line) => line.trim());
  const said = lines.filter(Boolean).slice(-3).join(" ");
  if (cause.spawnError === "ENOENT") {
    return { kind: "final", text: `\`aws\` is not on the PATH; install the AWS CLI, version 2: ${AWS_CLI}` };
  }
  if (cause.spawnError) {
    return { kind: "final", text: `\`aws\` cannot be started (${cause.spawnError}); see which one is on the PATH` };
  }
  if (/SessionManagerPlugin is not found/i.test(output)) {
    return { kind: "final", text: `the AWS CLI lacks its Session Manager plugin; install it: ${PLUGIN}` };
  }
  if (/TargetNotConnected/.test(output)) {
    return { kind: "host", text: `the host ${instanceId} has not registered with Systems Manager (${said})` };
  }
  if (/AccessDenied|not authorized/i.test(output)) {
    return {
      kind: "final",
      text:
        `AWS denies the session; allow whoever deploys ssm:StartSession on the instance ${instanceId} and on the ` +
        `document AWS-StartPortForwardingSessionToRemoteHost (${said})`,
    };
  }
  if (
    /Unable to locate credentials|Expired|InvalidClientTokenId|UnrecognizedClient|SSO|could not be found/.test(output)
  ) {
    return { kind: "final", text: `the AWS CLI has no valid credentials; log in anew (${said})` };
  }
  return {
    kind: "passing",
    text: `the session ended with exit code ${cause.code ?? "unknown"} (${said || "no output"})`,
  };
}

/** What answers at the local port. */
export type Answer = "postgresql" | "no-tls" | "nothing";

/**
 * Asks the local port for TLS, as a PostgreSQL client does, and returns what answers. A connection alone proves nothing: Session
 * Manager's plugin accepts it before it knows whether the host reaches the database.
 */
export function probePostgres(localPort: number): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect(localPort, "127.0.0.1", () => socket.write(SSL_REQUEST));
    const done = (answer: Answer) => {
      resolve(answer);
      socket.destroy();
    };
    socket.once("data", (data) => done(data[0] === 0x53 /* S */ ? "postgresql" : "no-tls"));
    socket.once("error", () => done("nothing"));
    socket.once("close", () => done("nothing"));
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => done("nothing"));
  });
}

export const sleep = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));

/** A port-forwarding session: `aws` and the plugin that it starts, as one process group. Ended alone, `aws` leaves the plugin behind. */
export class PortForwardingSession {
  /** Resolves with the reason when the session has ended. */
  readonly ended: Promise<Ending>;
  hasEnded = false;
  private readonly process: ChildProcess;
  private output = "";

  constructor(forwarding: Forwarding) {
    this.process = spawn("aws", sessionArguments(forwarding), { detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const listen = (text: string) => (this.output = (this.output + text).slice(-TAIL_CHARACTERS));
    this.process.stdout?.setEncoding("utf8").on("data", listen);
    this.process.stderr?.setEncoding("utf8").on("data", listen);
    this.ended = new Promise((resolve) => {
      const end = (cause: Parameters<typeof explainEnding>[1]) => {
        this.hasEnded = true;
        resolve(explainEnding(this.output, cause, forwarding));
      };
      this.process.once("error", (error: NodeJS.ErrnoException) => end({ spawnError: error.code ?? error.message }));
      // Not `close`: a plugin that has lost its `aws` would hold the pipes open. What was written is read by then.
      this.process.once("exit", (code) => setTimeout(() => end({ code }), 50));
    });
  }

  /** Ends every process of the session. On SIGINT the plugin ends the session in AWS too. */
  async stop(): Promise<void> {
    for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
      if (!this.signal(signal)) {
        return;
      }
      for (const begun = Date.now(); Date.now() - begun < GRACE_MS; await sleep(25)) {
        if (!this.signal(0)) {
          return;
        }
      }
    }
  }

  /** Sends a signal to the process group, and returns whether there was a process left to receive it. */
  private signal(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.process;
    if (pid === undefined) {
      return false;
    }
    try {
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  }
}
