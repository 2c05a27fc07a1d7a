import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { Account } from "../../model/aws/account";
import { findPrefixList } from "../network/endpoints";
import { Tags } from "../../model/aws/tags";

export interface BackupTaskNetworkArgs {
  account: Account;
  vpcId: Output<string>;
  databaseSecurityGroupId: Output<string>;
  endpointSecurityGroupId: Output<string>;
  databasePort: number;
  tags: Tags;
}

const HTTPS = 443;

/**
 * The security groups of the backup tasks. Every task reaches the endpoints of AWS services, the dump also the database; nobody reaches
 * the tasks.
 */
export class BackupTaskNetwork extends ComponentResource {
  readonly tasksSecurityGroupId: Output<string>;
  /** The additional group of the task that dumps. */
  readonly dumpSecurityGroupId: Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: BackupTaskNetworkArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:BackupTaskNetwork", name, {}, options);
    const { databaseSecurityGroupId, endpointSecurityGroupId, databasePort } = args;
    this.tasksSecurityGroupId = this.securityGroup(
      "backup-tasks",
      "Tasks about backups: nobody in, to AWS services out",
    );
    this.dumpSecurityGroupId = this.securityGroup("backup-dump", "The task that dumps: to the database out");
    this.letOut("backup-tasks", this.tasksSecurityGroupId, "endpoints", endpointSecurityGroupId, HTTPS);
    this.letOut("backup-dump", this.dumpSecurityGroupId, "database", databaseSecurityGroupId, databasePort);
    this.letOutToS3();
    this.registerOutputs({});
  }

  private securityGroup(kind: string, description: string): Output<string> {
    const name = `${this.name}-${kind}`;
    const { vpcId, tags } = this.args;
    return new aws.ec2.SecurityGroup(name, { vpcId, description, tags: { ...tags, Name: name } }, { parent: this }).id;
  }

  private letOut(from: string, source: Output<string>, to: string, target: Output<string>, port: number) {
    const rule = { ipProtocol: "tcp", fromPort: port, toPort: port, tags: this.args.tags };
    new aws.vpc.SecurityGroupEgressRule(
      `${this.name}-${from}-to-${to}`,
      { ...rule, securityGroupId: source, referencedSecurityGroupId: target, description: `Backups to ${to}` },
      { parent: this },
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${this.name}-${to}-from-${from}`,
      { ...rule, securityGroupId: target, referencedSecurityGroupId: source, description: `Backups to ${to}` },
      { parent: this },
    );
  }

  private letOutToS3() {
    new aws.vpc.SecurityGroupEgressRule(
      `${this.name}-backup-tasks-to-s3`,
      {
        ipProtocol: "tcp",
        fromPort: HTTPS,
        toPort: HTTPS,
        tags: this.args.tags,
        securityGroupId: this.tasksSecurityGroupId,
        prefixListId: findPrefixList("s3", this.args.account, this),
        description: "Backups to S3",
      },
      { parent: this },
    );
  }
}
