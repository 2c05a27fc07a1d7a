import {
  AuthorizeSecurityGroupIngressCommand,
  EC2Client,
  IpPermission,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import {
  ModifyDBInstanceCommand,
  ModifyDBInstanceMessage,
  ModifyDBParameterGroupCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { AwsFault } from "./aws-fault";

const rds = () => new RDSClient({});

/** A change of the instance, and the one back. */
const instance = (
  name: string,
  change: Omit<ModifyDBInstanceMessage, "DBInstanceIdentifier">,
  back: typeof change,
  subject: string,
): AwsFault => ({
  name,
  plant: async ({ aws }) => {
    const modify = (to: typeof change) =>
      rds().send(
        new ModifyDBInstanceCommand({ DBInstanceIdentifier: aws.instanceIdentifier, ApplyImmediately: true, ...to }),
      );
    await modify(change);
    return () => modify(back);
  },
  finds: [["instance", () => subject]],
});

const rule = (name: string, permission: IpPermission): AwsFault => ({
  name,
  plant: async ({ aws }) => {
    const target = { GroupId: aws.securityGroupId, IpPermissions: [permission] };
    await new EC2Client({}).send(new AuthorizeSecurityGroupIngressCommand(target));
    return () => new EC2Client({}).send(new RevokeSecurityGroupIngressCommand(target));
  },
  finds: [["network", ({ aws }) => `security group ${aws.securityGroupId}`]],
});

export const INSTANCE_FAULTS: AwsFault[] = [
  instance("a public instance", { PubliclyAccessible: true }, { PubliclyAccessible: false }, "public access"),
  instance("fewer days of backups", { BackupRetentionPeriod: 1 }, { BackupRetentionPeriod: 7 }, "days of backups"),
  instance("a standby that nobody asked for", { MultiAZ: true }, { MultiAZ: false }, "standby in a second zone"),
  instance("snapshots without tags", { CopyTagsToSnapshot: false }, { CopyTagsToSnapshot: true }, "tags of snapshots"),
  instance(
    "no IAM authentication",
    { EnableIAMDatabaseAuthentication: false },
    { EnableIAMDatabaseAuthentication: true },
    "IAM authentication",
  ),
  instance(
    "a log that stays on the instance",
    { CloudwatchLogsExportConfiguration: { DisableLogTypes: ["postgresql"] } },
    { CloudwatchLogsExportConfiguration: { EnableLogTypes: ["postgresql"] } },
    "log of PostgreSQL in CloudWatch",
  ),
  {
    name: "connections without TLS, by the parameter group",
    plant: async ({ aws }) => {
      const set = (ParameterValue: string) =>
        rds().send(
          new ModifyDBParameterGroupCommand({
            DBParameterGroupName: aws.parameterGroupName,
            Parameters: [{ ParameterName: "rds.force_ssl", ParameterValue, ApplyMethod: "immediate" }],
          }),
        );
      await set("0");
      return () => set("1");
    },
    finds: [
      ["tls", () => "a connection without TLS"],
      ["parameter-group", () => "rds.force_ssl"],
    ],
  },
  {
    name: "statements that are not logged, by the parameter group",
    plant: async ({ aws }) => {
      const set = (ParameterValue: string) =>
        rds().send(
          new ModifyDBParameterGroupCommand({
            DBParameterGroupName: aws.parameterGroupName,
            Parameters: [{ ParameterName: "log_lock_waits", ParameterValue, ApplyMethod: "immediate" }],
          }),
        );
      await set("0");
      return () => set("1");
    },
    finds: [
      ["parameters", () => "log_lock_waits"],
      ["parameter-group", () => "log_lock_waits"],
    ],
  },
  rule("a database open to the world", {
    IpProtocol: "tcp",
    FromPort: 5432,
    ToPort: 5432,
    IpRanges: [{ CidrIp: "0.0.0.0/0" }],
  }),
  rule("a database open to a range of addresses", {
    IpProtocol: "tcp",
    FromPort: 5432,
    ToPort: 5432,
    IpRanges: [{ CidrIp: "10.0.0.0/8" }],
  }),
];
