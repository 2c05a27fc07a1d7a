import type { Encryption } from "../encryption/encryption";
import type { Network } from "../network/network";
import type { Stack } from "../stack/context";
import { Database } from "./database";

/** Creates the PostgreSQL server, its parameters, its master's secret and its logs. */
export function createDatabase(
  { name, account, settings, parameters, deployed, tags }: Stack,
  encryption: Encryption,
  network: Network,
): Database {
  return new Database(name, {
    account,
    databaseName: settings.application,
    masterUsername: deployed.masterUsername,
    settings: settings.database,
    parameters,
    subnetIds: network.databaseSubnetIds,
    securityGroupId: network.databaseSecurityGroupId,
    storageKeyArn: encryption.databaseKeyArn,
    secretsKeyArn: encryption.secretsKeyArn,
    logsKeyArn: encryption.logsKeyArn,
    logRetentionDays: settings.logs.retentionDays,
    hiddenColumns: settings.logs.hiddenColumns,
    tags: tags("database", "confidential"),
  });
}
