import type { Settings } from "../../model/settings";
import { loginRoleName, RoleName } from "../../model/access/matrix";
import { applicationsOf } from "../../model/access/applications";
import type { Backup } from "../backup/backup";
import { backupsName } from "../../model/policies/backups";
import type { CheckRole } from "./role";
import type { Credentials } from "../access/credentials";
import type { Database } from "../database/database";
import type { Encryption } from "../encryption/encryption";
import type { FurtherApplications } from "../access/further-applications";
import type { Monitoring } from "../observability/notifications";
import type { Network } from "../network/network";
import type { ServerParameter } from "../../model/parameters";

/** What the live check looks at. */
export interface Checked {
  network: Network;
  encryption: Encryption;
  database: Database;
  credentials: Credentials;
  further: FurtherApplications;
  backup: Backup;
  monitoring: Monitoring;
  checkRole: CheckRole;
}

/** What ops/check has to know of a stack, and what it should find: all of it from the settings, none of it a secret. */
export function checkOutput(stack: string, settings: Settings, parameters: ServerParameter[], checked: Checked) {
  const { network, encryption, database, credentials, further, backup, monitoring, checkRole } = checked;
  const { application, schemas, roles, logs } = settings;
  const { lockMode, lockDays } = settings.backup;
  const { caFile, extensions, ...instance } = settings.database;
  const [, ...others] = applicationsOf(settings);
  const secretArns = Object.entries(further.credentials).flatMap(([name, { secretArns: arns }]) =>
    Object.entries(arns).map(([role, arn]) => [loginRoleName(name, role as RoleName), arn] as const),
  );
  return {
    stack,
    application,
    database: { host: database.host, port: database.port, name: database.databaseName },
    masterUsername: database.masterUsername,
    secretArn: credentials.of("monitor").secret.arn,
    caFile,
    schemas,
    applications: others.map(({ name, database: its, schemas: own, rotations, opensDatabase }) => ({
      name,
      database: its,
      schemas: own,
      roles: rotations,
      opensDatabase,
      rowLevelSecurity: settings.applications[name]?.rowLevelSecurity ?? [],
    })),
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
      secretArns: { ...credentials.secretArns, ...Object.fromEntries(secretArns) },
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
