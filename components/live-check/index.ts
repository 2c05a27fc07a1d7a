import type { Access } from "../access";
import type { BackupParts } from "../backup";
import type { Database } from "../database/database";
import type { Encryption } from "../encryption/encryption";
import type { Observability } from "../observability";
import { trustedRoles, type Stack } from "../stack/context";
import { CheckRole } from "./role";

/** Creates the IAM role with which `ops/check` reads the stack and changes nothing. */
export function createLiveCheck(
  stack: Stack,
  encryption: Encryption,
  database: Database,
  { credentials }: Access,
  { notifications }: Observability,
  { backup }: BackupParts,
): CheckRole {
  return new CheckRole(stack.name, {
    account: stack.account,
    bucketArn: backup.bucketArn,
    topicArn: notifications.topicArn,
    keyArns: [encryption.databaseKeyArn, encryption.secretsKeyArn, encryption.backupsKeyArn, encryption.logsKeyArn],
    secretArns: [...Object.values(credentials.secretArns), database.masterSecretArn],
    readSecretPolicyArn: credentials.of("monitor").readPolicyArn,
    people: trustedRoles(stack, stack.settings.access.readers.monitor),
    tags: stack.tags("monitoring", "internal"),
  });
}
