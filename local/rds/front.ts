import { createServer, IncomingMessage } from "node:http";
import { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { RDSServiceException } from "@aws-sdk/client-rds";
import { actions } from "./actions";
import { Answer, Emulator } from "./emulator";
import { RdsError } from "./errors";
import { Instances, LocalRdsOptions } from "./instances";
import { addToInstances, errorXml } from "./xml";

export interface LocalRds {
  /** For AWS_ENDPOINT_URL_RDS. */
  url: string;
  /** Stops answering. The PostgreSQL servers go on. */
  close(): Promise<void>;
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const ours = ["connection", "content-length", "transfer-encoding"]; // fetch sets them itself
  const entries = Object.entries(request.headers).filter(([name]) => !ours.includes(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

/** RDS's code for an error: our own, or what the emulator answered to a question of ours. */
function codeOf(error: Error): string {
  if (error instanceof RdsError) {
    return error.code;
  }
  return error instanceof RDSServiceException ? error.name.replace(/Fault$/, "") : "InternalFailure";
}

/**
 * RDS's API on a free port of loopback: it hands every request on to the emulator, which keeps the records, and starts,
 * configures and ends the PostgreSQL servers that the records are about. Providers, SDKs and the AWS CLI reach it alike.
 */
export async function startLocalRds(
  options: LocalRdsOptions & { emulatorUrl: string; region: string },
): Promise<LocalRds> {
  const instances = new Instances(options);
  const emulator = new Emulator(options.emulatorUrl, options.region);
  const known = actions(options, instances, emulator);
  /** One change at a time: two could restart a server under each other. */
  let turn: Promise<unknown> = Promise.resolve();

  async function answer(request: IncomingMessage): Promise<Answer> {
    const body = await text(request);
    const form = new URLSearchParams(body);
    const forward = () => emulator.forward(headersOf(request), body);
    const action = known[form.get("Action") ?? ""];
    const refusal = action && (await emulator.refusal(headersOf(request), body));
    if (refusal) {
      return refusal;
    }
    const work = () => (action ? action(form, forward) : forward());
    const done = action ? ((turn = turn.catch(() => undefined).then(work)) as Promise<Answer>) : work();
    const { status, body: xml } = await done;
    const records = new Map((await instances.list()).map((record) => [record.identifier, record]));
    return { status, body: addToInstances(xml, records) };
  }

  const server = createServer((request, response) => {
    answer(request)
      .catch((error: Error): Answer => {
        const code = codeOf(error);
        // SDKs try again after a 5xx; what went wrong here would go wrong again.
        return { status: 400, body: errorXml(code, error.message) };
      })
      .then(({ status, body }) => response.writeHead(status, { "content-type": "text/xml" }).end(body))
      .catch(() => response.destroy());
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
