import path from "node:path";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Outputs, stackOutputs } from "./outputs";
import { runInTerminal } from "../lib/process";
import { UserError } from "../lib/user-error";
import { Platform } from "../platform/host/platform";
import { ROOT } from "../platform/shared/paths";

interface Login {
  /** RDS leaves it out of the master's. */
  dbname?: string;
  username: string;
  password: string;
}

/** `app` of the first application, `shop/app` of a further one. */
function secretsIn({ secretArns, applications = {}, masterSecretArn }: Outputs): Record<string, string> {
  const further = Object.entries(applications).flatMap(([name, { secretArns: arns }]) =>
    Object.entries(arns).map(([role, arn]) => [`${name}/${role}`, arn]),
  );
  return { ...secretArns, ...(Object.fromEntries(further) as Record<string, string>), master: masterSecretArn };
}

/**
 * Opens psql with the login from the role's secret, over TLS with the server's name verified. The password goes through
 * the environment, where `ps` does not show it. Returns psql's exit code.
 */
export async function psql(
  platform: Platform,
  stack: string,
  role: string | undefined,
  args: string[],
): Promise<number> {
  const outputs = await stackOutputs(platform, stack);
  if (!outputs) {
    throw new UserError("There is no database yet. `make up` makes it.");
  }
  const secrets = secretsIn(outputs);
  const secretId = secrets[role ?? ""];
  if (!secretId) {
    throw new UserError(`psql: ${role ?? "no role"} is not one of ${Object.keys(secrets).join(", ")}`);
  }
  const { SecretString } = await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: secretId }));
  const { username, password, dbname } = JSON.parse(SecretString as string) as Login;
  return runInTerminal(await platform.clientProgram("psql"), args, {
    env: {
      ...process.env,
      PGHOST: outputs.databaseHost,
      PGPORT: String(outputs.databasePort),
      PGDATABASE: dbname ?? outputs.databaseName,
      PGUSER: username,
      PGPASSWORD: password,
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: path.resolve(ROOT, outputs.databaseCaFile),
    },
  });
}
