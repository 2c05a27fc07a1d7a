import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { databaseSubnets } from "./subnets";

export interface NetworkArgs {
  /** Address range of the VPC, /16 to /24. Changing it replaces the VPC and everything in it. */
  vpcCidr: string;
  /** How many zones get a database subnet: 2 or 3. */
  availabilityZones: number;
  /** Port on which the application reaches the database. */
  databasePort: number;
  tags: Record<string, string>;
}

/**
 * A VPC whose database subnets lead nowhere: no internet gateway, no NAT, no public address (FSBP RDS.2, RDS.18,
 * RDS.46, EC2.15). The database's security group lets in members of the application's group on one port, and lets
 * nothing out (guide: "Network Security"; FSBP EC2.18, EC2.19).
 */
export class Network extends ComponentResource {
  readonly vpcId: Output<string>;
  readonly databaseSubnetIds: Output<string>[];
  readonly databaseSecurityGroupId: Output<string>;
  /** To be attached to whatever runs the application: it has no rules besides the way to the database. */
  readonly applicationSecurityGroupId: Output<string>;

  constructor(name: string, args: NetworkArgs, options?: ComponentResourceOptions) {
    super("markenmate:components:Network", name, {}, options);
    const vpc = this.vpc(name, args);
    this.vpcId = vpc.id;
    this.databaseSubnetIds = this.subnets(name, args, vpc).map((subnet) => subnet.id);
    const database = this.securityGroup(`${name}-database`, "PostgreSQL: from the application only", vpc, args);
    const application = this.securityGroup(`${name}-application`, "Whatever may reach PostgreSQL", vpc, args);
    this.connect(name, application, database, args);
    this.databaseSecurityGroupId = database.id;
    this.applicationSecurityGroupId = application.id;
    this.registerOutputs({ vpcId: this.vpcId });
  }

  private vpc(name: string, { vpcCidr, tags }: NetworkArgs): aws.ec2.Vpc {
    const vpc = new aws.ec2.Vpc(
      name,
      { cidrBlock: vpcCidr, enableDnsSupport: true, enableDnsHostnames: true, tags: { ...tags, Name: name } },
      { parent: this },
    );
    // The group that AWS makes lets its members talk to each other; without rules it lets nobody (FSBP EC2.2).
    new aws.ec2.DefaultSecurityGroup(`${name}-default`, { vpcId: vpc.id, tags }, { parent: this });
    return vpc;
  }

  private subnets(name: string, { vpcCidr, availabilityZones, tags }: NetworkArgs, vpc: aws.ec2.Vpc): aws.ec2.Subnet[] {
    const zones = aws.getAvailabilityZonesOutput({ state: "available" }, { parent: this });
    // A route table without routes of its own: only the VPC itself can be reached.
    const isolated = new aws.ec2.RouteTable(
      `${name}-isolated`,
      { vpcId: vpc.id, tags: { ...tags, Name: `${name}-isolated` } },
      { parent: this },
    );
    return databaseSubnets(vpcCidr, availabilityZones).map((cidrBlock, index) => {
      const subnetName = `${name}-database-${index + 1}`;
      const subnet = new aws.ec2.Subnet(
        subnetName,
        {
          vpcId: vpc.id,
          cidrBlock,
          availabilityZone: zones.names.apply((names) => names[index] as string),
          mapPublicIpOnLaunch: false,
          tags: { ...tags, Name: subnetName },
        },
        { parent: this },
      );
      new aws.ec2.RouteTableAssociation(
        subnetName,
        { subnetId: subnet.id, routeTableId: isolated.id },
        { parent: this },
      );
      return subnet;
    });
  }

  private securityGroup(name: string, description: string, vpc: aws.ec2.Vpc, { tags }: NetworkArgs) {
    // Rules are resources of their own: mixed with inline ones, each would undo the other.
    return new aws.ec2.SecurityGroup(
      name,
      { vpcId: vpc.id, description, tags: { ...tags, Name: name } },
      { parent: this },
    );
  }

  private connect(
    name: string,
    application: aws.ec2.SecurityGroup,
    database: aws.ec2.SecurityGroup,
    { databasePort, tags }: NetworkArgs,
  ) {
    const port = { ipProtocol: "tcp", fromPort: databasePort, toPort: databasePort, tags };
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-database-from-application`,
      {
        ...port,
        securityGroupId: database.id,
        referencedSecurityGroupId: application.id,
        description: "PostgreSQL from the application",
      },
      { parent: this },
    );
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-application-to-database`,
      {
        ...port,
        securityGroupId: application.id,
        referencedSecurityGroupId: database.id,
        description: "The application to PostgreSQL",
      },
      { parent: this },
    );
  }
}
