import { log, type Output } from "@pulumi/pulumi";
import type { BackupsConfig } from "../../model/outputs/backups";
import { backupsName } from "../../model/policies/backups";
import type { Access } from "../access";
import type { Database } from "../database/database";
import type { Encryption } from "../encryption/encryption";
import type { Network } from "../network/network";
import type { Observability } from "../observability";
import { type Stack, trustedRoles } from "../stack/context";
import type { Outputs } from "../stack/outputs";
import { Backup } from "./backup";
import { BackupReplica } from "./replica";
import { BackupRoles } from "./roles";
import { BackupTasks } from "./tasks";

/** The bucket for dumps, the roles that write and read them, and the tasks that do so on a schedule. */
export interface BackupParts {
  /** The bucket for dumps. */
  backup: Backup;
  /** The copies in another region, with `backup.replicaRegion`. */
  replica: BackupReplica | undefined;
  /** The IAM roles that write and read dumps. */
  roles: BackupRoles;
  /** The scheduled tasks that back up and verify, with `backup.image`. */
  tasks: BackupTasks | undefined;
  /** The stack's output `backups`, which `ops/backup`, `ops/verify-backup` and `ops/restore` read. */
  output: Outputs<BackupsConfig>;
}

/** Creates an encrypted bucket for dumps, a role that writes them and one that reads them, and tasks that back up and verify. */
export function createBackups(
  stack: Stack,
  encryption: Encryption,
  network: Network,
  database: Database,
  { credentials }: Access,
  { notifications }: Observability,
): BackupParts {
  const { name, account, settings, protect, tags } = stack;
  const { backupsKeyArn, logsKeyArn } = encryption;
  const { recoveryKeyArn, replicaRegion, image, verify } = settings.backup;
  const { deployers, readers, restorers } = settings.access;
  const logRetentionDays = settings.logs.retentionDays;

  const backup = new Backup(backupsName(name), {
    account,
    settings: settings.backup,
    keyArn: backupsKeyArn,
    logsKeyArn,
    logRetentionDays,
    protect,
    tags: tags("backup", "confidential"),
  });

  const replica =
    replicaRegion === undefined
      ? undefined
      : new BackupReplica(`${name}-backup-replica`, {
          account,
          stack: name,
          settings: settings.backup,
          region: replicaRegion,
          source: backup,
          sourceKeyArn: backupsKeyArn,
          protect,
          tags: tags("backup", "confidential"),
        });

  const roles = new BackupRoles(name, {
    account,
    bucketArn: backup.bucketArn,
    keyArn: backupsKeyArn,
    recoveryKeyArn,
    replica: replica?.copies,
    readSecretPolicyArn: credentials.of("backup").readPolicyArn,
    writers: trustedRoles(stack, readers.backup),
    restorers: deployers.length === 0 ? undefined : restorers,
    tags: tags("backup", "internal"),
  });

  const taskConfig = {
    stack: name,
    bucket: backup.bucketName,
    keyArn: backupsKeyArn,
    recoveryKeyArn,
    secretArn: credentials.of("backup").secret.arn,
    database: database.databaseName,
    furtherDatabases: stack.furtherApplications
      .filter(({ opensDatabase }) => opensDatabase)
      .map((application) => application.database),
    caFile: settings.database.caFile,
    validations: settings.backup.validations,
  };
  const tasks =
    image === undefined
      ? undefined
      : new BackupTasks(name, {
          account,
          image,
          verify,
          backups: taskConfig,
          writerArn: roles.writerArn,
          restorerArn: roles.restorerArn,
          vpcId: network.vpcId,
          subnetIds: network.operationsSubnetIds,
          databaseSecurityGroupId: network.databaseSecurityGroupId,
          endpointSecurityGroupId: network.endpointSecurityGroupId as Output<string>,
          databasePort: settings.database.port,
          storageGb: settings.database.storageGb,
          topicArn: notifications.topicArn,
          logsKeyArn,
          logRetentionDays,
          tags: tags("backup", "internal"),
        });
  if (!tasks) {
    void log.info(
      "backup.image is not set: nothing backs the database up or verifies backups by itself (docs/backups.md)",
    );
  }

  const output = {
    ...taskConfig,
    roles: { writer: roles.writerArn, restorer: roles.restorerArn },
    ...(replica && { replica: replica.where }),
  };
  return { backup, replica, roles, tasks, output };
}
