import { DBInstance } from "@aws-sdk/client-rds";
import { CheckFailure, Property, Values } from "../protocol/model";
import { sameKey, validArn } from "./arn";
import { each, unmodelled } from "./resource";

/** A setting of an instance as its three calls name it; absent where a call does not know it. */
interface Setting {
  rule: Property;
  create?: string;
  modify?: string;
  read?: (instance: DBInstance) => unknown;
}

const computed: Property = { computed: true };

/** A setting whose name is the same in all calls. */
const same = (rule: Property, name: keyof DBInstance): Setting => ({
  rule,
  create: name,
  modify: name,
  read: (instance) => instance[name],
});

/** A setting that only a new instance can be given. */
const once = (rule: Property, create: string, read?: (instance: DBInstance) => unknown): Setting => ({
  rule: { ...rule, forceNew: true },
  create,
  read,
});

/** The settings that are passed on as they are (internal/service/rds/instance.go). */
export const SETTINGS: Record<string, Setting> = {
  allocatedStorage: same(computed, "AllocatedStorage"),
  autoMinorVersionUpgrade: same({ default: true }, "AutoMinorVersionUpgrade"),
  availabilityZone: once(computed, "AvailabilityZone", (it) => it.AvailabilityZone),
  backupRetentionPeriod: {
    ...same(computed, "BackupRetentionPeriod"),
    rule: {
      computed: true,
      validate: (days: number) =>
        days < 0 || days > 35 ? `expected backupRetentionPeriod to be in the range (0 - 35), got ${days}` : undefined,
    },
  },
  backupTarget: once(computed, "BackupTarget", (it) => it.BackupTarget),
  backupWindow: same(computed, "PreferredBackupWindow"),
  caCertIdentifier: same({ computed: true, mayWait: true }, "CACertificateIdentifier"),
  copyTagsToSnapshot: same({ default: false }, "CopyTagsToSnapshot"),
  databaseInsightsMode: same(computed, "DatabaseInsightsMode"),
  dbName: once(computed, "DBName", (it) => it.DBName),
  dbSubnetGroupName: {
    rule: computed,
    create: "DBSubnetGroupName",
    modify: "DBSubnetGroupName",
    read: (it) => it.DBSubnetGroup?.DBSubnetGroupName,
  },
  dedicatedLogVolume: same({ default: false }, "DedicatedLogVolume"),
  deletionProtection: same({}, "DeletionProtection"),
  engine: once(computed, "Engine", (it) => it.Engine),
  engineLifecycleSupport: once(computed, "EngineLifecycleSupport", (it) => it.EngineLifecycleSupport),
  engineVersion: { rule: computed, create: "EngineVersion", modify: "EngineVersion" },
  iamDatabaseAuthenticationEnabled: {
    rule: {},
    create: "EnableIAMDatabaseAuthentication",
    modify: "EnableIAMDatabaseAuthentication",
    read: (it) => it.IAMDatabaseAuthenticationEnabled,
  },
  instanceClass: same({ required: true, mayWait: true }, "DBInstanceClass"),
  // Zero is what some engines and emulators say for "not set".
  iops: { ...same(computed, "Iops"), read: (it) => it.Iops || undefined },
  kmsKeyId: once({ computed: true, same: sameKey, validate: validArn("kmsKeyId") }, "KmsKeyId", (it) => it.KmsKeyId),
  licenseModel: same(computed, "LicenseModel"),
  maintenanceWindow: same(
    { computed: true, same: (before, after) => String(before).toLowerCase() === String(after).toLowerCase() },
    "PreferredMaintenanceWindow",
  ),
  maxAllocatedStorage: same({}, "MaxAllocatedStorage"),
  monitoringInterval: same({ default: 0 }, "MonitoringInterval"),
  monitoringRoleArn: same(computed, "MonitoringRoleArn"),
  multiAz: same({ computed: true, mayWait: true }, "MultiAZ"),
  networkType: same(computed, "NetworkType"),
  optionGroupName: {
    rule: computed,
    create: "OptionGroupName",
    modify: "OptionGroupName",
    read: (it) => it.OptionGroupMemberships?.[0]?.OptionGroupName,
  },
  parameterGroupName: {
    rule: computed,
    create: "DBParameterGroupName",
    modify: "DBParameterGroupName",
    read: (it) => it.DBParameterGroups?.[0]?.DBParameterGroupName,
  },
  performanceInsightsEnabled: {
    rule: { default: false },
    create: "EnablePerformanceInsights",
    modify: "EnablePerformanceInsights",
    read: (it) => it.PerformanceInsightsEnabled,
  },
  performanceInsightsKmsKeyId: same({ computed: true, same: sameKey }, "PerformanceInsightsKMSKeyId"),
  performanceInsightsRetentionPeriod: same(computed, "PerformanceInsightsRetentionPeriod"),
  // The local RDS listens on a free port of loopback, whatever port was asked for: the output `port` is the real one,
  // as everybody who connects needs it, and what was asked for is compared only with what was asked for before.
  port: {
    rule: { computed: true, notRead: true },
    create: "Port",
    modify: "DBPortNumber",
    read: (it) => it.Endpoint?.Port,
  },
  publiclyAccessible: same({ default: false }, "PubliclyAccessible"),
  // Taken away, the replica becomes an instance of its own; no other source can be given to it.
  replicateSourceDb: { rule: {}, read: (it) => it.ReadReplicaSourceDBInstanceIdentifier || undefined },
  storageEncrypted: once({}, "StorageEncrypted", (it) => it.StorageEncrypted),
  storageThroughput: { ...same(computed, "StorageThroughput"), read: (it) => it.StorageThroughput || undefined },
  storageType: same(computed, "StorageType"),
  username: once(computed, "MasterUsername", (it) => it.MasterUsername),
  vpcSecurityGroupIds: {
    rule: { computed: true, set: true },
    create: "VpcSecurityGroupIds",
    modify: "VpcSecurityGroupIds",
    read: (it) => it.VpcSecurityGroups?.map(({ VpcSecurityGroupId }) => VpcSecurityGroupId),
  },

  // No call returns these.
  manageMasterUserPassword: {
    rule: { notRead: true },
    create: "ManageMasterUserPassword",
    modify: "ManageMasterUserPassword",
  },
  masterUserSecretKmsKeyId: {
    rule: { computed: true, notRead: true },
    create: "MasterUserSecretKmsKeyId",
    modify: "MasterUserSecretKmsKeyId",
  },
  password: { rule: { notRead: true, secret: true }, create: "MasterUserPassword", modify: "MasterUserPassword" },
};

