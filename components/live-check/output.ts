import { loginRoleName, RoleName } from "../../model/access/matrix";
import type { CheckConfig } from "../../model/outputs/check";
import { backupsName } from "../../model/policies/backups";
import type { Access } from "../access";
import type { BackupParts } from "../backup";
import type { Database } from "../database/database";
import type { Encryption } from "../encryption/encryption";
import type { Network } from "../network/network";
import type { Observability } from "../observability";
import type { Stack } from "../stack/context";
import type { Outputs } from "../stack/outputs";
import type { CheckRole } from "./role";

/** The parts of a stack that the live check looks at. */
export interface CheckedParts {
  encryption: Encryption;
  network: Network;
  database: Database;
  access: Access;
  observability: Observability;
  backups: BackupParts;
  checkRole: CheckRole;
}

/** Builds the stack's output `check`: where `ops/check` looks, and what it should find there. It holds no secret. */
export function buildCheckOutput(
  { name: stack, settings, parameters, furtherApplications }: Stack,
  { encryption, network, database, access, observability, backups, checkRole }: CheckedParts,
): Outputs<CheckConfig> {
  const { credentials, further } = access;
  const { application, schemas, roles, logs } = settings;
  const { lockMode, lockDays } = settings.backup;
  const { caFile, extensions, ...instance } = settings.database;
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
    applications: furtherApplications.map(({ name, database: its, schemas: own, rotations, opensDatabase }) => ({
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
      bucket: backups.backup.bucketName,
      trail: backupsName(stack),
      topicArn: observability.notifications.topicArn,
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
        lock:
          lockMode === "none"
            ? undefined
            : { mode: lockMode.toUpperCase() as Uppercase<typeof lockMode>, days: lockDays },
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
