import {
  CreateVpcCommand,
  DeleteVpcCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  ModifyVpcAttributeCommand,
  ModifyVpcAttributeCommandInput,
  VpcAttributeName,
  waitUntilVpcAvailable,
} from "@aws-sdk/client-ec2";
import { Values } from "../protocol/model";
import { ec2Arn } from "./arn";
import { AwsClients } from "./clients";
import { tagEc2, tagMap, tagSpecification } from "./ec2-tags";
import { GAPS } from "./emulator-gaps";
import { retryWhile, unlessMissing } from "./errors";
import { awsResource, each, unmodelled } from "./resource";

/** Each is read and changed by a call of its own: property, its name for reading, its name for changing. */
const ATTRIBUTES: [string, VpcAttributeName, keyof ModifyVpcAttributeCommandInput][] = [
  ["enableDnsSupport", "enableDnsSupport", "EnableDnsSupport"],
  ["enableDnsHostnames", "enableDnsHostnames", "EnableDnsHostnames"],
  ["enableNetworkAddressUsageMetrics", "enableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics"],
];

async function setAttributes(clients: AwsClients, id: string, inputs: Values, names: string[]): Promise<void> {
  for (const [property, , request] of ATTRIBUTES) {
    if (names.includes(property) && inputs[property] !== undefined) {
      await clients.ec2.send(new ModifyVpcAttributeCommand({ VpcId: id, [request]: { Value: inputs[property] } }));
    }
  }
}

async function attributes(clients: AwsClients, id: string): Promise<Values> {
  const values = ATTRIBUTES.map(async ([property, name]): Promise<[string, unknown]> => {
    const answer = await clients.ec2.send(new DescribeVpcAttributeCommand({ VpcId: id, Attribute: name }));
    return [property, (answer as Values)[`${name[0]?.toUpperCase()}${name.slice(1)}`]?.Value];
  });
  return Object.fromEntries(await Promise.all(values));
}

/** What AWS makes together with a VPC. */
async function companions({ ec2 }: AwsClients, id: string): Promise<Values> {
  const inVpc = { Name: "vpc-id", Values: [id] };
  const [groups, tables, acls] = await Promise.all([
    ec2.send(new DescribeSecurityGroupsCommand({ Filters: [inVpc, { Name: "group-name", Values: ["default"] }] })),
    ec2.send(new DescribeRouteTablesCommand({ Filters: [inVpc, { Name: "association.main", Values: ["true"] }] })),
    ec2.send(new DescribeNetworkAclsCommand({ Filters: [inVpc, { Name: "default", Values: ["true"] }] })),
  ]);
  const mainTable = tables.RouteTables?.[0]?.RouteTableId;
  return {
    defaultSecurityGroupId: groups.SecurityGroups?.[0]?.GroupId,
    // Terraform has both names; the second is the main table at the time of creation, which AWS does not remember.
    mainRouteTableId: mainTable,
    defaultRouteTableId: mainTable,
    defaultNetworkAclId: acls.NetworkAcls?.[0]?.NetworkAclId,
  };
}

/** `aws_vpc`, internal/service/ec2/vpc_.go; IPv4 with a range of its own. */
export const vpc = awsResource({
  title: "EC2 VPC",
  properties: {
    cidrBlock: { required: true, forceNew: true },
    enableDnsSupport: { default: true },
    enableDnsHostnames: { computed: true },
    enableNetworkAddressUsageMetrics: { computed: true },
    instanceTenancy: { default: "default" },
    ...unmodelled("assignGeneratedIpv6CidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength", "ipv6CidrBlock"),
    ...unmodelled("ipv6CidrBlockNetworkBorderGroup", "ipv6IpamPoolId", "ipv6NetmaskLength"),
    ...each({ output: true }, "arn", "ownerId", "dhcpOptionsId", "defaultSecurityGroupId", "mainRouteTableId"),
    ...each({ output: true }, "defaultRouteTableId", "defaultNetworkAclId"),
  },
  gaps: GAPS.vpc,
  tag: tagEc2,

  // resourceVPCCustomizeDiff: only from dedicated to default can a VPC be changed.
  replaceWhen: (before, after) =>
    before.instanceTenancy === "default" && after.instanceTenancy === "dedicated" ? ["instanceTenancy"] : [],

  create: async ({ ec2 }, inputs) => {
    const { Vpc } = await ec2.send(
      new CreateVpcCommand({
        CidrBlock: inputs.cidrBlock,
        InstanceTenancy: inputs.instanceTenancy,
        ...tagSpecification("vpc", inputs.tagsAll),
      }),
    );
    return Vpc?.VpcId as string;
  },

  complete: async (clients, id, inputs) => {
    await waitUntilVpcAvailable({ client: clients.ec2, maxWaitTime: 300, minDelay: 1 }, { VpcIds: [id] });
    await setAttributes(clients, id, inputs, Object.keys(inputs));
  },

  read: async (clients, id, state) => {
    const found = await unlessMissing(
      clients.ec2.send(new DescribeVpcsCommand({ VpcIds: [id] })),
      ...["InvalidVpcID.NotFound", "InvalidVpcID.Malformed"],
    );
    const it = found?.Vpcs?.[0];
    if (!it) {
      return undefined;
    }
    const related = await companions(clients, id);
    return {
      arn: ec2Arn(clients.region, it.OwnerId, `vpc/${id}`),
      cidrBlock: it.CidrBlock,
      instanceTenancy: it.InstanceTenancy,
      ownerId: it.OwnerId,
      dhcpOptionsId: it.DhcpOptionsId,
      ...(await attributes(clients, id)),
      ...related,
      ...(state.defaultRouteTableId ? { defaultRouteTableId: state.defaultRouteTableId } : {}),
      tagsAll: tagMap(it.Tags),
    };
  },

  update: (clients, id, _before, inputs, changed) => setAttributes(clients, id, inputs, changed),

  delete: ({ ec2 }, id) =>
    unlessMissing(
      retryWhile(["DependencyViolation"], () => ec2.send(new DeleteVpcCommand({ VpcId: id }))),
      "InvalidVpcID.NotFound",
    ),
});
