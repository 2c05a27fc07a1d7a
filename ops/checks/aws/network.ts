import { DescribeFlowLogsCommand, DescribeSecurityGroupsCommand, EC2Client, IpPermission } from "@aws-sdk/client-ec2";
import { Problem } from "../finding";
import { AwsConfig } from "./config";

export const NETWORK = {
  check: "network",
  title: "Only other security groups of the network reach the database, no address does, and what flows is recorded",
  controls: ["FSBP RDS.2", "FSBP EC2.6", "FSBP EC2.18", "FSBP EC2.19", "guide: Network Security"],
};

export function judgeRules(group: string, rules: IpPermission[]): Problem[] {
  return rules.flatMap(({ IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], FromPort }) => {
    const sources = [
      ...IpRanges.map(({ CidrIp }) => CidrIp),
      ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6),
      ...PrefixListIds.map(({ PrefixListId }) => PrefixListId),
    ].filter((source) => source !== undefined);
    return sources.map((source) => ({
      subject: `security group ${group}`,
      found: `${source} may come in on port ${FromPort ?? "any"}`,
      expected: "security groups alone",
      cure: `aws ec2 revoke-security-group-ingress --group-id ${group}`,
    }));
  });
}

export async function lookAtNetwork(ec2: EC2Client, { securityGroupId, vpcId }: AwsConfig): Promise<Problem[]> {
  const [{ SecurityGroups: [group] = [] }, { FlowLogs = [] }] = await Promise.all([
    ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [securityGroupId] })),
    ec2.send(new DescribeFlowLogsCommand({ Filter: [{ Name: "resource-id", Values: [vpcId] }] })),
  ]);
  const records = FlowLogs.some(({ FlowLogStatus }) => FlowLogStatus === "ACTIVE");
  return [
    ...judgeRules(securityGroupId, group?.IpPermissions ?? []),
    ...(records
      ? []
      : [
          {
            subject: `network ${vpcId}`,
            found: "nothing records what flows",
            expected: "flow logs",
            cure: "pulumi up --refresh",
          },
        ]),
  ];
}
