import { Statement } from "../../model/aws/account";
import { Scope, own } from "./names";

/** What a deployment does with logs, alarms, messages, tasks and the admin host's session. No AWS client in here. */

const allow = (Sid: string, Action: string[], Resource: string | string[]): Statement => ({
  ...{ Sid, Effect: "Allow", Action, Resource },
});
const each = (service: string, ...actions: string[]) => actions.map((action) => `${service}:${action}`);

/** AWS has no resource to name for these, or finds what they ask for among all. */
const WITHOUT_RESOURCE = [
  ...["cloudtrail:DescribeTrails", "cloudwatch:DescribeAlarms", "ecs:CreateCluster", "ecs:DeregisterTaskDefinition"],
  ...["ecs:DescribeTaskDefinition", "logs:DeleteQueryDefinition", "logs:DescribeLogGroups"],
  ...["logs:DescribeQueryDefinitions", "logs:PutQueryDefinition", "sts:GetCallerIdentity"],
];

export function logStatements(scope: Scope): Statement[] {
  const { account, stack } = scope;
  const { partition, region, id } = account;
  const groups = [
    `/aws/rds/instance/${stack}/*`,
    `/aws/rds/instance/${stack}-*`,
    `/aws/vpc/flow-logs/${stack}`,
    `/${stack}/*`,
  ];
  return [
    allow("WithoutResource", WITHOUT_RESOURCE, "*"),
    allow(
      "Logs",
      each(
        "logs",
        ...["AssociateKmsKey", "CreateLogGroup", "DeleteDataProtectionPolicy", "DeleteLogGroup", "DeleteMetricFilter"],
        ...["DeleteRetentionPolicy", "DescribeMetricFilters", "DisassociateKmsKey", "GetDataProtectionPolicy"],
        ...["ListTagsForResource", "PutDataProtectionPolicy", "PutMetricFilter", "PutRetentionPolicy", "TagResource"],
        "UntagResource",
      ),
      // With and without the streams in it: CloudWatch Logs asks for the one or the other.
      groups.flatMap((group) => {
        const arn = `arn:${partition}:logs:${region}:${id}:log-group:${group}`;
        return group.endsWith("*") ? [arn] : [arn, `${arn}:*`];
      }),
    ),
    allow(
      "Alarms",
      each("cloudwatch", "DeleteAlarms", "ListTagsForResource", "PutMetricAlarm", "TagResource", "UntagResource"),
      own(scope, "cloudwatch", "alarm:"),
    ),
    allow(
      "Dashboards",
      each("cloudwatch", "DeleteDashboards", "GetDashboard", "PutDashboard"),
      own(scope, "cloudwatch", "dashboard/").map((arn) => arn.replace(`:${region}:`, "::")),
    ),
    allow(
      "Topics",
      each(
        "sns",
        ...["CreateTopic", "DeleteTopic", "GetSubscriptionAttributes", "GetTopicAttributes", "ListTagsForResource"],
        ...["SetSubscriptionAttributes", "SetTopicAttributes", "Subscribe", "TagResource", "Unsubscribe"],
        "UntagResource",
      ),
      own(scope, "sns", ""),
    ),
    allow(
      "Trails",
      each(
        "cloudtrail",
        ...["AddTags", "CreateTrail", "DeleteTrail", "GetEventSelectors", "GetTrailStatus", "ListTags"],
        ...["PutEventSelectors", "RemoveTags", "StartLogging", "StopLogging", "UpdateTrail"],
      ),
      own(scope, "cloudtrail", "trail/"),
    ),
  ];
}

export function taskStatements(scope: Scope): Statement[] {
  const { stack } = scope;
  return [
    allow(
      "Clusters",
      each(
        "ecs",
        "DeleteCluster",
        "DescribeClusters",
        "ListTagsForResource",
        "TagResource",
        "UntagResource",
        "UpdateCluster",
      ),
      own(scope, "ecs", "cluster/"),
    ),
    allow(
      "Tasks",
      each("ecs", "ListTagsForResource", "RegisterTaskDefinition", "TagResource", "UntagResource"),
      own(scope, "ecs", "task-definition/")
        .slice(1)
        .map((arn) => `${arn}:*`),
    ),
    allow(
      "Schedules",
      each("scheduler", "CreateSchedule", "DeleteSchedule", "GetSchedule", "UpdateSchedule"),
      own(scope, "scheduler", "schedule/default/"),
    ),
    allow(
      "Rules",
      each(
        "events",
        ...["DeleteRule", "DescribeRule", "ListTagsForResource", "ListTargetsByRule", "PutRule", "PutTargets"],
        ...["RemoveTargets", "TagResource", "UntagResource"],
      ),
      own(scope, "events", "rule/"),
    ),
    allow(
      "Documents",
      each(
        "ssm",
        ...["AddTagsToResource", "CreateDocument", "DeleteDocument", "DescribeDocument", "GetDocument"],
        ...["ListTagsForResource", "RemoveTagsFromResource", "UpdateDocument", "UpdateDocumentDefaultVersion"],
      ),
      own(scope, "ssm", "document/").filter((arn) => arn.includes(`${stack}-`)),
    ),
    allow("NewestImage", ["ssm:GetParameter"], publicParameters(scope)),
    ...sessionStatements(scope),
  ];
}

/** Amazon's own parameters, which name the newest image. */
export const publicParameters = ({ account: { partition, region } }: Scope) =>
  `arn:${partition}:ssm:${region}::parameter/aws/service/ami-amazon-linux-latest/*`;

/** The way to the database (access.mode ssm): one document, to the stack's own host, and only sessions of one's own are ended. */
export function sessionStatements({ account, application, environment }: Scope): Statement[] {
  const { partition, region, id } = account;
  const host = { "ssm:resourceTag/Application": application, "ssm:resourceTag/Environment": environment };
  return [
    {
      ...allow("OpenTheWayIn", ["ssm:StartSession"], `arn:${partition}:ec2:${region}:${id}:instance/*`),
      Condition: { StringEquals: host },
    },
    allow(
      "ByForwardingAPort",
      ["ssm:StartSession"],
      `arn:${partition}:ssm:${region}::document/AWS-StartPortForwardingSessionToRemoteHost`,
    ),
    // Whose session it is, AWS notes in a tag ("Additional sample IAM policies for Session Manager": users that are federated).
    {
      ...allow(
        "CloseIt",
        ["ssm:ResumeSession", "ssm:TerminateSession"],
        `arn:${partition}:ssm:${region}:${id}:session/*`,
      ),
      Condition: { StringLike: { "ssm:resourceTag/aws:ssmmessages:session-id": "${aws:userid}" } },
    },
    allow("TalkThroughIt", ["ssmmessages:OpenDataChannel"], `arn:${partition}:ssm:${region}:${id}:session/*`),
  ];
}
