import {
  FlowLog,
  NetworkAcl,
  paginateDescribeFlowLogs,
  paginateDescribeInstances,
  paginateDescribeNetworkAcls,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcEndpoints,
  paginateDescribeVpcs,
  SecurityGroupRule,
  Tag,
} from "@aws-sdk/client-ec2";
import type { Search } from "../search";
import type { Entry } from "../table";
import type { Wanted } from "../wanted";

/** By these the stack's own are told from others of the account. */
const TELLING = ["Name", "Application", "Environment"];

async function all<Page, Item>(pages: AsyncIterable<Page>, items: (page: Page) => Item[] | undefined): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) {
    found.push(...(items(page) ?? []));
  }
  return found;
}

/** Whether a resource has the tags that the program gives it. */
function hasTags({ inputs }: Wanted, tags: Tag[] | undefined): boolean {
  const wanted = (inputs.tags ?? {}) as Record<string, string>;
  return TELLING.every(
    (key) => wanted[key] === undefined || tags?.some((tag) => tag.Key === key && tag.Value === wanted[key]),
  );
}

const ids = <Item>(items: Item[], id: (item: Item) => string | undefined) =>
  items.map(id).filter((text) => text !== undefined);

/** What lies in the resource's VPC and has its tags. */
function tagged<Item extends { Tags?: Tag[] }>(
  list: (search: Search, it: Wanted, filter: { Filters: { Name: string; Values: string[] }[] }) => Promise<Item[]>,
  id: (item: Item) => string | undefined,
): Entry {
  return {
    find: async (it, search) => {
      const vpc = await search.ref(it, "vpcId");
      if (vpc === undefined) {
        return [];
      }
      const found = await list(search, it, { Filters: [{ Name: "vpc-id", Values: [vpc] }] });
      return ids(
        found.filter(({ Tags }) => hasTags(it, Tags)),
        id,
      );
    },
  };
}

const sameSource = (it: Wanted, rule: SecurityGroupRule, group: string | undefined) =>
  (group ?? it.inputs.cidrIpv4 ?? it.inputs.prefixListId) ===
  (rule.ReferencedGroupInfo?.GroupId ?? rule.CidrIpv4 ?? rule.PrefixListId);

/** Rules have no names: the one with the same ports and the same other side. */
function ruleOf(egress: boolean): Entry {
  return {
    find: async (it, search) => {
      const [group, other] = await Promise.all(
        ["securityGroupId", "referencedSecurityGroupId"].map((property) => search.ref(it, property)),
      );
      if (group === undefined) {
        return [];
      }
      const Filters = [{ Name: "group-id", Values: [group] }];
      const rules = await all(
        paginateDescribeSecurityGroupRules({ client: search.aws(it).ec2 }, { Filters }),
        (page) => page.SecurityGroupRules,
      );
      const { ipProtocol, fromPort, toPort } = it.inputs;
      const same = rules.filter(
        (rule) =>
          rule.IsEgress === egress &&
          rule.IpProtocol === ipProtocol &&
          rule.FromPort === fromPort &&
          rule.ToPort === toPort &&
          sameSource(it, rule, other),
      );
      return ids(same, (rule) => rule.SecurityGroupRuleId);
    },
  };
}

function hasRule({ Entries = [] }: NetworkAcl, { inputs }: Wanted): boolean {
  return Entries.some(
    ({ RuleNumber, Egress }) => RuleNumber === inputs.ruleNumber && Egress === Boolean(inputs.egress),
  );
}

async function networkAcls(search: Search, it: Wanted, filter: object): Promise<NetworkAcl[]> {
  return all(paginateDescribeNetworkAcls({ client: search.aws(it).ec2 }, filter), (page) => page.NetworkAcls);
}

