import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, Output, Resource } from "@pulumi/pulumi";
import { Account } from "../../model/aws/account";
import { FlowLogs } from "./flow-logs";
import { AclRule, databaseAcl, operationsAcl } from "../../model/network/acls";
import { databaseSubnets, operationsSubnets } from "../../model/network/subnets";
import { Tags } from "../../model/aws/tags";

export interface VpcArgs {
  account: Account;
  /** The address range, /16 to /24. Changing it replaces the VPC and everything in it. */
  cidr: string;
  /** The number of zones that get a subnet of each kind: 2 or 3. */
  availabilityZones: number;
  databasePort: number;
  /** The IPv4 ranges of a VPN that the network ACL lets in. */
  adminCidrs: string[];
  /** Whether there are subnets for endpoints and the admin host. */
  hasOperations: boolean;
  /** Whether S3's gateway endpoint has to get through the operations' network ACL. */
  hasS3Endpoint: boolean;
  logsKeyArn: Output<string>;
  logRetentionDays: number;
  tags: Tags;
}

/**
 * A VPC without a route to the internet: no internet gateway, no NAT, no public address (FSBP RDS.2, RDS.18, RDS.46, EC2.15),
 * with network ACLs (EC2.21) and flow logs (EC2.6).
 */
export class Vpc extends ComponentResource {
  readonly id: Output<string>;
  readonly databaseSubnetIds: Output<string>[];
  /** The subnets of endpoints, admin host and tasks; none where nothing needs them. */
  readonly operationsSubnetIds: Output<string>[];
  /** The route table of all subnets. It has no routes of its own, so only the VPC itself can be reached. */
  readonly routeTableId: Output<string>;
  private readonly zones: Output<string[]>;

  constructor(
    private readonly name: string,
    private readonly args: VpcArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Vpc", name, {}, options);
    const { cidr, availabilityZones, hasOperations: operations, databasePort, adminCidrs, hasS3Endpoint: s3 } = args;
    this.zones = aws.getAvailabilityZonesOutput({ state: "available" }, { parent: this }).names;
    this.id = this.vpc();
    this.routeTableId = this.isolatedRouteTable();
    this.databaseSubnetIds = this.subnets("database", databaseSubnets(cidr, availabilityZones));
    this.acl("database", this.databaseSubnetIds, databaseAcl(cidr, adminCidrs, databasePort));
    this.operationsSubnetIds = operations ? this.subnets("operations", operationsSubnets(cidr, availabilityZones)) : [];
    if (operations) {
      this.acl("operations", this.operationsSubnetIds, operationsAcl(cidr, s3));
    }
    new FlowLogs(name, { ...args, vpcId: this.id, retentionDays: args.logRetentionDays }, { parent: this });
    this.registerOutputs({ id: this.id });
  }

  private vpc(): Output<string> {
    const { cidr, tags } = this.args;
    const vpc = new aws.ec2.Vpc(
      this.name,
      { cidrBlock: cidr, enableDnsSupport: true, enableDnsHostnames: true, tags: { ...tags, Name: this.name } },
      { parent: this },
    );
    // The group that AWS makes lets its members talk to each other; without rules it lets nobody (FSBP EC2.2).
    new aws.ec2.DefaultSecurityGroup(`${this.name}-default`, { vpcId: vpc.id, tags }, { parent: this });
    return vpc.id;
  }

  private isolatedRouteTable(): Output<string> {
    const name = `${this.name}-isolated`;
    const tags = { ...this.args.tags, Name: name };
    return new aws.ec2.RouteTable(name, { vpcId: this.id, tags }, { parent: this }).id;
  }

  private subnets(kind: string, cidrs: string[]): Output<string>[] {
    return cidrs.map((cidrBlock, index) => {
      const name = `${this.name}-${kind}-${index + 1}`;
      const subnet = new aws.ec2.Subnet(
        name,
        {
          vpcId: this.id,
          cidrBlock,
          availabilityZone: this.zones.apply((names) => names[index] as string),
          mapPublicIpOnLaunch: false,
          tags: { ...this.args.tags, Name: name },
        },
        { parent: this },
      );
      const association = { subnetId: subnet.id, routeTableId: this.routeTableId };
      new aws.ec2.RouteTableAssociation(name, association, { parent: this });
      return subnet.id;
    });
  }

  private acl(kind: string, subnetIds: Output<string>[], rules: AclRule[]): Resource {
    const name = `${this.name}-${kind}`;
    const tags = { ...this.args.tags, Name: name };
    const acl = new aws.ec2.NetworkAcl(name, { vpcId: this.id, subnetIds, tags }, { parent: this });
    for (const { name: rule, ...properties } of rules) {
      new aws.ec2.NetworkAclRule(
        `${name}-${rule}`,
        { ...properties, networkAclId: acl.id, protocol: "tcp", ruleAction: "allow" },
        // A list has one rule of each number: the new one would be refused while the old one is there.
        { parent: this, deleteBeforeReplace: true },
      );
    }
    return acl;
  }
}
