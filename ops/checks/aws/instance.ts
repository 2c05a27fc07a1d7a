import {
  DBInstance,
  DescribeDBInstancesCommand,
  DescribePendingMaintenanceActionsCommand,
  paginateDescribeDBParameters,
  Parameter,
  RDSClient,
} from "@aws-sdk/client-rds";
import { daysUntil, LEAST_CERTIFICATE_DAYS } from "../../../model/certificate-age";
import { Problem } from "../finding";
import { AwsConfig } from "../../../model/outputs/check-aws";
import { unfulfilled, UPDATE } from "./wishes";

const DAY_MS = 86_400_000;
/** RDS uploads its log of changes every five minutes. */
const OLDEST_RESTORE_MS = 3 * 3_600_000;

export const INSTANCE = {
  check: "instance",
  title:
    "The instance is private, encrypted, backed up and protected as the settings want it, and nothing waits to be applied",
  controls: [
    ...["FSBP RDS.2", "FSBP RDS.3", "FSBP RDS.5", "FSBP RDS.6", "FSBP RDS.8", "FSBP RDS.9", "FSBP RDS.10"],
    ...["FSBP RDS.11", "FSBP RDS.13", "FSBP RDS.17", "FSBP RDS.25", "FSBP RDS.36", "FSBP RDS.38"],
  ],
};

const majorOf = (version = "") => version.split(".")[0] ?? "";

export function judgeInstance(
  instance: DBInstance,
  { wanted, keyArns, parameterGroupName, securityGroupId }: AwsConfig,
  now: Date,
): Problem[] {
  const [group] = instance.DBParameterGroups ?? [];
  const ends = instance.CertificateDetails?.ValidTill;
  const days = ends ? daysUntil(ends, now) : undefined;
  const pending = Object.keys(instance.PendingModifiedValues ?? {});
  const restorable = instance.LatestRestorableTime;
  const age = restorable ? now.getTime() - restorable.getTime() : 0;
  return [
    ...unfulfilled([
      { subject: "public access", found: instance.PubliclyAccessible, expected: false },
      { subject: "encryption at rest", found: instance.StorageEncrypted, expected: true },
      { subject: "key of the storage", found: instance.KmsKeyId, expected: keyArns.database },
      { subject: "deletion protection", found: instance.DeletionProtection, expected: wanted.deletionProtection },
      { subject: "standby in a second zone", found: instance.MultiAZ, expected: wanted.multiAz },
      { subject: "days of backups", found: instance.BackupRetentionPeriod, expected: wanted.backupRetentionDays },
      { subject: "minor upgrades by RDS", found: instance.AutoMinorVersionUpgrade, expected: true },
      { subject: "tags of snapshots", found: instance.CopyTagsToSnapshot, expected: true },
      { subject: "IAM authentication", found: instance.IAMDatabaseAuthenticationEnabled, expected: true },
      {
        subject: "log of PostgreSQL in CloudWatch",
        found: instance.EnabledCloudwatchLogsExports?.includes("postgresql") ?? false,
        expected: true,
      },
      {
        subject: "log of upgrades in CloudWatch",
        found: instance.EnabledCloudwatchLogsExports?.includes("upgrade") ?? false,
        expected: true,
      },
      {
        subject: "seconds between readings of the system",
        found: instance.MonitoringInterval ?? 0,
        expected: wanted.monitoringIntervalSeconds,
      },
      { subject: "name of the master", found: instance.MasterUsername, expected: wanted.masterUsername },
      {
        subject: "version of PostgreSQL",
        found: majorOf(instance.EngineVersion),
        expected: majorOf(wanted.engineVersion),
      },
      {
        subject: "security groups",
        found: instance.VpcSecurityGroups?.map((group) => group.VpcSecurityGroupId).join(", "),
        expected: securityGroupId,
      },
      { subject: "parameter group", found: group?.DBParameterGroupName, expected: parameterGroupName },
      {
        subject: "parameters in force",
        found: group?.ParameterApplyStatus,
        expected: "in-sync",
        cure: "aws rds reboot-db-instance, or wait for the maintenance window",
      },
    ]),
    ...(pending.length > 0
      ? [
          {
            subject: "changes that wait",
            found: pending.join(", "),
            expected: "none",
            cure: "wait for the maintenance window, or aws rds modify-db-instance --apply-immediately",
          },
        ]
      : []),
    ...(days !== undefined && days < LEAST_CERTIFICATE_DAYS
      ? [
          {
            subject: "certificate",
            found: `ends in ${days} days`,
            expected: `valid for ${LEAST_CERTIFICATE_DAYS} days and more`,
            cure: "aws rds modify-db-instance --ca-certificate-identifier",
          },
        ]
      : []),
    ...(age > OLDEST_RESTORE_MS
      ? [
          {
            subject: "point-in-time recovery",
            found: `until ${restorable?.toISOString()}`,
            expected: "until a few minutes ago",
            cure: "look at the instance's events: aws rds describe-events",
          },
        ]
      : []),
  ];
}

