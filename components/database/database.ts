import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, interpolate, Output, Resource } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Account, serviceTrust } from "../../model/aws/account";
import { hidingPolicy } from "../../model/observability/hidden-columns";
import { MasterPassword } from "./master-password";
import { ServerParameter } from "../../model/parameters";
import { DatabaseSettings } from "../../model/settings/database";
import { Tags } from "../../model/aws/tags";

export interface DatabaseArgs {
  account: Account;
  /** The database that RDS makes with the instance: the first application's. Changing it replaces the instance. */
  databaseName: string;
  /** The name of the master; not `postgres`, which every attacker tries first (FSBP RDS.25). Changing it replaces the instance. */
  masterUsername: string;
  settings: DatabaseSettings;
  parameters: ServerParameter[];
  subnetIds: Output<string>[];
  securityGroupId: Output<string>;
  storageKeyArn: Output<string>;
  secretsKeyArn: Output<string>;
  logsKeyArn: Output<string>;
  logRetentionDays: number;
  /** Columns whose values CloudWatch hides in PostgreSQL's log. */
  hiddenColumns: string[];
  tags: Tags;
}

/** The logs that RDS exports to CloudWatch: what PostgreSQL writes, and what an upgrade writes (FSBP RDS.9, RDS.36). */
const EXPORTED_LOGS = ["postgresql", "upgrade"];
/** Days for which Performance Insights keeps its data at no cost. */
const FREE_INSIGHTS_DAYS = 7;

/**
 * A private, encrypted RDS PostgreSQL that refuses connections without TLS (guide: "Connection Security", "Security
 * Hardening"; FSBP RDS.2, 3, 5, 6, 8–11, 13, 17, 18, 23, 25, 36, 38).
 *
 * RDS makes, keeps and rotates the master's password: it is in no state and no program. For a read replica, which AWS does not
 * make of such an instance, the stack can keep the password itself.
 */
export class Database extends ComponentResource {
  readonly host: Output<string>;
  readonly port: Output<number>;
  /** The read replica, if there is one: its address, and its storage in GiB, which RDS grows apart from the instance's. */
  readonly replica:
    { host: Output<string>; port: Output<number>; identifier: Output<string>; allocatedGb: Output<number> } | undefined;
  /** GiB of storage that are allocated now; RDS grows it by itself. */
  readonly allocatedGb: Output<number>;
  readonly databaseName: string;
  readonly masterUsername: string;
  /** The secret with `{"username": …, "password": …}` of the master. */
  readonly masterSecretArn: Output<string>;
  readonly instanceIdentifier: Output<string>;
  readonly parameterGroupName: Output<string>;
  /** The log group of the server, which is made before the instance, and then that of its read replica. */
  readonly logGroupNames: Output<string>[];

  constructor(
    private readonly name: string,
    private readonly args: DatabaseArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Database", name, {}, options);
    const own = args.settings.masterPassword === "stack" ? this.masterPassword() : undefined;
    const parameterGroup = this.parameterGroup();
    const monitoringRoleArn = this.monitoringRole();
    const instance = this.instance(parameterGroup, this.subnetGroup(), monitoringRoleArn, own);
    const replica = args.settings.readReplica
      ? this.readReplica(instance, parameterGroup, monitoringRoleArn)
      : undefined;
    this.databaseName = args.databaseName;
    this.masterUsername = args.masterUsername;
    this.host = instance.address;
    this.port = instance.port;
    this.replica = replica && {
      host: replica.address,
      port: replica.port,
      identifier: replica.identifier,
      allocatedGb: replica.allocatedStorage,
    };
    this.allocatedGb = instance.allocatedStorage;
    this.instanceIdentifier = instance.identifier;
    this.parameterGroupName = parameterGroup.name;
    this.logGroupNames = [instance, ...(replica ? [replica] : [])].map(
      ({ identifier }) => interpolate`/aws/rds/instance/${identifier}/postgresql`,
    );
    this.masterSecretArn =
      own?.secretArn ?? instance.masterUserSecrets.apply((secrets) => secrets?.[0]?.secretArn as string);
    this.registerOutputs({ host: this.host, port: this.port });
  }

  private masterPassword(): MasterPassword {
    const { masterUsername, secretsKeyArn, settings, tags } = this.args;
    const recoveryWindowInDays = settings.deletionProtection ? 30 : 0;
    return new MasterPassword(
      `${this.name}-master`,
      { masterUsername, secretsKeyArn, recoveryWindowInDays, tags: { ...tags, DataClassification: "secret" } },
      { parent: this },
    );
  }

  private parameterGroup(): aws.rds.ParameterGroup {
    const { settings, parameters, tags } = this.args;
    const family = `postgres${settings.engineVersion.split(".")[0]}`;
    const name = `${this.name}-${family}`;
    return new aws.rds.ParameterGroup(
      name,
      {
        name,
        family,
        description: "The security guide's server settings",
        parameters: parameters.map(({ name: parameter, value, apply }) => ({
          name: parameter,
          value,
          applyMethod: apply === "static" ? "pending-reboot" : "immediate",
        })),
        tags,
      },
      { parent: this },
    );
  }

  private subnetGroup(): aws.rds.SubnetGroup {
    const { subnetIds, tags } = this.args;
    return new aws.rds.SubnetGroup(
      this.name,
      { name: this.name, description: "Isolated subnets of the database", subnetIds, tags },
      { parent: this },
    );
  }

