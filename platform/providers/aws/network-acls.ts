import {
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  DeleteNetworkAclCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  NetworkAcl,
  ReplaceNetworkAclAssociationCommand,
} from "@aws-sdk/client-ec2";
import { Values } from "../protocol/model";
import { ec2Arn } from "./arn";
import { AwsClients } from "./clients";
import { tagEc2, tagMap, tagSpecification } from "./ec2-tags";
import { GAPS } from "./emulator-gaps";
import { retryWhile, unlessMissing } from "./errors";
import { awsResource, each, unmodelled } from "./resource";

async function find({ ec2 }: AwsClients, id: string): Promise<NetworkAcl | undefined> {
  const found = await unlessMissing(
    ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [id] })),
    "InvalidNetworkAclID.NotFound",
  );
  return found?.NetworkAcls?.[0];
}

/** A subnet always has a list; to give it another one is to replace the association that it has. */
async function associate({ ec2 }: AwsClients, networkAclId: string, subnetIds: string[]): Promise<void> {
  for (const subnetId of subnetIds) {
    const { NetworkAcls = [] } = await ec2.send(
      new DescribeNetworkAclsCommand({ Filters: [{ Name: "association.subnet-id", Values: [subnetId] }] }),
    );
    const association = NetworkAcls.flatMap(({ Associations = [] }) => Associations).find(
      ({ SubnetId }) => SubnetId === subnetId,
    );
    if (association && association.NetworkAclId !== networkAclId) {
      await ec2.send(
        new ReplaceNetworkAclAssociationCommand({
          AssociationId: association.NetworkAclAssociationId,
          NetworkAclId: networkAclId,
        }),
      );
    }
  }
}

/** Subnets that lose their list get the VPC's default one. */
async function release(clients: AwsClients, vpcId: string, subnetIds: string[]): Promise<void> {
  if (subnetIds.length > 0) {
    const { NetworkAcls = [] } = await clients.ec2.send(
      new DescribeNetworkAclsCommand({
        Filters: [
          { Name: "vpc-id", Values: [vpcId] },
          { Name: "default", Values: ["true"] },
        ],
      }),
    );
    await associate(clients, NetworkAcls[0]?.NetworkAclId as string, subnetIds);
  }
}

const subnetsOf = (values: Values) => (values.subnetIds ?? []) as string[];

/** `aws_network_acl`, internal/service/ec2/vpc_network_acl.go; its rules are resources of their own here. */
export const networkAcl = awsResource({
  title: "EC2 Network ACL",
  properties: {
    vpcId: { required: true, forceNew: true },
    subnetIds: { computed: true, set: true },
    ...unmodelled("ingress", "egress"),
    ...each({ output: true }, "arn", "ownerId"),
  },
  gaps: GAPS.networkAcl,
  tag: tagEc2,

  create: async ({ ec2 }, inputs) => {
    const { NetworkAcl: made } = await ec2.send(
      new CreateNetworkAclCommand({ VpcId: inputs.vpcId, ...tagSpecification("network-acl", inputs.tagsAll) }),
    );
    return made?.NetworkAclId as string;
  },

  complete: (clients, id, inputs) => associate(clients, id, subnetsOf(inputs)),

  read: async (clients, id) => {
    const it = await find(clients, id);
    return (
      it && {
        arn: ec2Arn(clients.region, it.OwnerId, `network-acl/${id}`),
        vpcId: it.VpcId,
        ownerId: it.OwnerId,
        subnetIds: (it.Associations ?? []).map(({ SubnetId }) => SubnetId),
        tagsAll: tagMap(it.Tags),
      }
    );
  },

  update: async (clients, id, before, inputs, changed) => {
    if (changed.includes("subnetIds")) {
      const wanted = subnetsOf(inputs);
      await release(
        clients,
        before.vpcId as string,
        subnetsOf(before).filter((subnet) => !wanted.includes(subnet)),
      );
      await associate(clients, id, wanted);
    }
  },

  delete: async (clients, id, state) => {
    if (await find(clients, id)) {
      await release(clients, state.vpcId as string, subnetsOf(state));
      await unlessMissing(
        retryWhile(["DependencyViolation"], () => clients.ec2.send(new DeleteNetworkAclCommand({ NetworkAclId: id }))),
        "InvalidNetworkAclID.NotFound",
      );
    }
  },
});

