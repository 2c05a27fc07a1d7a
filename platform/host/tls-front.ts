import { Agent, IncomingMessage, request, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import { keptServerCertificate, LocalCa } from "../rds/certificates";

export interface TlsFront {
  url: string;
  close(): void;
}

/** Hands every request on to the emulator. As a load balancer would, it says in a header that the connection was TLS. */
export function forwardAsTls(emulatorUrl: string, agent: Agent) {
  const { hostname, port } = new URL(emulatorUrl);
  return (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method, url: path, headers } = incoming;
    const forwarded = request(
      { agent, hostname, port, method, path, headers: { ...headers, "x-forwarded-proto": "https" } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        pipeline(answer, outgoing, () => undefined);
      },
    );
    // Whatever goes wrong on one side ends the other: that is all that a client can be told.
    pipeline(incoming, forwarded, (error) => error && outgoing.destroy());
    forwarded.on("error", () => outgoing.destroy());
  };
}

/** The emulator over TLS, which it does not speak by itself: bucket policies refuse whoever comes without. */
export async function startTlsFront(emulatorUrl: string, ca: LocalCa): Promise<TlsFront> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer(await keptServerCertificate(ca, "localhost"), forwardAsTls(emulatorUrl, agent));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}
