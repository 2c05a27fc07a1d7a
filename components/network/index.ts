import { ADMIN_ACCESS_SERVICES } from "../admin-access/admin-access";
import { BACKUP_TASK_SERVICES } from "../backup/tasks";
import type { Encryption } from "../encryption/encryption";
import type { Stack } from "../stack/context";
import { Network } from "./network";

/** Creates the VPC, or takes the existing one, with endpoints for the services that are used from inside. */
export function createNetwork({ name, account, settings, tags }: Stack, encryption: Encryption): Network {
  return new Network(name, {
    account,
    settings: settings.network,
    databasePort: settings.database.port,
    services: [
      ...(settings.access.mode === "ssm" ? ADMIN_ACCESS_SERVICES : []),
      ...(settings.backup.image ? BACKUP_TASK_SERVICES : []),
    ],
    logsKeyArn: encryption.logsKeyArn,
    logRetentionDays: settings.logs.retentionDays,
    tags: tags("network", "internal"),
  });
}
