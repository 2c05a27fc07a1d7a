import {
  CreateSubnetCommand,
  DeleteSubnetCommand,
  DescribeSubnetsCommand,
  ModifySubnetAttributeCommand,
  ModifySubnetAttributeCommandInput,
  waitUntilSubnetAvailable,
} from "@aws-sdk/client-ec2";
import { Values } from "../protocol/model";
import { ec2Arn } from "./arn";
import { AwsClients } from "./clients";
import { tagEc2, tagMap, tagSpecification } from "./ec2-tags";
import { GAPS } from "./emulator-gaps";
import { retryWhile, unlessMissing } from "./errors";
import { awsResource, each, unmodelled } from "./resource";

/** Properties that ModifySubnetAttribute changes, one a call, with the state that a new subnet has. */
const SWITCHES: [string, keyof ModifySubnetAttributeCommandInput][] = [
  ["mapPublicIpOnLaunch", "MapPublicIpOnLaunch"],
  ["assignIpv6AddressOnCreation", "AssignIpv6AddressOnCreation"],
  ["enableDns64", "EnableDns64"],
  ["enableResourceNameDnsARecordOnLaunch", "EnableResourceNameDnsARecordOnLaunch"],
  ["enableResourceNameDnsAaaaRecordOnLaunch", "EnableResourceNameDnsAAAARecordOnLaunch"],
];

async function modify({ ec2 }: AwsClients, id: string, inputs: Values, names: string[]): Promise<void> {
  for (const [property, request] of SWITCHES) {
    if (names.includes(property)) {
      const value = { Value: Boolean(inputs[property]) };
      await ec2.send(new ModifySubnetAttributeCommand({ SubnetId: id, [request]: value }));
    }
  }
  if (names.includes("privateDnsHostnameTypeOnLaunch") && inputs.privateDnsHostnameTypeOnLaunch) {
    const type = { PrivateDnsHostnameTypeOnLaunch: inputs.privateDnsHostnameTypeOnLaunch };
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId: id, ...type }));
  }
}

/** `aws_subnet`, internal/service/ec2/vpc_subnet.go; IPv4 with a range of its own. */
export const subnet = awsResource({
  title: "EC2 Subnet",
  properties: {
    vpcId: { required: true, forceNew: true },
    cidrBlock: { required: true, forceNew: true },
    availabilityZone: { computed: true, forceNew: true },
    availabilityZoneId: { computed: true, forceNew: true },
    ...Object.fromEntries(SWITCHES.map(([property]) => [property, { default: false }])),
    privateDnsHostnameTypeOnLaunch: { computed: true },
    ipv6Native: { default: false, forceNew: true },
    ...unmodelled("customerOwnedIpv4Pool", "enableLniAtDeviceIndex", "ipv4IpamPoolId", "ipv4NetmaskLength"),
    ...unmodelled("ipv6CidrBlock", "ipv6IpamPoolId", "ipv6NetmaskLength", "mapCustomerOwnedIpOnLaunch", "outpostArn"),
    ...each({ output: true }, "arn", "ownerId", "ipv6CidrBlockAssociationId"),
  },
  gaps: GAPS.subnet,
  tag: tagEc2,

  check: ({ availabilityZone, availabilityZoneId }) =>
    availabilityZone && availabilityZoneId
      ? [{ property: "availabilityZone", reason: `"availabilityZone": conflicts with availabilityZoneId` }]
      : [],

  create: async ({ ec2 }, inputs) => {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId: inputs.vpcId,
        CidrBlock: inputs.cidrBlock,
        AvailabilityZone: inputs.availabilityZone,
        AvailabilityZoneId: inputs.availabilityZoneId,
        ...(inputs.ipv6Native ? { Ipv6Native: true } : {}),
        ...tagSpecification("subnet", inputs.tagsAll),
      }),
    );
    return Subnet?.SubnetId as string;
  },

  complete: async (clients, id, inputs) => {
    await waitUntilSubnetAvailable({ client: clients.ec2, maxWaitTime: 300, minDelay: 1 }, { SubnetIds: [id] });
    const different = Object.keys(inputs).filter((name) => inputs[name] !== false);
    await modify(clients, id, inputs, different);
  },

  read: async (clients, id) => {
    const found = await unlessMissing(
      clients.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [id] })),
      ...["InvalidSubnetID.NotFound", "InvalidSubnetID.Malformed"],
    );
    const it = found?.Subnets?.[0];
    const names = it?.PrivateDnsNameOptionsOnLaunch;
    return (
      it && {
        arn: ec2Arn(clients.region, it.OwnerId, `subnet/${id}`),
        vpcId: it.VpcId,
        cidrBlock: it.CidrBlock,
        availabilityZone: it.AvailabilityZone,
        availabilityZoneId: it.AvailabilityZoneId,
        mapPublicIpOnLaunch: it.MapPublicIpOnLaunch ?? false,
        assignIpv6AddressOnCreation: it.AssignIpv6AddressOnCreation ?? false,
        enableDns64: it.EnableDns64 ?? false,
        enableResourceNameDnsARecordOnLaunch: names?.EnableResourceNameDnsARecord ?? false,
        enableResourceNameDnsAaaaRecordOnLaunch: names?.EnableResourceNameDnsAAAARecord ?? false,
        privateDnsHostnameTypeOnLaunch: names?.HostnameType,
        ipv6Native: it.Ipv6Native ?? false,
        ownerId: it.OwnerId,
        tagsAll: tagMap(it.Tags),
      }
    );
  },

  update: (clients, id, _before, inputs, changed) => modify(clients, id, inputs, changed),

  delete: ({ ec2 }, id) =>
    unlessMissing(
      retryWhile(["DependencyViolation"], () => ec2.send(new DeleteSubnetCommand({ SubnetId: id }))),
      "InvalidSubnetID.NotFound",
    ),
});
