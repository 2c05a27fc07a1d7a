import { output } from "@pulumi/pulumi";
import type { Settings } from "../settings";
import type { Backup } from "./backup";
import { backupsName } from "./backup-policies";
import type { CheckRole } from "./check-role";
import type { Credentials } from "./credentials";
import type { Database } from "./database";
import type { Encryption } from "./encryption";
import type { Monitoring } from "./monitoring";
import type { Network } from "./network";
import type { ServerParameter } from "./parameters";

/** What the live check looks at. */
export interface Checked {
  network: Network;
  encryption: Encryption;
  database: Database;
  credentials: Credentials;
  backup: Backup;
  monitoring: Monitoring;
  checkRole: CheckRole;
}

/** What ops/check has to know of a stack, and what it should find: all of it from the settings, none of it a secret. */
export function checkOutput(stack: string, settings: Settings, parameters: ServerParameter[], checked: Checked) {
  const { network, encryption, database, credentials, backup, monitoring, checkRole } = checked;
  const { application, schemas, roles, logs } = settings;
  const { lockMode, lockDays } = settings.backup;
  const { caFile, extensions, ...instance } = settings.database;
  const secretArns = Object.entries(credentials.of).map(([role, { secret }]) => [role, secret.arn] as const);
  return {
    stack,
    application,
    database: { host: database.host, port: database.port, name: database.databaseName },
    masterUsername: database.masterUsername,
    secretArn: credentials.of.monitor.secret.arn,
    caFile,
    schemas,
    extensions,
    parameters: Object.fromEntries(parameters.map(({ name, value }) => [name, value])),
    rowLevelSecurity: settings.rowLevelSecurity,
    roles,
    checkerArn: checkRole.arn,
    aws: {
      instanceIdentifier: database.instanceIdentifier,
      parameterGroupName: database.parameterGroupName,
      securityGroupId: network.databaseSecurityGroupId,
      vpcId: network.vpcId,
      bucket: backup.bucketName,
      trail: backupsName(stack),
      topicArn: monitoring.topicArn,
      keyArns: {
        database: encryption.databaseKeyArn,
        secrets: encryption.secretsKeyArn,
        backups: encryption.backupsKeyArn,
        logs: encryption.logsKeyArn,
      },
      secretArns: output(Object.fromEntries(secretArns)),
      masterSecretArn: database.masterSecretArn,
      wanted: {
        multiAz: instance.multiAz,
        deletionProtection: instance.deletionProtection,
        backupRetentionDays: instance.backupRetentionDays,
        logRetentionDays: logs.retentionDays,
        masterRotates: instance.masterPassword === "rds",
        lock: lockMode === "none" ? undefined : { mode: lockMode.toUpperCase(), days: lockDays },
        backupDays: settings.backup.retentionDays,
        engineVersion: instance.engineVersion,
        masterUsername: database.masterUsername,
        port: instance.port,
        monitoringIntervalSeconds: instance.monitoringIntervalSeconds,
        adminCidrs: settings.network.adminCidrs,
        ownNetwork: settings.network.existing === undefined,
        readReplica: instance.readReplica,
        heard: settings.environment === "prod",
      },
    },
  };
}
