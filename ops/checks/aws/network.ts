import {
  DescribeFlowLogsCommand,
  EC2Client,
  IpPermission,
  paginateDescribeSecurityGroups,
  SecurityGroup,
} from "@aws-sdk/client-ec2";
import { Problem } from "../finding";
import { AwsConfig } from "../../../model/outputs/check-aws";
import { UPDATE } from "./wishes";

export const NETWORK = {
  check: "network",
  title:
    "Only the stack's own groups and the administrators' ranges reach the database, on its port alone, and what flows is recorded",
  controls: ["FSBP RDS.2", "FSBP EC2.6", "FSBP EC2.18", "FSBP EC2.19", "guide: Network Security"],
};

const tagOf = ({ Tags = [] }: SecurityGroup, name: string) => Tags.find(({ Key }) => Key === name)?.Value;

/** Every group of the stack has its tags: the application's, the admin host's, that of the tasks which back up. */
const isOfTheSameStack = (one: SecurityGroup, other: SecurityGroup) =>
  ["Application", "Environment"].every(
    (name) => tagOf(one, name) !== undefined && tagOf(one, name) === tagOf(other, name),
  );

/** `groups`: all of the network. */
export function judgeRules(
  group: SecurityGroup,
  groups: SecurityGroup[],
  {
    securityGroupId,
    wanted,
  }: Pick<AwsConfig, "securityGroupId"> & { wanted: Pick<AwsConfig["wanted"], "adminCidrs" | "port"> },
): Problem[] {
  const own = groups.filter((other) => isOfTheSameStack(other, group)).map(({ GroupId }) => GroupId);
  const allowed = [...own, ...wanted.adminCidrs];
  return (group.IpPermissions ?? []).flatMap((rule) =>
    sourcesOf(rule).flatMap((source) => {
      const isPort = rule.IpProtocol === "tcp" && rule.FromPort === wanted.port && rule.ToPort === wanted.port;
      return allowed.includes(source) && isPort
        ? []
        : [
            {
              subject: `security group ${securityGroupId}`,
              found: `${source} may come in on ${portsOf(rule)}`,
              expected: `the stack's own groups${wanted.adminCidrs.map((range) => ` and ${range}`).join("")}, on port ${wanted.port}`,
              cure: `aws ec2 revoke-security-group-ingress --group-id ${securityGroupId} --ip-permissions '${JSON.stringify([rule])}'`,
            },
          ];
    }),
  );
}

function sourcesOf({ IpRanges, Ipv6Ranges, PrefixListIds, UserIdGroupPairs }: IpPermission): string[] {
  return [
    ...(IpRanges ?? []).map(({ CidrIp }) => CidrIp),
    ...(Ipv6Ranges ?? []).map(({ CidrIpv6 }) => CidrIpv6),
    ...(PrefixListIds ?? []).map(({ PrefixListId }) => PrefixListId),
    ...(UserIdGroupPairs ?? []).map(({ GroupId }) => GroupId),
  ].filter((source) => source !== undefined);
}

function portsOf({ IpProtocol = "", FromPort, ToPort }: IpPermission): string {
  if (FromPort === undefined || FromPort === -1) {
    return "every port";
  }
  return `${IpProtocol} port ${FromPort === ToPort ? FromPort : `${FromPort} to ${ToPort}`}`;
}

export async function lookAtNetwork(ec2: EC2Client, config: AwsConfig): Promise<Problem[]> {
  const { securityGroupId, vpcId } = config;
  const ofTheVpc = { Filters: [{ Name: "vpc-id", Values: [vpcId] }] };
  const groups: SecurityGroup[] = [];
  for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client: ec2 }, ofTheVpc)) {
    groups.push(...SecurityGroups);
  }
  const { FlowLogs = [] } = await ec2.send(
    new DescribeFlowLogsCommand({ Filter: [{ Name: "resource-id", Values: [vpcId] }] }),
  );
  const group = groups.find(({ GroupId }) => GroupId === securityGroupId);
  const records = FlowLogs.some(({ FlowLogStatus }) => FlowLogStatus === "ACTIVE");
  return [
    ...(group ? judgeRules(group, groups, config) : []),
    ...(records
      ? []
      : [
          {
            subject: `network ${vpcId}`,
            found: "nothing records what flows",
            expected: "flow logs",
            cure: config.wanted.ownNetwork
              ? UPDATE
              : `aws ec2 create-flow-logs --resource-type VPC --traffic-type ALL --resource-ids ${vpcId}: the network is not the stack's own`,
          },
        ]),
  ];
}
