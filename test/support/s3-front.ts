import { once } from "node:events";
import { createServer, IncomingMessage, request, Server, ServerResponse } from "node:http";
import { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";

type Which = (method: string, url: string) => boolean;

/** Something half-way, which goes on when the test has done what it does meanwhile. */
export interface Held {
  /** Settles when it has come. */
  reached: Promise<void>;
  release: () => void;
}

interface Gate {
  which: Which;
  reached: () => void;
  released: Promise<void>;
}

/** Of a download that is held, the bytes that come through. */
const DOWNLOADED = 2_000_000;
const ERROR = "<Error><Code>InternalError</Code><Message>broken</Message></Error>";

/** The emulator's S3, some of whose answers are an error, or do not come to their end before a test lets them. */
export class S3Front {
  /** Which requests are answered with an error, and how many have been. */
  fails: Which = () => false;
  failed = 0;
  private gate?: Gate;
  private awaited?: { which: Which; come: () => void };

  private constructor(
    private readonly target: URL,
    private readonly server: Server,
  ) {}

  static async start(target: string): Promise<S3Front> {
    const server = createServer((incoming, outgoing) => front.answer(incoming, outgoing));
    const front = new S3Front(new URL(target), server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Settles when S3 has taken the next request of the kind. */
  async taken(which: Which): Promise<void> {
    return new Promise((come) => (this.awaited = { which, come }));
  }

  /** Holds the next download of the kind, when a part of it has come. */
  hold(which: Which): Held {
    let reached = () => undefined as void;
    let release = () => undefined as void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const come = new Promise<void>((resolve) => (reached = resolve));
    this.gate = { which, reached, released };
    return { reached: come, release };
  }

  close(): void {
    this.server.close();
  }

  private answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method = "", url: path = "", headers } = incoming;
    if (this.fails(method, path)) {
      this.failed += 1;
      incoming.resume().on("end", () => outgoing.writeHead(500).end(ERROR));
      return;
    }
    const gate = this.gate?.which(method, path) ? this.gate : undefined;
    if (gate) {
      this.gate = undefined;
    }
    const awaited = this.awaited?.which(method, path) ? this.awaited : undefined;
    const { hostname, port } = this.target;
    const forwarded = request({ hostname, port, method, path, headers: { ...headers, "x-forwarded-proto": "https" } });
    forwarded.on("response", (answer: IncomingMessage) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      awaited?.come();
      const held = gate && ((source: IncomingMessage) => half(source, gate));
      // Whoever has asked may have ended meanwhile.
      (held ? pipeline(answer, held, outgoing) : pipeline(answer, outgoing)).catch(() => undefined);
    });
    forwarded.on("error", () => outgoing.destroy());
    pipeline(incoming, forwarded).catch(() => outgoing.destroy());
  }
}

async function* half(source: IncomingMessage, { reached, released }: Gate) {
  let bytes = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    yield chunk;
    bytes += chunk.length;
    if (bytes >= DOWNLOADED) {
      reached();
      await released;
    }
  }
}
