import { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import { Client } from "pg";
import { clientConfig, placeOf, readLogin, withCaFile } from "./connection";

/** A stack's database, and which of its logins is meant. */
export interface LoginArgs {
  database: { host: string; port: number; name: string };
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

export interface LoggedIn {
  client: Client;
  user: string;
  /** Where the server was reached. */
  place: { host: string; port: number };
}

/** Logs in over TLS with a verified certificate, does the work, and logs out. */
export async function withLogin<Result>(args: LoginArgs, work: (login: LoggedIn) => Promise<Result>): Promise<Result> {
  const { username: user, password } = await readLogin(args.secretArn, args.credentials);
  const { host, port, verifyName } = placeOf(args.database, args.forwardedPort);
  return withCaFile(args.caFile, async (caFile) => {
    const login = { host, port, database: args.database.name, user, password, tls: { caFile, verifyName } };
    const client = new Client({ ...(await clientConfig(login)), application_name: args.applicationName });
    client.on("error", () => undefined); // what is under way fails with it
    await client.connect();
    try {
      return await work({ client, user, place: { host, port } });
    } finally {
      await client.end();
    }
  });
}
