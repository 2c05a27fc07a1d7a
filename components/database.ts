import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { ServerParameter } from "./parameters";

export interface DatabaseArgs {
  /** The one database of the instance. Changing it replaces the instance. */
  databaseName: string;
  /** Not `postgres`, the name that every attacker tries first (FSBP RDS.25). Changing it replaces the instance. */
  masterUsername: string;
  /** "17" or "17.5". A new major version is an upgrade with downtime. */
  engineVersion: string;
  /** A change restarts the database. */
  instanceClass: string;
  /** GiB of gp3 storage; it can grow, never shrink. */
  storageGb: number;
  /** A change restarts the database. */
  port: number;
  multiAz: boolean;
  backupRetentionDays: number;
  /**
   * Also decides whether a final snapshot is made, whether Pulumi refuses to delete, and whether changes wait for the
   * maintenance window or take effect, with a restart if need be, at once.
   */
  deletionProtection: boolean;
  parameters: ServerParameter[];
  subnetIds: Output<string>[];
  securityGroupId: Output<string>;
  storageKeyArn: Output<string>;
  secretsKeyArn: Output<string>;
  tags: Record<string, string>;
}

/**
 * A private, encrypted RDS PostgreSQL that refuses connections without TLS (guide: "Connection Security", "Security
 * Hardening"; FSBP RDS.2, 3, 8, 10, 11, 13, 17, 18, 25, 38).
 *
 * The master's password is made, kept and rotated by RDS: it is in no state and no program.
 */
export class Database extends ComponentResource {
  readonly host: Output<string>;
  readonly port: Output<number>;
  readonly databaseName: string;
  readonly masterUsername: string;
  /** The secret in which RDS keeps `{"username": …, "password": …}` of the master. */
  readonly masterSecretArn: Output<string>;
  readonly instanceIdentifier: Output<string>;

  constructor(name: string, args: DatabaseArgs, options?: ComponentResourceOptions) {
    super("markenmate:components:Database", name, {}, options);
    const instance = this.instance(name, args, this.parameterGroup(name, args), this.subnetGroup(name, args));
    this.databaseName = args.databaseName;
    this.masterUsername = args.masterUsername;
    this.host = instance.address;
    this.port = instance.port;
    this.instanceIdentifier = instance.identifier;
    this.masterSecretArn = instance.masterUserSecrets.apply((secrets) => secrets?.[0]?.secretArn as string);
    this.registerOutputs({ host: this.host, port: this.port });
  }

  private parameterGroup(name: string, { engineVersion, parameters, tags }: DatabaseArgs): aws.rds.ParameterGroup {
    const family = `postgres${engineVersion.split(".")[0]}`;
    return new aws.rds.ParameterGroup(
      `${name}-${family}`,
      {
        name: `${name}-${family}`,
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

  private subnetGroup(name: string, { subnetIds, tags }: DatabaseArgs): aws.rds.SubnetGroup {
    return new aws.rds.SubnetGroup(
      name,
      { name, description: "Isolated subnets of the database", subnetIds, tags },
      { parent: this },
    );
  }

  private instance(
    name: string,
    args: DatabaseArgs,
    parameterGroup: aws.rds.ParameterGroup,
    subnetGroup: aws.rds.SubnetGroup,
  ): aws.rds.Instance {
    return new aws.rds.Instance(
      name,
      {
        identifier: name,
        engine: "postgres",
        engineVersion: args.engineVersion,
        instanceClass: args.instanceClass,
        allocatedStorage: args.storageGb,
        storageType: "gp3",
        storageEncrypted: true,
        kmsKeyId: args.storageKeyArn,
        dbName: args.databaseName,
        username: args.masterUsername,
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: args.secretsKeyArn,
        port: args.port,
        publiclyAccessible: false,
        multiAz: args.multiAz,
        dbSubnetGroupName: subnetGroup.name,
        vpcSecurityGroupIds: [args.securityGroupId],
        parameterGroupName: parameterGroup.name,
        // The authority that signs the server's certificate, by name: a new default of AWS's must not change it unseen.
        caCertIdentifier: "rds-ca-rsa2048-g1",
        iamDatabaseAuthenticationEnabled: true,
        autoMinorVersionUpgrade: true,
        copyTagsToSnapshot: true,
        backupRetentionPeriod: args.backupRetentionDays,
        deletionProtection: args.deletionProtection,
        // What may go away may also restart; everything else waits for its maintenance window.
        applyImmediately: !args.deletionProtection,
        skipFinalSnapshot: !args.deletionProtection,
        finalSnapshotIdentifier: args.deletionProtection ? `${name}-final` : undefined,
        tags: args.tags,
      },
      { parent: this, protect: args.deletionProtection },
    );
  }
}
