import { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import { Client } from "pg";
import { Connection, placeOf, readLogin, withCaFile, withClient } from "./connection";

/** A stack's database, and which of its logins is meant. */
export interface LoginArgs {
  /** Where it is, if that is not in the login's secret. */
  database: { name: string; host?: string; port?: number };
  secretArn: string;
  /** PEM file to verify the server with; left out, Amazon's certificates for RDS. */
  caFile?: string;
  /** The port of this machine that is forwarded to the server. */
  forwardedPort?: number;
  /** Of a role that reads the secret. */
  credentials?: AwsCredentialIdentityProvider;
  /** What the server's log and others who look call this session. */
  applicationName: string;
}

/** Does the work with what it takes to connect: a login, and a file to verify the server's certificate with. */
export async function withConnection<Result>(
  { database, secretArn, caFile: given, forwardedPort, credentials, applicationName }: LoginArgs,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const secret = await readLogin(secretArn, credentials);
  const { host = secret.host ?? "", port = secret.port ?? 0 } = database;
  const { verifyName, ...place } = placeOf({ host, port }, forwardedPort);
  const { username: user, password } = secret;
  return withCaFile(given, (caFile) =>
    work({ ...place, database: database.name, user, password, tls: { caFile, verifyName }, applicationName }),
  );
}

export interface LoggedIn {
  client: Client;
  user: string;
  /** Where the server was reached. */
  place: { host: string; port: number };
}

/** Logs in over TLS with a verified certificate, does the work, and logs out. */
export function withLogin<Result>(args: LoginArgs, work: (login: LoggedIn) => Promise<Result>): Promise<Result> {
  return withConnection(args, (connection) => {
    const { user, host, port } = connection;
    return withClient(connection, (client) => work({ client, user, place: { host, port } }));
  });
}