export const NETWORK: Record<string, Entry> = {
  "aws:ec2/vpc:Vpc": {
    find: async (it, search) => {
      const vpcs = await all(paginateDescribeVpcs({ client: search.aws(it).ec2 }, {}), (page) => page.Vpcs);
      return ids(
        vpcs.filter(({ Tags }) => hasTags(it, Tags)),
        ({ VpcId }) => VpcId,
      );
    },
  },
  "aws:ec2/subnet:Subnet": tagged(
    (search, it, filter) =>
      all(paginateDescribeSubnets({ client: search.aws(it).ec2 }, filter), (page) => page.Subnets),
    ({ SubnetId }) => SubnetId,
  ),
  "aws:ec2/routeTable:RouteTable": tagged(
    (search, it, filter) =>
      all(paginateDescribeRouteTables({ client: search.aws(it).ec2 }, filter), (page) => page.RouteTables),
    ({ RouteTableId }) => RouteTableId,
  ),
  /** `subnet/route table`: a subnet has one. */
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    find: async (it, search) => {
      const [subnet, table] = await Promise.all(
        ["subnetId", "routeTableId"].map((property) => search.ref(it, property)),
      );
      if (subnet === undefined || table === undefined) {
        return [];
      }
      const Filters = [{ Name: "association.subnet-id", Values: [subnet] }];
      const tables = await all(
        paginateDescribeRouteTables({ client: search.aws(it).ec2 }, { Filters }),
        (page) => page.RouteTables,
      );
      return tables.length > 0 ? [`${subnet}/${tables[0]?.RouteTableId}`] : [];
    },
  },
  "aws:ec2/securityGroup:SecurityGroup": tagged(
    (search, it, filter) =>
      all(paginateDescribeSecurityGroups({ client: search.aws(it).ec2 }, filter), (page) => page.SecurityGroups),
    ({ GroupId }) => GroupId,
  ),
  /** Every VPC has one, whose name nobody can change. */
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    find: async (it, search) => {
      const vpc = await search.ref(it, "vpcId");
      if (vpc === undefined) {
        return [];
      }
      const Filters = [
        { Name: "vpc-id", Values: [vpc] },
        { Name: "group-name", Values: ["default"] },
      ];
      const groups = paginateDescribeSecurityGroups({ client: search.aws(it).ec2 }, { Filters });
      return ids(await all(groups, (page) => page.SecurityGroups), ({ GroupId }) => GroupId);
    },
  },
  "aws:ec2/networkAcl:NetworkAcl": tagged(networkAcls, ({ NetworkAclId }) => NetworkAclId),
  /** `list:number:protocol:egress`. */
  "aws:ec2/networkAclRule:NetworkAclRule": {
    find: async (it, search) => {
      const list = await search.ref(it, "networkAclId");
      if (list === undefined) {
        return [];
      }
      const found = await networkAcls(search, it, { NetworkAclIds: [list] });
      const { ruleNumber, protocol, egress } = it.inputs;
      const id = [list, ruleNumber, protocol, Boolean(egress)].join(":");
      return found.some((one) => hasRule(one, it)) ? [id] : [];
    },
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": tagged(
    (search, it, filter) =>
      all(paginateDescribeVpcEndpoints({ client: search.aws(it).ec2 }, filter), (page) => page.VpcEndpoints),
    ({ VpcEndpointId }) => VpcEndpointId,
  ),
  "aws:ec2/flowLog:FlowLog": {
    find: async (it, search) => {
      const vpc = await search.ref(it, "vpcId");
      const logs: FlowLog[] = await all(
        paginateDescribeFlowLogs({ client: search.aws(it).ec2 }, {}),
        (page) => page.FlowLogs,
      );
      return ids(
        logs.filter(({ ResourceId, Tags }) => ResourceId === vpc && hasTags(it, Tags)),
        ({ FlowLogId }) => FlowLogId,
      );
    },
  },
  "aws:ec2/instance:Instance": {
    find: async (it, search) => {
      const Filters = [{ Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] }];
      const reservations = await all(
        paginateDescribeInstances({ client: search.aws(it).ec2 }, { Filters }),
        (page) => page.Reservations,
      );
      const instances = reservations.flatMap(({ Instances = [] }) => Instances);
      return ids(
        instances.filter(({ Tags }) => hasTags(it, Tags)),
        ({ InstanceId }) => InstanceId,
      );
    },
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ruleOf(false),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ruleOf(true),
};
