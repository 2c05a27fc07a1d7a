import { setTimeout } from "node:timers/promises";
import { probePostgres, PortForwardingSession } from "../../lib/port-forwarding-session";
import { LOCAL_PORT } from "../../model/settings/access";
import { say } from "../../ops/shared/command";
import { OpsError } from "../../ops/shared/errors";
import { PulumiStack } from "../../ops/shared/pulumi";

interface Outputs {
  adminHost?: string;
  databaseHost?: string;
  databasePort?: number;
}

type Config = Record<string, { value?: string; objectValue?: { localPort?: number } }>;

const ANSWER_MS = 90_000;

/**
 * Does something that needs the database. With `access.mode: ssm` through a session that lasts as long, on the port that PostgreSQL's
 * provider has in the state; else this machine is in the VPC, or on the VPN.
 */
export async function withWayIn<Result>(
  name: string,
  work: (forwardedPort: number | undefined) => Promise<Result>,
): Promise<Result> {
  const stack = new PulumiStack(name);
  const {
    adminHost: instanceId,
    databaseHost: host,
    databasePort: port,
  } = await stack.readJson<Outputs>("stack", "output");
  if (!instanceId || !host || !port) {
    return work(undefined);
  }
  const config = await stack.readJson<Config>("config");
  const region = config["aws:region"]?.value ?? "";
  const [, access] = Object.entries(config).find(([key]) => key.endsWith(":access")) ?? [];
  const localPort = access?.objectValue?.localPort ?? LOCAL_PORT;
  say(`${name}: opening a session to ${host}:${port} on 127.0.0.1:${localPort}`);
  const session = new PortForwardingSession({ instanceId, region, host, port, localPort });
  try {
    for (const begun = Date.now(); (await probePostgres(localPort)) !== "postgresql"; await setTimeout(500)) {
      if (session.hasEnded || Date.now() - begun > ANSWER_MS) {
        await session.stop();
        throw new OpsError(`No way to the database: ${(await session.ended).text}`);
      }
    }
    return await work(localPort);
  } finally {
    await session.stop();
  }
}
