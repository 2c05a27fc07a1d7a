import {
  AssociateRouteTableCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DescribeRouteTablesCommand,
  DisassociateRouteTableCommand,
  ReplaceRouteCommand,
  ReplaceRouteTableAssociationCommand,
  Route,
  RouteTableAssociation,
} from "@aws-sdk/client-ec2";
import { Values } from "../protocol/model";
import { isEmpty } from "../protocol/values";
import { ec2Arn } from "./arn";
import { AwsClients } from "./clients";
import { tagEc2, tagMap, tagSpecification } from "./ec2-tags";
import { retryWhile, unlessMissing } from "./errors";
import { awsResource, each, unmodelled } from "./resource";

const DESTINATIONS = {
  cidrBlock: "DestinationCidrBlock",
  ipv6CidrBlock: "DestinationIpv6CidrBlock",
  destinationPrefixListId: "DestinationPrefixListId",
} as const;

const TARGETS = {
  carrierGatewayId: "CarrierGatewayId",
  coreNetworkArn: "CoreNetworkArn",
  egressOnlyGatewayId: "EgressOnlyInternetGatewayId",
  gatewayId: "GatewayId",
  localGatewayId: "LocalGatewayId",
  natGatewayId: "NatGatewayId",
  networkInterfaceId: "NetworkInterfaceId",
  transitGatewayId: "TransitGatewayId",
  vpcPeeringConnectionId: "VpcPeeringConnectionId",
} as const;

/** A route without its empty fields: for Terraform an empty field is none. */
const withoutEmpty = (route: Values): Values =>
  Object.fromEntries(Object.entries(route).filter(([, value]) => !isEmpty(value)));

function request(route: Values, names: Record<string, string>): Values {
  const given = Object.entries(names).filter(([property]) => !isEmpty(route[property]));
  return Object.fromEntries(given.map(([property, name]) => [name, route[property]]));
}

const destination = (route: Values) => JSON.stringify(request(route, DESTINATIONS));
const target = (route: Values) => JSON.stringify(request(route, TARGETS));

/** The way inside the VPC, and what gateways and endpoints put in themselves, is nobody's to manage (flattenRoutes). */
function isOwn(route: Route): boolean {
  const byItself = route.GatewayId === "local" || route.GatewayId?.startsWith("vpce-");
  return !byItself && route.Origin !== "EnableVgwRoutePropagation";
}

function routeValues(route: Route): Values {
  const fields = Object.entries({ ...DESTINATIONS, ...TARGETS });
  return withoutEmpty(Object.fromEntries(fields.map(([property, name]) => [property, (route as Values)[name]])));
}

async function setRoutes({ ec2 }: AwsClients, id: string, before: Values[], after: Values[]): Promise<void> {
  for (const old of before) {
    if (!after.some((route) => destination(route) === destination(old))) {
      await ec2.send(new DeleteRouteCommand({ RouteTableId: id, ...request(old, DESTINATIONS) }));
    }
  }
  for (const route of after) {
    const old = before.find((candidate) => destination(candidate) === destination(route));
    const input = { RouteTableId: id, ...request(route, { ...DESTINATIONS, ...TARGETS }) };
    if (!old) {
      await ec2.send(new CreateRouteCommand(input));
    } else if (target(old) !== target(route)) {
      await ec2.send(new ReplaceRouteCommand(input));
    }
  }
}

const routeSet = (routes: unknown) =>
  ((routes ?? []) as Values[])
    .map((r) => destination(r) + target(r))
    .sort()
    .join();

