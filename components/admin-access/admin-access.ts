import * as aws from "@pulumi/aws";
import {
  all,
  ComponentResource,
  ComponentResourceOptions,
  Input,
  interpolate,
  jsonStringify,
  log,
  Output,
  Resource,
  runtime,
} from "@pulumi/pulumi";
import { openPortForwarding } from "./port-forwarding";

export interface AdminAccessArgs {
  vpcId: Output<string>;
  /** An isolated subnet, from which the VPC's endpoints of Systems Manager and CloudWatch Logs can be reached. */
  subnetId: Output<string>;
  /** The database's security group; it gets an ingress rule for the host. */
  databaseSecurityGroupId: Output<string>;
  /** The group of the VPC's interface endpoints; it gets an ingress rule for the host. */
  endpointSecurityGroupId: Output<string>;
  databasePort: number;
  /** The address of the database inside the VPC. */
  database: { host: Output<string>; port: Output<number> };
  /** The KMS key that encrypts the host's disk. */
  diskKeyArn: Output<string>;
  /** The KMS key of the log group; its policy has to let CloudWatch Logs use it. */
  logsKeyArn: Output<string>;
  logRetentionDays: number;
  /** The forwarded port of 127.0.0.1 on the machine that deploys: always the same, for the PostgreSQL provider's state holds it. */
  localPort: number;
  tags: Record<string, string>;
  /** The function that opens the session. @default {@link openPortForwarding} */
  open?: typeof openPortForwarding;
}

/** The address of a server, and how a PostgreSQL client verifies that it is the right one. */
export interface Connection {
  host: Output<string>;
  port: Output<number>;
  sslmode: "verify-full" | "verify-ca";
}

/** The AWS services that the host has to reach, by the short names of their endpoints. */
export const ADMIN_ACCESS_SERVICES = ["ssm", "ssmmessages", "logs"];

/** The public parameter that names the newest image of Amazon Linux 2023 for Graviton, which has the agent of Systems Manager. */
const AMI_PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";
const SHELL_IDLE_MINUTES = "15";
const SHELL_LONGEST_MINUTES = "60";
const LOOPBACK = "127.0.0.1";

/**
 * A small host through which deployments reach a private database (guide: "Network Security", VPN or tunnel for administrative
 * access), and which nobody reaches itself. Its security group has no ingress rule, it has no public address (FSBP
 * EC2.9) and no key pair, and its metadata service wants session tokens (FSBP EC2.8). Its agent calls Systems Manager;
 * IAM decides who may use it, and CloudTrail records every session.
 *
 * Every update opens a port-forwarding session through the host by itself and closes it at its end; a preview opens
 * nothing. {@link connection} resolves when PostgreSQL has answered through the session. `pulumi destroy` and `pulumi refresh`
 * run no program unless they are told to (`--run-program`, or PULUMI_RUN_PROGRAM=true), and without it there is no
 * session for them: see docs/admin-access.md.
 *
 * `options.dependsOn` is passed on to the host: name the endpoints there without which it cannot be reached.
 */
