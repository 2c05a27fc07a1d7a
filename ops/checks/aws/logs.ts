import { CloudWatchClient, MetricAlarm, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand, LogGroup } from "@aws-sdk/client-cloudwatch-logs";
import {
  GetTopicAttributesCommand,
  paginateListSubscriptionsByTopic,
  SNSClient,
  Subscription,
} from "@aws-sdk/client-sns";
import { Problem } from "../finding";
import { AwsConfig } from "../../../model/outputs/check-aws";

import { openToEverybody, refusesPlain } from "./policy";
import { unfulfilled, UPDATE } from "./wishes";

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
    : [{ subject: name, found: "no such log group", expected: "a log group", cure: UPDATE }];
}

/** The log groups that the stack makes in any case. */
export function logGroupsOf(stack: string, { instanceIdentifier, wanted }: AwsConfig): string[] {
  const instances = [instanceIdentifier, ...(wanted.readReplica ? [`${instanceIdentifier}-replica`] : [])];
  return [
    ...instances.flatMap((instance) => ["postgresql", "upgrade"].map((log) => `/aws/rds/instance/${instance}/${log}`)),
    ...(wanted.ownNetwork ? [`/aws/vpc/flow-logs/${stack}`] : []),
  ];
}

export async function lookAtLogs(logs: CloudWatchLogsClient, stack: string, config: AwsConfig): Promise<Problem[]> {
  const each = await Promise.all(
    logGroupsOf(stack, config).map(async (name) => {
      const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
      const group = logGroups.find(({ logGroupName }) => logGroupName === name);
      return judgeLogGroup(name, group, config);
    }),
  );
  return each.flat();
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

/** Whoever has not confirmed that they want to hear has no ARN yet. */
export function judgeSubscriptions(subscriptions: Subscription[], { wanted, topicArn }: AwsConfig): Problem[] {
  const waiting = subscriptions.filter(({ SubscriptionArn }) => !SubscriptionArn?.startsWith("arn:"));
  return [
    // An address is nobody else's business: how it is told, and not whom.
    ...waiting.map(({ Protocol = "" }) => ({
      subject: `topic: subscription by ${Protocol}`,
      found: "not confirmed",
      expected: "confirmed",
      cure: `follow the link in SNS's message, or ask for another one: aws sns subscribe --topic-arn ${topicArn}`,
    })),
    ...(wanted.heard && waiting.length === subscriptions.length
      ? [
          {
            subject: "topic: who hears it",
            found: "nobody",
            expected: "somebody",
            cure: `aws sns subscribe --topic-arn ${topicArn} --protocol email --notification-endpoint ADDRESS`,
          },
        ]
      : []),
  ];
}

export async function lookAtAlarms(
  cloudwatch: CloudWatchClient,
  sns: SNSClient,
  stack: string,
  config: AwsConfig,
): Promise<Problem[]> {
  const { topicArn, keyArns } = config;
  const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn }));
  const alarms: MetricAlarm[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
    { client: cloudwatch },
    { AlarmNamePrefix: `${stack}-` },
  )) {
    alarms.push(...MetricAlarms);
  }
  const subscriptions: Subscription[] = [];
  for await (const page of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: topicArn })) {
    subscriptions.push(...(page.Subscriptions ?? []));
  }
  return [
    ...alarms.flatMap(judgeAlarm),
    ...judgeSubscriptions(subscriptions, config),
    ...unfulfilled([
      { subject: "topic: key", found: Attributes.KmsMasterKeyId, expected: keyArns.logs },
      {
        subject: "topic: requests without TLS",
        found: refusesPlain(Attributes.Policy ?? "") ? "refused" : "let in",
        expected: "refused",
      },
    ]),
    ...openToEverybody("topic", Attributes.Policy ?? ""),
  ];
}
