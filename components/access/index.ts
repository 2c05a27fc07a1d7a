import { CHECKER } from "../../model/policies/live-check";
import { WRITER } from "../../model/policies/backups";
import type { AdminAccess } from "../admin-access/admin-access";
import type { Database } from "../database/database";
import type { Encryption } from "../encryption/encryption";
import type { Stack } from "../stack/context";
import { Credentials } from "./credentials";
import { FurtherApplications } from "./further-applications";
import { Roles } from "./roles";

/** The logins, rights and secrets of every application on the server. */
export interface Access {
  /** The first application's passwords, and the secrets that hold them. */
  credentials: Credentials;
  /** The first application's roles, logins, grants and default privileges. */
  roles: Roles;
  /** The logins, secrets, roles and rights of the further applications. */
  further: FurtherApplications;
}

/** Creates every application's logins: their passwords in Secrets Manager, their rights by the access matrix in the server. */
export function createAccess(
  stack: Stack,
  encryption: Encryption,
  database: Database,
  adminAccess: AdminAccess | undefined,
): Access {
  const { name, account, settings, protect, deployedBefore, caFile } = stack;
  const { deployers, readers } = settings.access;
  const secrets = {
    account,
    deployers,
    address: { host: database.host, port: database.port },
    secretsKeyArn: encryption.secretsKeyArn,
    protect,
    tags: stack.tags("credentials", "secret"),
  };
  const credentials = new Credentials(name, {
    ...secrets,
    application: stack.firstApplication,
    readers: {
      ...readers,
      backup: [`${name}-${WRITER}`],
      monitor: [...readers.monitor, `${name}-${CHECKER}`],
    },
    master: { secretArn: database.masterSecretArn, managed: settings.database.masterPassword === "rds" },
  });

  const server = {
    database,
    connection: adminAccess?.connection ?? {
      host: database.host,
      port: database.port,
      sslmode: "verify-full" as const,
    },
    caFile,
    extensions: settings.database.extensions,
    protect,
  };
  const roles = new Roles(name, {
    ...server,
    application: stack.firstApplication,
    credentials,
    deployed: deployedBefore?.roles,
  });
  const further = new FurtherApplications(name, {
    applications: stack.furtherApplications,
    first: roles,
    settings: settings.applications,
    deployed: deployedBefore?.applications,
    credentials: secrets,
    roles: server,
  });
  return { credentials, roles, further };
}
