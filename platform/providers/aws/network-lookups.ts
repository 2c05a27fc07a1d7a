import {
  DescribePrefixListsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  Filter,
} from "@aws-sdk/client-ec2";
import { Values } from "../protocol/model";
import { ec2Arn } from "./arn";
import { AwsClients } from "./clients";
import { tagMap } from "./ec2-tags";

type Lookup = (clients: AwsClients, args: Values) => Promise<Values>;

const filtersOf = (args: Values): Filter[] =>
  ((args.filters ?? []) as Values[]).map(({ name, values }) => ({ Name: name as string, Values: values as string[] }));

const inVpc = ({ vpcId }: Values): Filter[] => (vpcId ? [{ Name: "vpc-id", Values: [vpcId as string] }] : []);

/** As the official provider's data sources put it when there is not exactly one. */
function single<Found>(found: Found[] | undefined, kind: string): Found {
  if (found?.length !== 1) {
    const many = (found?.length ?? 0) > 1;
    throw new Error(
      many
        ? `multiple ${kind}s matched; use additional constraints to reduce matches to a single ${kind}`
        : `no matching ${kind} found`,
    );
  }
  return found[0] as Found;
}

/** `aws_prefix_list`, internal/service/ec2/vpc_prefix_list_data_source.go. */
export const getPrefixList: Lookup = async ({ ec2 }, args) => {
  const byName = args.name ? [{ Name: "prefix-list-name", Values: [args.name as string] }] : [];
  const { PrefixLists } = await ec2.send(
    new DescribePrefixListsCommand({
      PrefixListIds: args.prefixListId ? [args.prefixListId as string] : undefined,
      Filters: [...byName, ...filtersOf(args)],
    }),
  );
  const it = single(PrefixLists, "EC2 Prefix List");
  return { ...args, id: it.PrefixListId, name: it.PrefixListName, cidrBlocks: [...(it.Cidrs ?? [])].sort() };
};

/** `aws_vpc`, internal/service/ec2/vpc_data_source.go. */
export const getVpc: Lookup = async ({ ec2, region }, args) => {
  const { Vpcs } = await ec2.send(
    new DescribeVpcsCommand({ VpcIds: args.id ? [args.id as string] : undefined, Filters: filtersOf(args) }),
  );
  const it = single(Vpcs, "EC2 VPC");
  return {
    id: it.VpcId,
    arn: ec2Arn(region, it.OwnerId, `vpc/${it.VpcId}`),
    cidrBlock: it.CidrBlock,
    default: it.IsDefault ?? false,
    dhcpOptionsId: it.DhcpOptionsId,
    instanceTenancy: it.InstanceTenancy,
    ownerId: it.OwnerId,
    state: it.State,
    tags: tagMap(it.Tags),
  };
};

/** `aws_subnet`, internal/service/ec2/vpc_subnet_data_source.go. */
export const getSubnet: Lookup = async ({ ec2, region }, args) => {
  const { Subnets } = await ec2.send(
    new DescribeSubnetsCommand({
      SubnetIds: args.id ? [args.id as string] : undefined,
      Filters: [...inVpc(args), ...filtersOf(args)],
    }),
  );
  const it = single(Subnets, "EC2 Subnet");
  return {
    id: it.SubnetId,
    arn: ec2Arn(region, it.OwnerId, `subnet/${it.SubnetId}`),
    vpcId: it.VpcId,
    cidrBlock: it.CidrBlock,
    availabilityZone: it.AvailabilityZone,
    availabilityZoneId: it.AvailabilityZoneId,
    mapPublicIpOnLaunch: it.MapPublicIpOnLaunch ?? false,
    ownerId: it.OwnerId,
    state: it.State,
    tags: tagMap(it.Tags),
  };
};

/** `aws_route_tables`, internal/service/ec2/vpc_route_tables_data_source.go. */
export const getRouteTables: Lookup = async ({ ec2, region }, args) => {
  const { RouteTables = [] } = await ec2.send(
    new DescribeRouteTablesCommand({ Filters: [...inVpc(args), ...filtersOf(args)] }),
  );
  return { ...args, id: region, ids: RouteTables.map(({ RouteTableId }) => RouteTableId) };
};

/** `aws_route_table`, internal/service/ec2/vpc_route_table_data_source.go: absent fields are empty text. */
export const getRouteTable: Lookup = async ({ ec2, region }, args) => {
  const { RouteTables } = await ec2.send(
    new DescribeRouteTablesCommand({
      RouteTableIds: args.routeTableId ? [args.routeTableId as string] : undefined,
      Filters: [
        ...inVpc(args),
        ...(args.subnetId ? [{ Name: "association.subnet-id", Values: [args.subnetId as string] }] : []),
        ...filtersOf(args),
      ],
    }),
  );
  const it = single(RouteTables, "EC2 Route Table");
  return {
    ...args,
    id: it.RouteTableId,
    routeTableId: it.RouteTableId,
    vpcId: it.VpcId,
    arn: ec2Arn(region, it.OwnerId, `route-table/${it.RouteTableId}`),
    ownerId: it.OwnerId,
    routes: (it.Routes ?? [])
      .filter(({ GatewayId }) => GatewayId !== "local" && !GatewayId?.startsWith("vpce-"))
      .map((route) => ({
        cidrBlock: route.DestinationCidrBlock ?? "",
        destinationPrefixListId: route.DestinationPrefixListId ?? "",
        ipv6CidrBlock: route.DestinationIpv6CidrBlock ?? "",
        gatewayId: route.GatewayId ?? "",
        natGatewayId: route.NatGatewayId ?? "",
        networkInterfaceId: route.NetworkInterfaceId ?? "",
        transitGatewayId: route.TransitGatewayId ?? "",
        vpcPeeringConnectionId: route.VpcPeeringConnectionId ?? "",
      })),
    associations: (it.Associations ?? []).map((association) => ({
      main: association.Main ?? false,
      subnetId: association.SubnetId ?? "",
      gatewayId: association.GatewayId ?? "",
      routeTableId: association.RouteTableId,
      routeTableAssociationId: association.RouteTableAssociationId,
    })),
    tags: tagMap(it.Tags),
  };
};