/** `aws_route_table`, internal/service/ec2/vpc_route_table.go. */
export const routeTable = awsResource({
  title: "EC2 Route Table",
  properties: {
    vpcId: { required: true, forceNew: true },
    routes: { computed: true, set: true, same: (before, after) => routeSet(before) === routeSet(after) },
    ...unmodelled("propagatingVgws"),
    ...each({ output: true }, "arn", "ownerId"),
  },
  tag: tagEc2,

  create: async ({ ec2 }, inputs) => {
    const { RouteTable } = await ec2.send(
      new CreateRouteTableCommand({ VpcId: inputs.vpcId, ...tagSpecification("route-table", inputs.tagsAll) }),
    );
    return RouteTable?.RouteTableId as string;
  },

  complete: (clients, id, inputs) => setRoutes(clients, id, [], (inputs.routes ?? []) as Values[]),

  read: async (clients, id) => {
    const found = await unlessMissing(
      clients.ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [id] })),
      ...["InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed"],
    );
    const it = found?.RouteTables?.[0];
    return (
      it && {
        arn: ec2Arn(clients.region, it.OwnerId, `route-table/${id}`),
        vpcId: it.VpcId,
        ownerId: it.OwnerId,
        routes: (it.Routes ?? []).filter(isOwn).map(routeValues),
        tagsAll: tagMap(it.Tags),
      }
    );
  },

  update: async (clients, id, before, inputs, changed) => {
    if (changed.includes("routes")) {
      await setRoutes(clients, id, (before.routes ?? []) as Values[], (inputs.routes ?? []) as Values[]);
    }
  },

  delete: ({ ec2 }, id) =>
    unlessMissing(
      retryWhile(["DependencyViolation"], () => ec2.send(new DeleteRouteTableCommand({ RouteTableId: id }))),
      "InvalidRouteTableID.NotFound",
    ),
});

/**
 * The association that a subnet has: at most one. It is looked for by the subnet and not by its id, which AWS changes
 * when another table is associated, while Pulumi's id of the resource stays.
 */
async function findAssociation(
  { ec2 }: AwsClients,
  id: string,
  state: Values,
): Promise<RouteTableAssociation | undefined> {
  const subnetId = state.subnetId as string | undefined;
  const filter = subnetId
    ? { Name: "association.subnet-id", Values: [subnetId] }
    : { Name: "association.route-table-association-id", Values: [id] };
  const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters: [filter] }));
  return RouteTables.flatMap(({ Associations = [] }) => Associations).find((association) =>
    subnetId ? association.SubnetId === subnetId : association.RouteTableAssociationId === id,
  );
}

/** `aws_route_table_association`, internal/service/ec2/vpc_route_table_association.go; of subnets. Import by `subnet/table`. */
export const routeTableAssociation = awsResource({
  title: "EC2 Route Table Association",
  properties: {
    subnetId: { required: true, forceNew: true },
    routeTableId: { required: true },
    ...unmodelled("gatewayId"),
  },

  create: async ({ ec2 }, { subnetId, routeTableId }) => {
    const { AssociationId } = await retryWhile(["InvalidRouteTableID.NotFound"], () =>
      ec2.send(new AssociateRouteTableCommand({ SubnetId: subnetId, RouteTableId: routeTableId })),
    );
    return AssociationId as string;
  },

  importer: async (clients, id) => {
    const [, subnetId, routeTableId] = /^(subnet-[^/]+)\/(rtb-.+)$/.exec(id) ?? [];
    if (!subnetId) {
      throw new Error(`unexpected format for import: ${id}. Use 'subnet ID/route table ID'`);
    }
    const found = await findAssociation(clients, "", { subnetId });
    if (found?.RouteTableId !== routeTableId) {
      throw new Error(`no association found for route table ${routeTableId} and ${subnetId}`);
    }
    return { id: found?.RouteTableAssociationId as string, state: { subnetId } };
  },

  read: async (clients, id, state) => {
    const found = await findAssociation(clients, id, state);
    return found && { subnetId: found.SubnetId, routeTableId: found.RouteTableId };
  },

  update: async (clients, id, before, { routeTableId }) => {
    const AssociationId = (await findAssociation(clients, id, before))?.RouteTableAssociationId;
    await clients.ec2.send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId: routeTableId }));
  },

  delete: async (clients, id, state) => {
    const AssociationId = (await findAssociation(clients, id, state))?.RouteTableAssociationId;
    if (AssociationId) {
      await unlessMissing(
        clients.ec2.send(new DisassociateRouteTableCommand({ AssociationId })),
        "InvalidAssociationID.NotFound",
      );
    }
  },
});