export async function lookAtInstance(rds: RDSClient, config: AwsConfig, now: Date): Promise<Problem[]> {
  const { instanceIdentifier } = config;
  const [{ DBInstances: [instance] = [] }, maintenance] = await Promise.all([
    rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instanceIdentifier })),
    rds.send(
      new DescribePendingMaintenanceActionsCommand({
        Filters: [{ Name: "db-instance-id", Values: [instanceIdentifier] }],
      }),
    ),
  ]);
  if (!instance) {
    return [{ subject: instanceIdentifier, found: "no such instance", expected: "an instance", cure: UPDATE }];
  }
  const overdue = (maintenance.PendingMaintenanceActions ?? [])
    .flatMap(({ PendingMaintenanceActionDetails = [] }) => PendingMaintenanceActionDetails)
    .filter(
      ({ ForcedApplyDate }) => ForcedApplyDate !== undefined && ForcedApplyDate.getTime() - now.getTime() < 14 * DAY_MS,
    )
    .map(({ Action, Description, ForcedApplyDate }) => ({
      subject: `maintenance ${Action ?? ""}`,
      found: `${Description ?? "pending"}; RDS does it by force at ${ForcedApplyDate?.toISOString()}`,
      expected: "done in a maintenance window of ours",
      cure: "aws rds apply-pending-maintenance-action --opt-in-type next-maintenance",
    }));
  return [...judgeInstance(instance, config, now), ...overdue, ...(await lookAtReplica(rds, config, now))];
}

/** A replica has no standby, no backups and no log of changes of its own. */
const NOT_OF_A_REPLICA = ["standby in a second zone", "days of backups", "point-in-time recovery"];

export function judgeReplica(replica: DBInstance, config: AwsConfig, now: Date): Problem[] {
  return judgeInstance(replica, config, now)
    .filter(({ subject }) => !NOT_OF_A_REPLICA.includes(subject))
    .map(({ subject, ...problem }) => ({ subject: `replica: ${subject}`, ...problem }));
}

async function lookAtReplica(rds: RDSClient, config: AwsConfig, now: Date): Promise<Problem[]> {
  if (!config.wanted.readReplica) {
    return [];
  }
  const DBInstanceIdentifier = `${config.instanceIdentifier}-replica`;
  const { DBInstances: [replica] = [] } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
  return replica
    ? judgeReplica(replica, config, now)
    : [{ subject: DBInstanceIdentifier, found: "no such instance", expected: "a read replica", cure: UPDATE }];
}

export const PARAMETER_GROUP = {
  check: "parameter-group",
  title:
    "The parameter group has the values of model/parameters/index.ts, those that PostgreSQL does not show included",
  controls: ["FSBP RDS.38", "guide: Connection Security", "guide: Query Monitoring"],
};

export function judgeParameters(found: Parameter[], wanted: Record<string, string>): Problem[] {
  const by = new Map(found.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue]));
  return unfulfilled(
    Object.entries(wanted).map(([name, expected]) => ({ subject: name, found: by.get(name), expected })),
  );
}

export async function lookAtParameters(
  rds: RDSClient,
  { parameterGroupName: DBParameterGroupName }: AwsConfig,
  wanted: Record<string, string>,
): Promise<Problem[]> {
  const found: Parameter[] = [];
  for await (const { Parameters = [] } of paginateDescribeDBParameters(
    { client: rds },
    { DBParameterGroupName, Source: "user" },
  )) {
    found.push(...Parameters);
  }
  return judgeParameters(found, wanted);
}
