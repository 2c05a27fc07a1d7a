import { CloudTrailClient, ListTrailsCommand } from "@aws-sdk/client-cloudtrail";
import { CloudWatchClient, DescribeAlarmsCommand, ListDashboardsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeFlowLogsCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { ECSClient, ListClustersCommand, ListTaskDefinitionsCommand } from "@aws-sdk/client-ecs";
import { EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { IAMClient, ListPoliciesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { KMSClient, ListAliasesCommand } from "@aws-sdk/client-kms";
import {
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeEventSubscriptionsCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

type Found = [kind: string, names: (string | undefined)[]][];

const listed = (found: Found) => found.flatMap(([kind, names]) => names.map((name) => `${kind}: ${name}`));

/** What there is of tasks, and of those who watch. */
export async function leftJobs(): Promise<string[]> {
  const ecs = new ECSClient({});
  const [clusters, tasks, schedules, alarms, dashboards, rules, trails] = await Promise.all([
    ecs.send(new ListClustersCommand({})),
    ecs.send(new ListTaskDefinitionsCommand({ status: "ACTIVE" })),
    new SchedulerClient({}).send(new ListSchedulesCommand({})),
    new CloudWatchClient({}).send(new DescribeAlarmsCommand({})),
    new CloudWatchClient({}).send(new ListDashboardsCommand({})),
    new EventBridgeClient({}).send(new ListRulesCommand({})),
    new CloudTrailClient({}).send(new ListTrailsCommand({})),
  ]);
  return listed([
    ["cluster", clusters.clusterArns ?? []],
    ["task definition", tasks.taskDefinitionArns ?? []],
    ["schedule", (schedules.Schedules ?? []).map(({ Name }) => Name)],
    ["alarm", (alarms.MetricAlarms ?? []).map(({ AlarmName }) => AlarmName)],
    ["dashboard", (dashboards.DashboardEntries ?? []).map(({ DashboardName }) => DashboardName)],
    ["rule", (rules.Rules ?? []).map(({ Name }) => Name)],
    ["trail", (trails.Trails ?? []).map(({ Name }) => Name)],
  ]);
}

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
  const found: Found = [
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
  return [...listed(found), ...(await leftJobs())];
}