/** Numbers of IANA; EC2 takes and returns nothing else. */
const PROTOCOLS: Record<string, string> = { all: "-1", icmp: "1", tcp: "6", udp: "17", icmpv6: "58" };
const protocolNumber = (protocol: unknown) => PROTOCOLS[protocol as string] ?? String(protocol);

/** `aws_network_acl_rule`, internal/service/ec2/vpc_network_acl_rule.go: every change replaces it. Import by `acl:number:protocol:egress`. */
export const networkAclRule = awsResource({
  title: "EC2 Network ACL Rule",
  properties: {
    networkAclId: { required: true, forceNew: true },
    ruleNumber: { required: true, forceNew: true },
    egress: { default: false, forceNew: true },
    protocol: {
      required: true,
      forceNew: true,
      same: (before, after) => protocolNumber(before) === protocolNumber(after),
    },
    ruleAction: {
      required: true,
      forceNew: true,
      validate: (action: string) =>
        /^(allow|deny)$/i.test(action)
          ? undefined
          : `expected rule_action to be one of ["allow" "deny"], got ${action}`,
    },
    ...each({ forceNew: true }, "cidrBlock", "fromPort", "toPort"),
    ...unmodelled("ipv6CidrBlock", "icmpType", "icmpCode"),
  },

  check: ({ cidrBlock }) =>
    cidrBlock === undefined
      ? [{ property: "cidrBlock", reason: `"cidrBlock": one of cidrBlock,ipv6CidrBlock must be specified` }]
      : [],

  create: async (clients, inputs) => {
    const { networkAclId, ruleNumber, egress, protocol } = inputs;
    const existing = await find(clients, networkAclId as string);
    // The emulator would keep two rules of one number; EC2 does not.
    if (existing?.Entries?.some((entry) => entry.RuleNumber === ruleNumber && entry.Egress === Boolean(egress))) {
      throw new Error(
        `NetworkAclEntryAlreadyExists: The network acl entry identified by ${ruleNumber} already exists.`,
      );
    }
    await clients.ec2.send(
      new CreateNetworkAclEntryCommand({
        NetworkAclId: networkAclId,
        RuleNumber: ruleNumber,
        Egress: Boolean(egress),
        Protocol: protocolNumber(protocol),
        RuleAction: inputs.ruleAction,
        CidrBlock: inputs.cidrBlock,
        PortRange: { From: inputs.fromPort, To: inputs.toPort },
      }),
    );
    return `${networkAclId}:${ruleNumber}:${protocolNumber(protocol)}:${egress}`;
  },

  importer: (_, id) => {
    const [networkAclId, ruleNumber, protocol, egress] = id.split(":");
    if (egress === undefined) {
      throw new Error(`unexpected format of ID (${id}), expected NETWORK_ACL_ID:RULE_NUMBER:PROTOCOL:EGRESS`);
    }
    return Promise.resolve({ id: [networkAclId, ruleNumber, protocolNumber(protocol), egress].join(":"), state: {} });
  },

  read: async (clients, id, state) => {
    const [networkAclId = "", ruleNumber, , egress] = id.split(":");
    const acl = await find(clients, networkAclId);
    const entry = acl?.Entries?.find(
      (candidate) => candidate.RuleNumber === Number(ruleNumber) && candidate.Egress === (egress === "true"),
    );
    const sameProtocol = protocolNumber(state.protocol) === entry?.Protocol;
    return (
      entry && {
        networkAclId,
        ruleNumber: entry.RuleNumber,
        egress: entry.Egress,
        protocol: sameProtocol ? (state.protocol as unknown) : entry.Protocol,
        ruleAction: entry.RuleAction,
        cidrBlock: entry.CidrBlock,
        fromPort: entry.PortRange?.From,
        toPort: entry.PortRange?.To,
      }
    );
  },

  delete: ({ ec2 }, _id, { networkAclId, ruleNumber, egress }) =>
    unlessMissing(
      ec2.send(
        new DeleteNetworkAclEntryCommand({
          NetworkAclId: networkAclId,
          RuleNumber: ruleNumber,
          Egress: Boolean(egress),
        }),
      ),
      ...["InvalidNetworkAclEntry.NotFound", "InvalidNetworkAclID.NotFound"],
    ),
});
