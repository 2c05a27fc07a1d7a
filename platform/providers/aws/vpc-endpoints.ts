import {
  CreateVpcEndpointCommand,
  DeleteVpcEndpointsCommand,
  DescribeVpcEndpointsCommand,
  ModifyVpcEndpointCommand,
} from "@aws-sdk/client-ec2";
import { Values } from "../protocol/model";
import { ec2Arn } from "./arn";
import { tagEc2, tagMap, tagSpecification } from "./ec2-tags";
import { GAPS } from "./emulator-gaps";
import { unlessMissing } from "./errors";
import { samePolicy, validPolicy } from "./policy";
import { awsResource, each, unmodelled } from "./resource";

/** Lists that ModifyVpcEndpoint changes by what comes and what goes. */
const LISTS = { routeTableIds: "RouteTableIds", subnetIds: "SubnetIds", securityGroupIds: "SecurityGroupIds" };

function listChanges(before: Values, inputs: Values, changed: string[]): Values {
  const entries = Object.entries(LISTS)
    .filter(([property]) => changed.includes(property))
    .flatMap(([property, name]) => {
      const [old, now] = [before[property] ?? [], inputs[property] ?? []] as [string[], string[]];
      return [
        [`Add${name}`, now.filter((id) => !old.includes(id))],
        [`Remove${name}`, old.filter((id) => !now.includes(id))],
      ] as [string, string[]][];
    });
  return Object.fromEntries(entries.filter(([, ids]) => ids.length > 0));
}

/** `aws_vpc_endpoint`, internal/service/ec2/vpc_endpoint.go; gateway and interface endpoints of AWS's services. */
export const vpcEndpoint = awsResource({
  title: "EC2 VPC Endpoint",
  properties: {
    vpcId: { required: true, forceNew: true },
    serviceName: { required: true, forceNew: true },
    vpcEndpointType: {
      default: "Gateway",
      forceNew: true,
      validate: (type: string) =>
        ["Gateway", "Interface"].includes(type) ? undefined : "the local aws provider has no model of this type",
    },
    policy: { computed: true, json: true, same: samePolicy, validate: validPolicy("policy") },
    ...each({ computed: true, set: true }, ...Object.keys(LISTS)),
    privateDnsEnabled: { computed: true },
    ...unmodelled("autoAccept", "dnsOptions", "ipAddressType", "resourceConfigurationArn", "serviceNetworkArn"),
    ...unmodelled("serviceRegion", "subnetConfigurations"),
    ...each({ output: true }, "arn", "ownerId", "requesterManaged", "state"),
  },
  gaps: GAPS.vpcEndpoint,
  tag: tagEc2,

  create: async ({ ec2 }, inputs) => {
    const { VpcEndpoint } = await ec2.send(
      new CreateVpcEndpointCommand({
        VpcId: inputs.vpcId,
        ServiceName: inputs.serviceName,
        VpcEndpointType: inputs.vpcEndpointType,
        PolicyDocument: inputs.policy,
        RouteTableIds: inputs.routeTableIds,
        SubnetIds: inputs.subnetIds,
        SecurityGroupIds: inputs.securityGroupIds,
        ...(inputs.vpcEndpointType === "Interface" ? { PrivateDnsEnabled: Boolean(inputs.privateDnsEnabled) } : {}),
        ...tagSpecification("vpc-endpoint", inputs.tagsAll),
      }),
    );
    return VpcEndpoint?.VpcEndpointId as string;
  },

  read: async (clients, id) => {
    const found = await unlessMissing(
      clients.ec2.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [id] })),
      "InvalidVpcEndpointId.NotFound",
    );
    const it = found?.VpcEndpoints?.[0];
    return (
      it && {
        arn: ec2Arn(clients.region, it.OwnerId, `vpc-endpoint/${id}`),
        vpcId: it.VpcId,
        serviceName: it.ServiceName,
        vpcEndpointType: it.VpcEndpointType,
        policy: it.PolicyDocument,
        routeTableIds: it.RouteTableIds ?? [],
        subnetIds: it.SubnetIds ?? [],
        securityGroupIds: (it.Groups ?? []).map(({ GroupId }) => GroupId),
        privateDnsEnabled: it.PrivateDnsEnabled ?? false,
        requesterManaged: it.RequesterManaged ?? false,
        ownerId: it.OwnerId,
        state: it.State,
        tagsAll: tagMap(it.Tags),
      }
    );
  },

  update: async ({ ec2 }, id, before, inputs, changed) => {
    const request = {
      ...listChanges(before, inputs, changed),
      ...(changed.includes("policy") ? { PolicyDocument: inputs.policy, ResetPolicy: !inputs.policy } : {}),
      ...(changed.includes("privateDnsEnabled") ? { PrivateDnsEnabled: Boolean(inputs.privateDnsEnabled) } : {}),
    };
    if (Object.keys(request).length > 0) {
      await ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId: id, ...request }));
    }
  },

  delete: ({ ec2 }, id) =>
    unlessMissing(ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] })), "InvalidVpcEndpointId.NotFound"),
});
