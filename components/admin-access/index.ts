import type { Output } from "@pulumi/pulumi";
import type { Database } from "../database/database";
import type { Encryption } from "../encryption/encryption";
import type { Network } from "../network/network";
import type { Stack } from "../stack/context";
import { AdminAccess } from "./admin-access";

/** Creates the host through which a private database is reached, with `access.mode: ssm`; undefined with `direct`. */
export function createAdminAccess(
  { name, settings, tags }: Stack,
  encryption: Encryption,
  network: Network,
  database: Database,
): AdminAccess | undefined {
  const { access } = settings;
  if (access.mode !== "ssm") {
    return undefined;
  }
  return new AdminAccess(
    name,
    {
      vpcId: network.vpcId,
      subnetId: network.operationsSubnetIds[0] as Output<string>,
      databaseSecurityGroupId: network.databaseSecurityGroupId,
      endpointSecurityGroupId: network.endpointSecurityGroupId as Output<string>,
      databasePort: settings.database.port,
      database,
      diskKeyArn: encryption.databaseKeyArn,
      logsKeyArn: encryption.logsKeyArn,
      logRetentionDays: settings.logs.retentionDays,
      localPort: access.localPort,
      tags: tags("administration", "internal"),
    },
    { dependsOn: network.endpointsMade },
  );
}
