import "./lib/sdk-start";
import { log, Output } from "@pulumi/pulumi";
import { Credentials } from "./components/access/credentials";
import { FurtherApplications } from "./components/access/further-applications";
import { Roles } from "./components/access/roles";
import { AdminAccess, ADMIN_ACCESS_SERVICES, Connection } from "./components/admin-access/admin-access";
import { Backup } from "./components/backup/backup";
import { BackupReplica } from "./components/backup/replica";
import { BackupRoles } from "./components/backup/roles";
import { BACKUP_TASK_SERVICES, BackupTasks } from "./components/backup/tasks";
import { Database } from "./components/database/database";
import { Encryption } from "./components/encryption/encryption";
import { checkOutput } from "./components/live-check/output";
import { CheckRole } from "./components/live-check/role";
import { Network } from "./components/network/network";
import { Alarms } from "./components/observability/alarms";
import { Dashboard } from "./components/observability/dashboard";
import { LogFilters } from "./components/observability/log-filters";
import { Monitoring } from "./components/observability/notifications";
import { openStack } from "./components/stack/context";
import { DeletionGuard } from "./components/stack/deletion-guard";
import { backupsName, WRITER } from "./model/policies/backups";
import { CHECKER } from "./model/policies/live-check";

/** The program. What it returns are the stack's outputs: what people and pipelines need next, and no password. */
async function program() {
  const { name, settings, account, first, further, parameters, caFile, protect, before, deployed, tags } =
    await openStack();
  const { application, access } = settings;
  const logRetentionDays = settings.logs.retentionDays;

  const encryption = new Encryption(name, {
    account,
    protect,
    keepDatabaseKey: settings.database.finalSnapshot,
    tags: tags("encryption", "secret"),
  });
  const { databaseKeyArn, secretsKeyArn, backupsKeyArn, logsKeyArn } = encryption;

  const network = new Network(name, {
    account,
    settings: settings.network,
    databasePort: settings.database.port,
    services: [
      ...(access.mode === "ssm" ? ADMIN_ACCESS_SERVICES : []),
      ...(settings.backup.image ? BACKUP_TASK_SERVICES : []),
    ],
    logsKeyArn,
    logRetentionDays,
    tags: tags("network", "internal"),
  });

  const database = new Database(name, {
    account,
    databaseName: application,
    masterUsername: deployed.masterUsername,
    settings: settings.database,
    parameters,
    subnetIds: network.databaseSubnetIds,
    securityGroupId: network.databaseSecurityGroupId,
    storageKeyArn: databaseKeyArn,
    secretsKeyArn,
    logsKeyArn,
    logRetentionDays,
    hiddenColumns: settings.logs.hiddenColumns,
    tags: tags("database", "confidential"),
  });

  const secrets = {
    account,
    deployers: access.deployers,
    address: { host: database.host, port: database.port },
    secretsKeyArn,
    protect,
    tags: tags("credentials", "secret"),
  };
  const credentials = new Credentials(name, {
    ...secrets,
    application: first,
    readers: {
      ...access.readers,
      backup: [`${name}-${WRITER}`],
      monitor: [...access.readers.monitor, `${name}-${CHECKER}`],
    },
    master: { secretArn: database.masterSecretArn, managed: settings.database.masterPassword === "rds" },
  });

  const adminAccess =
    access.mode === "ssm"
      ? new AdminAccess(
          name,
          {
            vpcId: network.vpcId,
            subnetId: network.operationsSubnetIds[0] as Output<string>,
            databaseSecurityGroupId: network.databaseSecurityGroupId,
            endpointSecurityGroupId: network.endpointSecurityGroupId as Output<string>,
            databasePort: settings.database.port,
            database,
            diskKeyArn: databaseKeyArn,
            logsKeyArn,
            logRetentionDays,
            localPort: access.localPort,
            tags: tags("administration", "internal"),
          },
          { dependsOn: network.endpointsMade },
        )
      : undefined;
  const direct: Connection = { host: database.host, port: database.port, sslmode: "verify-full" };

  const { extensions } = settings.database;
  const server = { database, connection: adminAccess?.connection ?? direct, caFile, extensions, protect };
  const roles = new Roles(name, { ...server, application: first, credentials, deployed: before?.roles });
  const furtherApplications = new FurtherApplications(name, {
    applications: further,
    first: roles,
    settings: settings.applications,
    deployed: before?.applications,
    credentials: secrets,
    roles: server,
  });

  const backup = new Backup(backupsName(name), {
    account,
    settings: settings.backup,
    keyArn: backupsKeyArn,
    logsKeyArn,
    logRetentionDays,
    protect,
    tags: tags("backup", "confidential"),
  });

  const { replicaRegion } = settings.backup;
  const backupReplica =
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

  const open = access.deployers.length === 0;
  const backupRoles = new BackupRoles(name, {
    account,
    bucketArn: backup.bucketArn,
    keyArn: backupsKeyArn,
    recoveryKeyArn: settings.backup.recoveryKeyArn,
    replica: backupReplica?.copies,
    readSecretPolicyArn: credentials.of("backup").readPolicyArn,
    writers: open ? undefined : [...access.deployers, ...access.readers.backup],
    restorers: open ? undefined : access.restorers,
    tags: tags("backup", "internal"),
  });

  const monitoring = new Monitoring(name, {
    account,
    instanceIdentifier: database.instanceIdentifier,
    parameterGroupName: database.parameterGroupName,
    logsKeyArn,
    emails: settings.notifications.emails,
    tags: tags("monitoring", "internal"),
  });
  const { topicArn } = monitoring;

  const logFilters = new LogFilters(name, { database });

  const alarms = new Alarms(name, {
    database,
    instanceClass: settings.database.instanceClass,
    parameters,
    topicArn,
    tags: tags("monitoring", "internal"),
  });
  const dashboard = new Dashboard(name, { account, database, alarms });

  const checkRole = new CheckRole(name, {
    account,
    bucketArn: backup.bucketArn,
    topicArn,
    keyArns: [databaseKeyArn, secretsKeyArn, backupsKeyArn, logsKeyArn],
    secretArns: [...Object.values(credentials.secretArns), database.masterSecretArn],
    readSecretPolicyArn: credentials.of("monitor").readPolicyArn,
    people: open ? undefined : [...access.deployers, ...access.readers.monitor],
    tags: tags("monitoring", "internal"),
  });

  // What ops/backup, ops/verify-backup and ops/restore have to know.
  const backups = {
    stack: name,
    bucket: backup.bucketName,
    keyArn: backupsKeyArn,
    recoveryKeyArn: settings.backup.recoveryKeyArn,
    secretArn: credentials.of("backup").secret.arn,
    database: database.databaseName,
    furtherDatabases: further.filter(({ opensDatabase }) => opensDatabase).map((one) => one.database),
    caFile: settings.database.caFile,
    validations: settings.backup.validations,
  };
  const { image, verify } = settings.backup;
  const backupTasks =
    image === undefined
      ? undefined
      : new BackupTasks(name, {
          account,
          image,
          verify,
          backups,
          writerArn: backupRoles.writerArn,
          restorerArn: backupRoles.restorerArn,
          vpcId: network.vpcId,
          subnetIds: network.operationsSubnetIds,
          databaseSecurityGroupId: network.databaseSecurityGroupId,
          endpointSecurityGroupId: network.endpointSecurityGroupId as Output<string>,
          databasePort: settings.database.port,
          storageGb: settings.database.storageGb,
          topicArn,
          logsKeyArn,
          logRetentionDays,
          tags: tags("backup", "internal"),
        });
  if (!backupTasks) {
    void log.info(
      "backup.image is not set: nothing backs the database up or verifies backups by itself (docs/backups.md)",
    );
  }

  const holding = [
    encryption,
    network,
    database,
    credentials,
    roles,
    ...furtherApplications.parts,
    backup,
    backupRoles,
  ];
  const watching = [monitoring, logFilters, alarms, dashboard, checkRole];
  const optional = [adminAccess, backupReplica, backupTasks].filter((part) => part !== undefined);
  new DeletionGuard(name, { everything: [...holding, ...watching, ...optional], protect });

  return {
    databaseHost: database.host,
    databasePort: database.port,
    databaseName: database.databaseName,
    ...(database.replica && { databaseReplicaHost: database.replica.host, databaseReplicaPort: database.replica.port }),
    databaseCaFile: caFile,
    databaseSecurityGroup: network.databaseSecurityGroupId,
    applicationSecurityGroup: network.applicationSecurityGroupId,
    masterSecretArn: database.masterSecretArn,
    secretArns: credentials.secretArns,
    secretReadPolicyArns: credentials.readPolicyArns,
    ...(further.length > 0 && { applications: furtherApplications.outputs }),
    backupBucket: backup.bucketName,
    backups: {
      ...backups,
      roles: { writer: backupRoles.writerArn, restorer: backupRoles.restorerArn },
      ...(backupReplica && { replica: backupReplica.where }),
    },
    check: checkOutput(name, settings, parameters, {
      ...{ network, encryption, database, credentials, further: furtherApplications, backup, monitoring, checkRole },
    }),
    ...(adminAccess && { adminHost: adminAccess.instanceId, adminSessionDocument: adminAccess.sessionDocument }),
    eventTopicArn: topicArn,
    dashboard: dashboard.name,
    // Not before it is true: by this the next update knows whose turn it is.
    deployed: furtherApplications.done.apply(() => deployed),
  };
}

export = program;