export class AdminAccess extends ComponentResource {
  /**
   * The address of the database as seen from the machine that deploys. The certificate is for the database's own name, not for
   * 127.0.0.1, so its authority is verified and its name is not: the session fixes what is at the other end.
   */
  readonly connection: Connection;
  readonly instanceId: Output<string>;
  /** The name of the SSM document with which people open a shell session that is logged. */
  readonly sessionDocument: Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: AdminAccessArgs,
    options: ComponentResourceOptions = {},
  ) {
    super("markenmate:components:AdminAccess", name, {}, options);
    const group = this.securityGroup();
    const logs = this.logGroup();
    const { profile, permissions } = this.instanceProfile(logs);
    // The host is made after these and destroyed before them: the last session needs every one of them.
    const needed = [...this.rules(group), ...permissions, ...asList(options.dependsOn)];
    const host = this.host(group, profile, needed);
    this.instanceId = host.id;
    this.sessionDocument = this.document(logs).name;
    this.connection = this.connect(host);
    this.registerOutputs({ instanceId: this.instanceId, sessionDocument: this.sessionDocument });
  }

  private securityGroup(): aws.ec2.SecurityGroup {
    const { vpcId, tags } = this.args;
    const name = `${this.name}-admin`;
    return new aws.ec2.SecurityGroup(
      name,
      { vpcId, description: "Administration: nobody in, to the database out", tags: { ...tags, Name: name } },
      { parent: this },
    );
  }

  private rules(group: aws.ec2.SecurityGroup): Resource[] {
    const { databaseSecurityGroupId, endpointSecurityGroupId, databasePort, tags } = this.args;
    const peers = [
      { to: "database", other: databaseSecurityGroupId, port: databasePort, what: "PostgreSQL" },
      { to: "endpoints", other: endpointSecurityGroupId, port: 443, what: "Systems Manager and logs" },
    ];
    return peers.flatMap(({ to, other, port, what }) => {
      const rule = { ipProtocol: "tcp", fromPort: port, toPort: port, tags };
      return [
        new aws.vpc.SecurityGroupEgressRule(
          `${this.name}-admin-to-${to}`,
          {
            ...rule,
            securityGroupId: group.id,
            referencedSecurityGroupId: other,
            description: `Administration to ${what}`,
          },
          { parent: this },
        ),
        new aws.vpc.SecurityGroupIngressRule(
          `${this.name}-${to}-from-admin`,
          {
            ...rule,
            securityGroupId: other,
            referencedSecurityGroupId: group.id,
            description: `${what} from administration`,
          },
          { parent: this },
        ),
      ];
    });
  }

  private logGroup(): aws.cloudwatch.LogGroup {
    const { logsKeyArn, logRetentionDays, tags } = this.args;
    return new aws.cloudwatch.LogGroup(
      `${this.name}-admin-sessions`,
      { name: `/${this.name}/admin-sessions`, kmsKeyId: logsKeyArn, retentionInDays: logRetentionDays, tags },
      { parent: this },
    );
  }

  /** The host's rights: Systems Manager manages it, and it writes the log of shell sessions. It reads no logs, secrets or anything else. */
  private instanceProfile(logs: aws.cloudwatch.LogGroup) {
    const name = `${this.name}-admin`;
    const role = new aws.iam.Role(
      name,
      {
        description: "The host for administration",
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
        }),
        tags: this.args.tags,
      },
      { parent: this },
    );
    const managed = new aws.iam.RolePolicyAttachment(
      name,
      { role: role.name, policyArn: aws.iam.ManagedPolicy.AmazonSSMManagedInstanceCore },
      { parent: this },
    );
    const write = new aws.iam.RolePolicy(
      `${name}-sessions`,
      {
        role: role.name,
        policy: jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "WriteSessions",
              Effect: "Allow",
              Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
              Resource: [logs.arn, interpolate`${logs.arn}:*`],
            },
            {
              // The agent makes sure that the group is encrypted before it writes. Names and settings of groups, no logs;
              // IAM knows no narrower resource for this call.
              Sid: "SeeThatLogsAreEncrypted",
              Effect: "Allow",
              Action: "logs:DescribeLogGroups",
              Resource: logs.arn.apply((arn) => arn.replace(/:log-group:.*/, ":log-group:*")),
            },
          ],
        }),
      },
      { parent: this },
    );
    const profile = new aws.iam.InstanceProfile(name, { role: role.name, tags: this.args.tags }, { parent: this });
    return { profile, permissions: [managed, write] };
  }

  /**
   * The SSM document with which people open a shell on the host. AWS can log what is typed in a shell, but not what goes through a
   * forwarded port, which is TLS between the client and PostgreSQL: for those sessions CloudTrail records who opened them, when
   * and to where, and PostgreSQL's own log what was done.
   */
  private document(logs: aws.cloudwatch.LogGroup): aws.ssm.Document {
    return new aws.ssm.Document(
      `${this.name}-admin-shell`,
      {
        name: `${this.name}-admin-shell`,
        documentType: "Session",
        documentFormat: "JSON",
        content: jsonStringify({
          schemaVersion: "1.0",
          description: "A shell on the host for administration, logged",
          sessionType: "Standard_Stream",
          inputs: {
            cloudWatchLogGroupName: logs.name,
            cloudWatchEncryptionEnabled: true,
            cloudWatchStreamingEnabled: true,
            s3BucketName: "",
            s3KeyPrefix: "",
            s3EncryptionEnabled: true,
            kmsKeyId: "",
            runAsEnabled: false,
            runAsDefaultUser: "",
            idleSessionTimeout: SHELL_IDLE_MINUTES,
            maxSessionDuration: SHELL_LONGEST_MINUTES,
            shellProfile: { linux: "", windows: "" },
          },
        }),
        tags: this.args.tags,
      },
      { parent: this },
    );
  }

  private host(group: aws.ec2.SecurityGroup, profile: aws.iam.InstanceProfile, needed: Input<Resource>[]) {
    const name = `${this.name}-admin`;
    const { subnetId, diskKeyArn, tags } = this.args;
    return new aws.ec2.Instance(
      name,
      {
        ami: aws.ssm.getParameterOutput({ name: AMI_PARAMETER }, { parent: this }).insecureValue,
        instanceType: "t4g.nano",
        subnetId,
        vpcSecurityGroupIds: [group.id],
        associatePublicIpAddress: false,
        iamInstanceProfile: profile.name,
        // A hop limit of 1 keeps the tokens from whatever forwards packets on the host.
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        rootBlockDevice: { encrypted: true, kmsKeyId: diskKeyArn, volumeType: "gp3", deleteOnTermination: true, tags },
        // Its work is next to nothing; the type's default would bill for bursts.
        creditSpecification: { cpuCredits: "standard" },
        tags: { ...tags, Name: name },
      },
      // AWS publishes a new image every few weeks; it must not replace the host in the midst of something else.
      { parent: this, dependsOn: needed, ignoreChanges: ["ami"] },
    );
  }

  private connect(host: aws.ec2.Instance): Connection {
    const { database, localPort, open = openPortForwarding } = this.args;
    const localEnd = all([host.id, host.arn, database.host, database.port]).apply(
      async ([instanceId, arn, databaseHost, port]: [string | undefined, string, string, number]) => {
        // `pulumi up --target` may have left the host out, and with it all that would log in.
        if (!runtime.isDryRun() && instanceId && databaseHost) {
          await open(
            {
              instanceId,
              region: arn.split(":")[3] ?? "",
              host: databaseHost,
              port,
              localPort,
              profile: aws.config.profile,
            },
            {
              log: (line) => void log.info(line, this).catch(() => undefined),
              warn: (line) => void log.warn(line, this).catch(() => undefined),
            },
          );
        }
        return localPort;
      },
    );
    return { host: localEnd.apply(() => LOOPBACK), port: localEnd, sslmode: "verify-ca" };
  }
}

function asList(resources: ComponentResourceOptions["dependsOn"]): Input<Resource>[] {
  if (resources === undefined) {
    return [];
  }
  return Array.isArray(resources) ? resources : [resources as Input<Resource>];
}
