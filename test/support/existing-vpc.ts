import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";

/** A VPC that somebody has made without Pulumi, with private subnets and a public one. */
export interface ExistingVpc {
  vpcId: string;
  /** In two zones. */
  privateSubnetIds: string[];
  publicSubnetId: string;
  /** Without a route table of its own. */
  plainSubnetId: string;
  internetGatewayId: string;
  endpointSecurityGroupId: string;
}

const REGION = "eu-central-1";

async function subnet(ec2: EC2Client, VpcId: string, CidrBlock: string, zone: string): Promise<string> {
  const { Subnet } = await ec2.send(
    new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone: `${REGION}${zone}` }),
  );
  return Subnet?.SubnetId as string;
}

async function routeTable(ec2: EC2Client, VpcId: string, subnetIds: string[], GatewayId?: string): Promise<void> {
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable?.RouteTableId as string;
  if (GatewayId) {
    await ec2.send(new CreateRouteCommand({ RouteTableId, GatewayId, DestinationCidrBlock: "0.0.0.0/0" }));
  }
  for (const SubnetId of subnetIds) {
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
  }
}

export async function makeVpc(prefix: string): Promise<ExistingVpc> {
  const ec2 = new EC2Client({});
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: `${prefix}.0.0/16` }));
  const vpcId = Vpc?.VpcId as string;
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const internetGatewayId = InternetGateway?.InternetGatewayId as string;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: internetGatewayId }));
  const privateSubnetIds = [
    await subnet(ec2, vpcId, `${prefix}.1.0/24`, "a"),
    await subnet(ec2, vpcId, `${prefix}.2.0/24`, "b"),
  ];
  const publicSubnetId = await subnet(ec2, vpcId, `${prefix}.3.0/24`, "a");
  const plainSubnetId = await subnet(ec2, vpcId, `${prefix}.4.0/24`, "b");
  await routeTable(ec2, vpcId, privateSubnetIds);
  await routeTable(ec2, vpcId, [publicSubnetId], internetGatewayId);
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId: vpcId, GroupName: "endpoints", Description: "Endpoints" }),
  );
  const endpointSecurityGroupId = GroupId as string;
  return { vpcId, privateSubnetIds, publicSubnetId, plainSubnetId, internetGatewayId, endpointSecurityGroupId };
}
