import { connect as connectHttp2 } from "node:http2";
import { createServer } from "node:net";
import type { KeeperNews, KeeperRequest, Patience } from "./port-forwarding";
import { probePostgres, Ending, Forwarding, PortForwardingSession, sleep } from "../../lib/port-forwarding-session";

/**
 * Calls `gone` when the engine has ended.
 *
 * The keeper is a process of its own that owns a port-forwarding session for as long as an update lasts: from before the first
 * PostgreSQL resource, past the end of the program (only then does the engine delete what the program no longer names), to
 * the end of the engine.
 *
 * The keeper therefore lives as long as the engine. The engine's gRPC server, whose address every program gets, lives exactly as
 * long, so the keeper holds a connection to it and ends with that connection, at once and whatever the cause: success, an
 * error, Ctrl-C, SIGKILL. The parent process is no substitute: with the official language host it ends with the engine,
 * but on the local platform, in tests and under the Automation API it lives on.
 */
function watchEngine(address: string, gone: () => void): void {
  const connection = connectHttp2(`http://${address}`);
  connection.once("goaway", () => connection.destroy());
  connection.once("error", () => undefined); // `close` follows
  connection.once("close", gone);
}

/** Sends news to the program, unless it has ended. */
function tell(news: KeeperNews): Promise<void> {
  return new Promise((told) => {
    if (process.connected) {
      process.send?.(news, undefined, undefined, () => told());
    } else {
      told();
    }
  });
}

class Failure extends Error {}

class Keeper {
  private session: PortForwardingSession | undefined;
  private closed = false;
  private lastNews = Date.now();

  constructor(
    private readonly forwarding: Forwarding,
    private readonly patience: Patience,
  ) {}

  async keep(): Promise<void> {
    const { host, port, localPort } = this.forwarding;
    void tell({ kind: "progress", text: `Opening a session to ${host}:${port} on 127.0.0.1:${localPort}` });
    let session = await this.open();
    void tell({ kind: "ready" });
    for (let reopened = 1; reopened <= this.patience.retries; reopened++) {
      const { text } = await session.ended;
      await session.stop();
      void tell({ kind: "progress", text: `The way to the database broke: ${text}; opening it again` });
      session = await this.open();
      void tell({ kind: "progress", text: "The way to the database is open again" });
    }
    const { text } = await session.ended;
    throw new Failure(`The way to the database broke ${this.patience.retries + 1} times, at last because ${text}`);
  }

  async stop(): Promise<void> {
    this.closed = true;
    await this.session?.stop();
  }

  /** Opens a session and returns it once PostgreSQL has answered through it; tries again what may pass. */
  private async open(): Promise<PortForwardingSession> {
    const { registered, retries, betweenTries } = this.patience;
    const begun = Date.now();
    let passing = 0;
    for (;;) {
      await this.waitForPort();
      if (this.closed) {
        throw new Failure("The update has ended");
      }
      const session = (this.session = new PortForwardingSession(this.forwarding));
      const ending = await this.awaitAnswer(session);
      if (!ending) {
        return session;
      }
      await session.stop();
      const tired = ending.kind === "host" ? Date.now() - begun >= registered : ++passing > retries;
      if (ending.kind === "final" || tired) {
        throw new Failure(`No way to the database: ${this.advice(ending)}`);
      }
      this.news(ending.text, begun);
      await sleep(betweenTries);
    }
  }

  /** Waits for PostgreSQL to answer through the session: undefined once it has, else the reason why it will not. */
  private async awaitAnswer(session: PortForwardingSession): Promise<Ending | undefined> {
    const { host, port, localPort } = this.forwarding;
    const begun = Date.now();
    while (Date.now() - begun < this.patience.answer) {
      const answer = await probePostgres(localPort);
      if (session.hasEnded) {
        return session.ended; // whoever answered, it was not this session
      }
      if (answer === "postgresql") {
        return undefined;
      }
      if (answer === "no-tls") {
        return { kind: "final", text: `${host}:${port} does not offer TLS, or is no PostgreSQL` };
      }
      await Promise.race([session.ended, sleep(300)]);
      this.news(`${host}:${port} does not answer through the session`, begun);
    }
    return {
      kind: "final",
      text:
        `the session is open, but ${host}:${port} does not answer through it; see whether the database is running and ` +
        `whether its security group lets the host ${this.forwarding.instanceId} in`,
    };
  }

  private async waitForPort(): Promise<void> {
    const { localPort } = this.forwarding;
    const taken = `another process (perhaps the update of another stack) listens on 127.0.0.1:${localPort}`;
    for (const begun = Date.now(); !(await isFree(localPort)); await sleep(200)) {
      if (Date.now() - begun >= this.patience.portFree) {
        throw new Failure(`No way to the database: ${taken}; end it, or set access.localPort to a free port`);
      }
      this.news(taken, begun);
    }
  }

  private advice({ kind, text }: Ending): string {
    return kind === "host"
      ? `${text}; see that it runs, and that its subnet has the interface endpoints ssm and ssmmessages`
      : text;
  }

  private news(text: string, begun: number): void {
    if (Date.now() - this.lastNews >= this.patience.betweenNews) {
      this.lastNews = Date.now();
      void tell({ kind: "progress", text: `Waiting since ${Math.round((Date.now() - begun) / 1000)} s: ${text}` });
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

process.once("message", ({ engine, forwarding, patience }: KeeperRequest) => {
  const keeper = new Keeper(forwarding, patience);
  let ending = false;
  const end = async () => {
    if (!ending) {
      ending = true;
      await keeper.stop();
      process.exit();
    }
  };
  watchEngine(engine, () => void end());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => void end());
  }
  keeper.keep().catch((error: Error) => {
    if (!ending) {
      // First, for with the process its messages end too.
      void tell({ kind: "failed", text: error.message }).then(end);
    }
  });
});