/** Told to the provider only. A change of them alone asks RDS for nothing. */
export const PROVIDER_ONLY: Record<string, Property> = {
  allowMajorVersionUpgrade: { notRead: true },
  applyImmediately: { default: false, notRead: true },
  deleteAutomatedBackups: { default: true, notRead: true },
  finalSnapshotIdentifier: { notRead: true, validate: validSnapshotName },
  skipFinalSnapshot: { default: false, notRead: true },
};

export const INSTANCE_PROPERTIES: Record<string, Property> = {
  ...Object.fromEntries(Object.entries(SETTINGS).map(([name, { rule }]) => [name, rule])),
  ...PROVIDER_ONLY,
  identifier: { computed: true, validate: validIdentifier },
  identifierPrefix: { computed: true, forceNew: true, notRead: true },
  enabledCloudwatchLogsExports: { set: true },
  passwordWo: { notRead: true, secret: true, same: () => true },
  passwordWoVersion: { notRead: true },
  ...unmodelled("blueGreenUpdate", "characterSetName", "customIamInstanceProfile", "customerOwnedIpEnabled", "domain"),
  ...unmodelled("domainAuthSecretArn", "domainDnsIps", "domainFqdn", "domainIamRoleName", "domainOu"),
  ...unmodelled("ncharCharacterSetName", "replicaMode", "restoreToPointInTime", "s3Import"),
  ...unmodelled("snapshotIdentifier", "timezone", "upgradeStorageConfig", "warningEventCategories"),
  ...each({ output: true }, "address", "arn", "endpoint", "hostedZoneId", "latestRestorableTime", "listenerEndpoints"),
  ...each({ output: true }, "masterUserSecrets", "replicas", "resourceId", "status", "upgradeRolloutOrder"),
  engineVersionActual: { output: true, changesOnUpdate: true },
};

function validIdentifier(name: string): string | undefined {
  if (!/^[0-9a-z-]+$/.test(name)) {
    return 'only lowercase alphanumeric characters and hyphens allowed in "identifier"';
  }
  if (!/^[a-z]/.test(name)) {
    return 'first character of "identifier" must be a letter';
  }
  return hyphens("identifier", name);
}

function validSnapshotName(name: string): string | undefined {
  if (!/^[A-Za-z]/.test(name)) {
    return '"finalSnapshotIdentifier" must begin with alphabetic character';
  }
  if (!/^[0-9A-Za-z-]+$/.test(name)) {
    return '"finalSnapshotIdentifier" must only contain alphanumeric characters and hyphens';
  }
  return hyphens("finalSnapshotIdentifier", name);
}

function hyphens(property: string, name: string): string | undefined {
  if (name.includes("--")) {
    return `"${property}" cannot contain two consecutive hyphens`;
  }
  return name.endsWith("-") ? `"${property}" cannot end with a hyphen` : undefined;
}

const CONFLICTS = [
  ["identifier", "identifierPrefix"],
  ["manageMasterUserPassword", "password"],
  ["manageMasterUserPassword", "passwordWo"],
  ["password", "passwordWo"],
] as const;

/** Terraform: ConflictsWith. */
export function checkConflicts(inputs: Values): CheckFailure[] {
  return CONFLICTS.filter(([a, b]) => inputs[a] !== undefined && inputs[b] !== undefined).map(([a, b]) => ({
    property: a,
    reason: `"${a}": conflicts with ${b}`,
  }));
}
