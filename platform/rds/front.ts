import { createServer } from "node:http";
import { AddressInfo } from "node:net";
import type { LocalRdsOptions } from "./instances";

export interface LocalRds {
  /** For AWS_ENDPOINT_URL_RDS. */
  url: string;
  /** Stops answering. The PostgreSQL servers go on. */
  close(): Promise<void>;
}

/**
 * RDS's API on a free port of loopback: it hands every request on to the emulator, which keeps the records, and starts,
 * configures and ends the PostgreSQL servers that the records are about. Providers, SDKs and the AWS CLI reach it alike.
 * What answers is loaded with the first request: most commands have none.
 */
export async function startLocalRds(
  options: LocalRdsOptions & { emulatorUrl: string; region: string },
): Promise<LocalRds> {
  let loading: Promise<ReturnType<(typeof import("./answer"))["answering"]>> | undefined;
  const answering = () => (loading ??= import("./answer").then((loaded) => loaded.answering(options)));

  const server = createServer((request, response) => {
    answering()
      .then((answer) => answer(request))
      .then(({ status, body }) => response.writeHead(status, { "content-type": "text/xml" }).end(body))
      .catch((error: Error) => {
        console.error(error);
        response.destroy();
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
