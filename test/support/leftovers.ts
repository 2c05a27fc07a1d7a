import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeFlowLogsCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { IAMClient, ListPoliciesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { KMSClient, ListAliasesCommand } from "@aws-sdk/client-kms";
import {
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeEventSubscriptionsCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** What clients that know nothing of Pulumi find in the emulator, what AWS has by itself left out. */
export async function leftovers(): Promise<string[]> {
  const ec2 = new EC2Client({});
  const rds = new RDSClient({});
  const iam = new IAMClient({});
  const [secrets, buckets, aliases, groups, vpcs, instances, parameterGroups, policies] = await Promise.all([
    new SecretsManagerClient({}).send(new ListSecretsCommand({})),
    new S3Client({ forcePathStyle: true }).send(new ListBucketsCommand({})),
    new KMSClient({}).send(new ListAliasesCommand({})),
    ec2.send(new DescribeSecurityGroupsCommand({})),
    ec2.send(new DescribeVpcsCommand({})),
    rds.send(new DescribeDBInstancesCommand({})),
    rds.send(new DescribeDBParameterGroupsCommand({})),
    iam.send(new ListPoliciesCommand({ Scope: "Local" })),
  ]);
  const [roles, logGroups, topics, endpoints, flowLogs, hosts, subscriptions] = await Promise.all([
    iam.send(new ListRolesCommand({})),
    new CloudWatchLogsClient({}).send(new DescribeLogGroupsCommand({})),
    new SNSClient({}).send(new ListTopicsCommand({})),
    ec2.send(new DescribeVpcEndpointsCommand({})),
    ec2.send(new DescribeFlowLogsCommand({})),
    ec2.send(new DescribeInstancesCommand({})),
    rds.send(new DescribeEventSubscriptionsCommand({})),
  ]);
  const found: [kind: string, names: (string | undefined)[]][] = [
    ["secret", (secrets.SecretList ?? []).map(({ Name }) => Name)],
    ["bucket", (buckets.Buckets ?? []).map(({ Name }) => Name)],
    [
      "key alias",
      (aliases.Aliases ?? []).map(({ AliasName }) => AliasName).filter((name) => !name?.startsWith("alias/aws/")),
    ],
    [
      "security group",
      (groups.SecurityGroups ?? []).map(({ GroupName }) => GroupName).filter((name) => name !== "default"),
    ],
    ["VPC", (vpcs.Vpcs ?? []).filter(({ IsDefault }) => !IsDefault).map(({ VpcId }) => VpcId)],
    ["instance", (instances.DBInstances ?? []).map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)],
    [
      "parameter group",
      (parameterGroups.DBParameterGroups ?? [])
        .map(({ DBParameterGroupName }) => DBParameterGroupName)
        .filter((name) => !name?.startsWith("default.")),
    ],
    ["policy", (policies.Policies ?? []).map(({ PolicyName }) => PolicyName)],
    ["role", (roles.Roles ?? []).map(({ RoleName }) => RoleName)],
    ["log group", (logGroups.logGroups ?? []).map(({ logGroupName }) => logGroupName)],
    ["topic", (topics.Topics ?? []).map(({ TopicArn }) => TopicArn)],
    ["endpoint", (endpoints.VpcEndpoints ?? []).map(({ VpcEndpointId }) => VpcEndpointId)],
    ["flow log", (flowLogs.FlowLogs ?? []).map(({ FlowLogId }) => FlowLogId)],
    [
      "host",
      (hosts.Reservations ?? [])
        .flatMap(({ Instances = [] }) => Instances)
        .filter(({ State }) => State?.Name !== "terminated")
        .map(({ InstanceId }) => InstanceId),
    ],
    [
      "event subscription",
      (subscriptions.EventSubscriptionsList ?? []).map(({ CustSubscriptionId }) => CustSubscriptionId),
    ],
  ];
  return found.flatMap(([kind, names]) => names.map((name) => `${kind}: ${name}`));
}