  /** The role with which RDS publishes the operating system's metrics (FSBP RDS.6); undefined when monitoring is off. */
  private monitoringRole(): Output<string> | undefined {
    const { account, settings, tags } = this.args;
    if (settings.monitoringIntervalSeconds === 0) {
      return undefined;
    }
    const name = `${this.name}-rds-monitoring`;
    const role = new aws.iam.Role(
      name,
      {
        name,
        description: "Lets RDS publish enhanced monitoring",
        assumeRolePolicy: JSON.stringify(serviceTrust(account, "monitoring.rds.amazonaws.com")),
        tags,
      },
      { parent: this },
    );
    const attachment = new aws.iam.RolePolicyAttachment(
      name,
      {
        role: role.name,
        policyArn: `arn:${account.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole`,
      },
      { parent: this },
    );
    // RDS tests the role when it gets it: the role must have its rights by then.
    return attachment.id.apply(() => role.arn);
  }

  /**
   * The log groups of an instance. RDS would make them without encryption and keep them for ever; made before the instance, they hide
   * columns from the first entry on.
   */
  private logGroups(identifier: string): Resource[] {
    const { logsKeyArn, logRetentionDays, hiddenColumns, tags } = this.args;
    return EXPORTED_LOGS.flatMap((log): Resource[] => {
      const name = `${identifier}-${log}`;
      const group = new aws.cloudwatch.LogGroup(
        name,
        {
          name: `/aws/rds/instance/${identifier}/${log}`,
          kmsKeyId: logsKeyArn,
          retentionInDays: logRetentionDays,
          tags,
        },
        { parent: this },
      );
      if (log !== "postgresql" || hiddenColumns.length === 0) {
        return [group];
      }
      const policyDocument = JSON.stringify(hidingPolicy(name, hiddenColumns));
      const hiding = new aws.cloudwatch.LogDataProtectionPolicy(
        name,
        { logGroupName: group.name, policyDocument },
        { parent: this },
      );
      return [group, hiding];
    });
  }

  /** The properties that the instance and its replica have in common. */
  private common(parameterGroup: aws.rds.ParameterGroup, monitoringRoleArn: Output<string> | undefined) {
    const { settings, securityGroupId, storageKeyArn, tags } = this.args;
    return {
      instanceClass: settings.instanceClass,
      storageType: "gp3",
      storageEncrypted: true,
      maxAllocatedStorage: settings.maxStorageGb,
      port: settings.port,
      publiclyAccessible: false,
      vpcSecurityGroupIds: [securityGroupId],
      parameterGroupName: parameterGroup.name,
      // Named, so that a new default of AWS's does not change it unseen.
      caCertIdentifier: settings.certificateAuthority,
      iamDatabaseAuthenticationEnabled: true,
      monitoringInterval: settings.monitoringIntervalSeconds,
      monitoringRoleArn,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: storageKeyArn,
      performanceInsightsRetentionPeriod: FREE_INSIGHTS_DAYS,
      enabledCloudwatchLogsExports: EXPORTED_LOGS,
      autoMinorVersionUpgrade: true,
      maintenanceWindow: settings.maintenanceWindow,
      copyTagsToSnapshot: true,
      deletionProtection: settings.deletionProtection,
      applyImmediately: settings.applyImmediately,
      tags,
    };
  }

  private instance(
    parameterGroup: aws.rds.ParameterGroup,
    subnetGroup: aws.rds.SubnetGroup,
    monitoringRoleArn: Output<string> | undefined,
    own: MasterPassword | undefined,
  ): aws.rds.Instance {
    const { settings, databaseName, masterUsername, storageKeyArn, secretsKeyArn } = this.args;
    const protect = settings.deletionProtection;
    return new aws.rds.Instance(
      this.name,
      {
        ...this.common(parameterGroup, monitoringRoleArn),
        identifier: this.name,
        engine: "postgres",
        engineVersion: settings.engineVersion,
        // Raising the version in the settings is consent enough.
        allowMajorVersionUpgrade: true,
        allocatedStorage: settings.storageGb,
        kmsKeyId: storageKeyArn,
        dbName: databaseName,
        username: masterUsername,
        ...(own
          ? { password: own.password }
          : { manageMasterUserPassword: true, masterUserSecretKmsKeyId: secretsKeyArn }),
        multiAz: settings.multiAz,
        dbSubnetGroupName: subnetGroup.name,
        backupRetentionPeriod: settings.backupRetentionDays,
        backupWindow: settings.backupWindow,
        ...this.end(),
      },
      { parent: this, protect, dependsOn: this.logGroups(this.name) },
    );
  }

  /** The properties that decide what is left of the database when it is deleted: a final snapshot and automated backups, or nothing. */
  private end(): Pick<
    aws.rds.InstanceArgs,
    "skipFinalSnapshot" | "finalSnapshotIdentifier" | "deleteAutomatedBackups"
  > {
    if (!this.args.settings.finalSnapshot) {
      return { skipFinalSnapshot: true };
    }
    // RDS refuses the deletion when a snapshot of that name exists, as from an earlier stack of the same name.
    const { hex } = new random.RandomBytes(`${this.name}-final-snapshot`, { length: 4 }, { parent: this });
    return {
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: interpolate`${this.name}-final-${hex}`,
      deleteAutomatedBackups: false,
    };
  }

  /** The read replica: it follows the instance, answers reading queries, and can be promoted. It has no data of its own. */
  private readReplica(
    instance: aws.rds.Instance,
    parameterGroup: aws.rds.ParameterGroup,
    monitoringRoleArn: Output<string> | undefined,
  ): aws.rds.Instance {
    const identifier = `${this.name}-replica`;
    return new aws.rds.Instance(
      identifier,
      {
        ...this.common(parameterGroup, monitoringRoleArn),
        identifier,
        replicateSourceDb: instance.identifier,
        skipFinalSnapshot: true,
      },
      { parent: this, dependsOn: this.logGroups(identifier) },
    );
  }
}
