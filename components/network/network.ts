import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, output, Output, Resource } from "@pulumi/pulumi";
import { Account } from "../../model/aws/account";
import { Endpoints } from "./endpoints";
import { NetworkSettings } from "../../model/settings/network";
import { Tags } from "../../model/aws/tags";
import { Vpc } from "./vpc";

export interface NetworkArgs {
  account: Account;
  settings: NetworkSettings;
  /** The port on which the application reaches the database. */
  databasePort: number;
  /** Services that need an endpoint besides those in `settings.endpoints`, by AWS's short names. */
  services: string[];
  logsKeyArn: Output<string>;
  logRetentionDays: number;
  tags: Tags;
}

/**
 * The network of the database: a VPC of the stack's own, or an existing one, which is left as it is. The database's
 * security group lets in members of the application's group and the administrators' ranges, on one port, and lets
 * nothing out (guide: "Network Security"; FSBP EC2.18, EC2.19).
 */
export class Network extends ComponentResource {
  readonly vpcId: Output<string>;
  readonly databaseSubnetIds: Output<string>[];
  /** The subnets of the admin host and the tasks; in an existing VPC those of the database. */
  readonly operationsSubnetIds: Output<string>[];
  readonly databaseSecurityGroupId: Output<string>;
  /** The security group to attach to whatever runs the application; its only rules let it out to the database and to endpoints. */
  readonly applicationSecurityGroupId: Output<string>;
  /** The security group of the endpoints, if there are any. */
  readonly endpointSecurityGroupId: Output<string> | undefined;
  /** The endpoints that the stack makes, for resources that depend on them. */
  readonly endpointsMade: Resource[];

  constructor(
    private readonly name: string,
    private readonly args: NetworkArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Network", name, {}, options);
    const { existing } = args.settings;
    const vpc = existing ? this.adopt(existing) : this.create();
    this.vpcId = vpc.id;
    this.databaseSubnetIds = vpc.databaseSubnetIds;
    this.operationsSubnetIds = vpc.operationsSubnetIds.length > 0 ? vpc.operationsSubnetIds : vpc.databaseSubnetIds;
    this.databaseSecurityGroupId = this.securityGroup("database", "PostgreSQL: from the application only");
    this.applicationSecurityGroupId = this.securityGroup("application", "Whatever may reach PostgreSQL");
    this.letApplicationIn();
    this.letAdministratorsIn();
    const endpoints = vpc instanceof Vpc ? this.endpoints(vpc) : undefined;
    this.endpointSecurityGroupId = vpc instanceof Vpc ? endpoints?.securityGroupId : vpc.endpointSecurityGroupId;
    this.endpointsMade = endpoints ? [endpoints] : [];
    this.registerOutputs({ vpcId: this.vpcId });
  }

  private services(): string[] {
    const { settings, services } = this.args;
    return [...new Set([...settings.endpoints, ...services])];
  }

  private create(): Vpc {
    const { settings, ...args } = this.args;
    return new Vpc(
      this.name,
      {
        ...args,
        cidr: settings.vpcCidr,
        availabilityZones: settings.availabilityZones,
        adminCidrs: settings.adminCidrs,
        hasOperations: this.services().length > 0,
        hasS3Endpoint: this.services().includes("s3"),
      },
      { parent: this },
    );
  }

  private adopt({ vpcId, databaseSubnetIds, endpointSecurityGroupId }: NonNullable<NetworkSettings["existing"]>) {
    return {
      id: output(vpcId),
      databaseSubnetIds: databaseSubnetIds.map((id) => output(id)),
      operationsSubnetIds: [],
      endpointSecurityGroupId: endpointSecurityGroupId === undefined ? undefined : output(endpointSecurityGroupId),
    };
  }

  private securityGroup(kind: string, description: string): Output<string> {
    const name = `${this.name}-${kind}`;
    const tags = { ...this.args.tags, Name: name };
    // Rules are resources of their own: mixed with inline ones, each would undo the other.
    return new aws.ec2.SecurityGroup(name, { vpcId: this.vpcId, description, tags }, { parent: this }).id;
  }

  private port() {
    const { databasePort, tags } = this.args;
    return { ipProtocol: "tcp", fromPort: databasePort, toPort: databasePort, tags };
  }

  private letApplicationIn() {
    new aws.vpc.SecurityGroupIngressRule(
      `${this.name}-database-from-application`,
      {
        ...this.port(),
        securityGroupId: this.databaseSecurityGroupId,
        referencedSecurityGroupId: this.applicationSecurityGroupId,
        description: "PostgreSQL from the application",
      },
      { parent: this },
    );
    new aws.vpc.SecurityGroupEgressRule(
      `${this.name}-application-to-database`,
      {
        ...this.port(),
        securityGroupId: this.applicationSecurityGroupId,
        referencedSecurityGroupId: this.databaseSecurityGroupId,
        description: "The application to PostgreSQL",
      },
      { parent: this },
    );
  }

  private letAdministratorsIn() {
    for (const cidrIpv4 of this.args.settings.adminCidrs) {
      new aws.vpc.SecurityGroupIngressRule(
        // Named by range, not by place in the list: removing one leaves the others alone.
        `${this.name}-database-from-${cidrIpv4.replace("/", "-")}`,
        {
          ...this.port(),
          securityGroupId: this.databaseSecurityGroupId,
          cidrIpv4,
          description: "PostgreSQL from administrators",
        },
        { parent: this },
      );
    }
  }

  private endpoints(vpc: Vpc): Endpoints | undefined {
    if (this.services().length === 0) {
      return undefined;
    }
    return new Endpoints(
      this.name,
      {
        ...this.args,
        vpcId: vpc.id,
        routeTableId: vpc.routeTableId,
        subnetIds: vpc.operationsSubnetIds,
        services: this.services(),
        applicationSecurityGroupId: this.applicationSecurityGroupId,
      },
      { parent: this },
    );
  }
}
