import { DBInstance, DescribeDBInstancesCommand } from "@aws-sdk/client-rds";
import { DescribeSecretCommand } from "@aws-sdk/client-secrets-manager";
import { withLogin } from "../shared/database-login";
import { AwsClients, unlessMissing } from "./aws-clients";
import type { Catalog, Search } from "./search";
import { known, Program, Wanted } from "./wanted";

const POSTGRESQL = "pulumi:providers:postgresql";
const INSTANCE = "aws:rds/instance:Instance";

/** The server, its master's login and what the provider for PostgreSQL is to be told of them. */
export interface Server {
  provider: Wanted;
  host: string;
  port: number;
  masterSecretArn: string;
  forwardedPort?: number;
}

async function masterSecretOf(aws: AwsClients, { MasterUserSecret, DBInstanceIdentifier }: DBInstance) {
  if (MasterUserSecret?.SecretArn) {
    return MasterUserSecret.SecretArn;
  }
  // database.masterPassword: stack keeps it itself.
  const SecretId = `${DBInstanceIdentifier}-master`;
  return (await unlessMissing(aws.secrets.send(new DescribeSecretCommand({ SecretId }))))?.ARN;
}

/** Undefined when there is no instance yet, or no login of its master's that the program knows of. */
export async function findServer(
  program: Program,
  search: Search,
  forwardedPort: number | undefined,
): Promise<Server | undefined> {
  const [provider] = program.ofType(POSTGRESQL);
  const writer = program.ofType(INSTANCE).find(({ inputs }) => inputs.replicateSourceDb === undefined);
  const found = writer && !writer.id ? await search.of(writer) : undefined;
  const DBInstanceIdentifier = found && "id" in found ? found.id : writer && known(writer, "identifier");
  if (!provider || DBInstanceIdentifier === undefined) {
    return undefined;
  }
  const aws = search.home;
  const call = aws.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
  const instance = (await unlessMissing(call))?.DBInstances?.[0];
  const masterSecretArn = instance && (await masterSecretOf(aws, instance));
  const { Address: host, Port: port } = instance?.Endpoint ?? {};
  return masterSecretArn && host && port ? { provider, host, port, masterSecretArn, forwardedPort } : undefined;
}

const names = (rows: { name: string }[]) => new Set(rows.map(({ name }) => name));

/** What PostgreSQL has. */
export function readCatalog({ provider, host, port, masterSecretArn, forwardedPort }: Server): Promise<Catalog> {
  const database = { host, port, name: known(provider, "database") ?? "" };
  const caFile = known(provider, "sslrootcert");
  const login = { database, secretArn: masterSecretArn, caFile, forwardedPort, applicationName: "markenmate-import" };
  return withLogin(login, async ({ client }) => {
    const roles = await client.query<{ name: string; can_login: boolean }>(
      "SELECT rolname AS name, rolcanlogin AS can_login FROM pg_roles",
    );
    const schemas = await client.query<{ name: string }>("SELECT nspname AS name FROM pg_namespace");
    const extensions = await client.query<{ name: string }>("SELECT extname AS name FROM pg_extension");
    return {
      roles: new Map(roles.rows.map(({ name, can_login }) => [name, { canLogin: can_login }])),
      schemas: names(schemas.rows),
      extensions: names(extensions.rows),
    };
  });
}

/** What the provider is told, its password apart: what the program tells it, and where the server is. */
export function providerInputs({ provider, host, port, forwardedPort }: Server): Record<string, string> {
  const told = Object.keys(provider.inputs).map((name) => [name, known(provider, name)] as const);
  const place: Record<string, string> = forwardedPort
    ? { host: "127.0.0.1", port: String(forwardedPort), sslmode: "verify-ca" }
    : { host, port: String(port) };
  const { password: _secret, ...inputs } = Object.fromEntries(told.filter(([, value]) => value !== undefined));
  return { ...(inputs as Record<string, string>), ...place };
}
