import { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { RDSServiceException } from "@aws-sdk/client-rds";
import { actions } from "./actions";
import { Answer, Emulator } from "./emulator";
import { RdsError } from "./errors";
import { Instances, LocalRdsOptions } from "./instances";
import { addToInstances, errorXml } from "./xml";

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

/** Makes what answers the requests to the local RDS. */
export function answering(
  options: LocalRdsOptions & { emulatorUrl: string; region: string },
): (request: IncomingMessage) => Promise<Answer> {
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

  return (request) =>
    answer(request).catch((error: Error) => {
      // SDKs try again after a 5xx; what went wrong here would go wrong again.
      return { status: 400, body: errorXml(codeOf(error), error.message) };
    });
}
