import path from "node:path";
import { Client } from "pg";
import { clientCertificate } from "../../platform/rds/certificates";
import { SUPERUSER } from "../../platform/rds/configuration";
import { LocalStack } from "./local-stack";

/** Logs in as the one superuser, whom nobody but AWS has on RDS: to do what must not be, and see that it is found. */
export async function superuser(stack: LocalStack, database?: string): Promise<Client> {
  const tls = path.join(stack.platform.dir, "tls");
  const own = await clientCertificate(
    { caFile: path.join(tls, "ca.pem"), keyFile: path.join(tls, "ca.key") },
    SUPERUSER,
  );
  const { databasePort, databaseName } = await stack.outputs();
  const client = new Client({
    host: "localhost",
    port: databasePort,
    database: database ?? databaseName,
    user: SUPERUSER,
    ssl: { ...own, ca: stack.ca(), servername: "localhost" },
  });
  await client.connect();
  return client;
}
