import { CloudWatchClient, MetricAlarm, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, LogGroup, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { GetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { Problem } from "../finding";
import { AwsConfig } from "./config";
import { unfulfilled } from "./instance";
import { openStatements } from "./policy";

export const LOGS = {
  check: "logs",
  title: "The server's log and the network's are kept as long as they should, encrypted with the stack's key",
  controls: ["FSBP CloudWatch.16", "FSBP RDS.36", "FSBP EC2.6", "guide: Audit Logging"],
};

export function judgeLogGroup(name: string, group: LogGroup | undefined, { wanted, keyArns }: AwsConfig): Problem[] {
  return group
    ? unfulfilled([
        {
          subject: `${name}: days kept`,
          found: group.retentionInDays ?? "for ever",
          expected: wanted.logRetentionDays,
        },
        { subject: `${name}: key`, found: group.kmsKeyId, expected: keyArns.logs },
      ])
    : [{ subject: name, found: "no such log group", expected: "a log group", cure: "pulumi up --refresh" }];
}

export async function lookAtLogs(logs: CloudWatchLogsClient, config: AwsConfig): Promise<Problem[]> {
  const server = `/aws/rds/instance/${config.instanceIdentifier}/postgresql`;
  const found: LogGroup[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, { logGroupNamePrefix: server })) {
    found.push(...logGroups);
  }
  return judgeLogGroup(
    server,
    found.find(({ logGroupName }) => logGroupName === server),
    config,
  );
}

export const ALARMS = {
  check: "alarms",
  title:
    "The alarms are switched on, tell somebody, and none of them is ringing; what they tell is encrypted and for this account alone",
  controls: ["FSBP CloudWatch.15", "FSBP CloudWatch.17", "FSBP SNS.1", "FSBP SNS.4", "guide: Monitoring & Alerting"],
};

export function judgeAlarm({
  AlarmName = "",
  ActionsEnabled,
  AlarmActions = [],
  StateValue,
  StateReason,
}: MetricAlarm): Problem[] {
  return [
    ...unfulfilled([
      {
        subject: `alarm ${AlarmName}: actions`,
        found: ActionsEnabled ? "on" : "off",
        expected: "on",
        cure: `aws cloudwatch enable-alarm-actions --alarm-names ${AlarmName}`,
      },
      {
        subject: `alarm ${AlarmName}: whom it tells`,
        found: AlarmActions.length > 0 ? "a topic" : "nobody",
        expected: "a topic",
      },
    ]),
    ...(StateValue === "ALARM"
      ? [
          {
            subject: `alarm ${AlarmName}`,
            found: StateReason || "it rings",
            expected: "quiet",
            cure: "docs/alarms.md has a section for each alarm",
          },
        ]
      : []),
  ];
}

export async function lookAtAlarms(
  cloudwatch: CloudWatchClient,
  sns: SNSClient,
  stack: string,
  { topicArn, keyArns }: AwsConfig,
): Promise<Problem[]> {
  const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn }));
  const alarms: MetricAlarm[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
    { client: cloudwatch },
    { AlarmNamePrefix: `${stack}-` },
  )) {
    alarms.push(...MetricAlarms);
  }
  return [
    ...alarms.flatMap(judgeAlarm),
    ...unfulfilled([{ subject: "topic: key", found: Attributes.KmsMasterKeyId, expected: keyArns.logs }]),
    ...openStatements(Attributes.Policy ?? "").map((found) => ({
      subject: "topic: policy",
      found,
      expected: "no statement that lets everybody in",
      cure: "pulumi up --refresh",
    })),
  ];
}
