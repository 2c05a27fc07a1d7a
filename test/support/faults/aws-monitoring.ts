import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, PutRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetTopicAttributesCommand, SNSClient, SetTopicAttributesCommand } from "@aws-sdk/client-sns";
import { AwsFault, opened } from "./aws-fault";

const alarm = (
  name: string,
  more: { AlarmActions?: string[]; ActionsEnabled?: boolean },
  subject: string,
  rings = false,
): AwsFault => ({
  name,
  plant: async ({ stack, aws }) => {
    const client = new CloudWatchClient({});
    const AlarmName = `${stack}-planted`;
    await client.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName, MetricName: "Planted", Namespace: stack, Statistic: "Sum", Period: 60, EvaluationPeriods: 1 },
        ...{ Threshold: 1, ComparisonOperator: "GreaterThanThreshold", AlarmActions: [aws.topicArn], ...more },
      }),
    );
    await client.send(
      new SetAlarmStateCommand({ AlarmName, StateValue: rings ? "ALARM" : "OK", StateReason: "planted" }),
    );
    return () => client.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] }));
  },
  finds: [["alarms", ({ stack }) => `alarm ${stack}-planted${subject}`]],
});

export const MONITORING_FAULTS: AwsFault[] = [
  alarm("an alarm that tells nobody", { AlarmActions: [] }, ": whom it tells"),
  alarm("an alarm that is switched off", { ActionsEnabled: false }, ": actions"),
  alarm("an alarm that rings", {}, "", true),
  {
    name: "a log that is gone after a day",
    plant: async ({ aws: { instanceIdentifier, wanted } }) => {
      const keep = (retentionInDays: number) =>
        new CloudWatchLogsClient({}).send(
          new PutRetentionPolicyCommand({
            logGroupName: `/aws/rds/instance/${instanceIdentifier}/postgresql`,
            retentionInDays,
          }),
        );
      await keep(1);
      return () => keep(wanted.logRetentionDays);
    },
    finds: [["logs", ({ aws }) => `/aws/rds/instance/${aws.instanceIdentifier}/postgresql: days kept`]],
  },
  {
    name: "a topic that everybody may publish to",
    plant: async ({ aws: { topicArn: TopicArn } }) => {
      const client = new SNSClient({});
      const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn }));
      const policy = Attributes?.Policy ?? "";
      const set = (AttributeValue: string) =>
        client.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }));
      await set(opened(policy, "sns:Publish", TopicArn));
      return () => set(policy);
    },
    finds: [["alarms", () => "topic: policy"]],
  },
  {
    name: "a topic in clear",
    plant: async ({ aws: { topicArn: TopicArn, keyArns } }) => {
      const set = (AttributeValue: string) =>
        new SNSClient({}).send(
          new SetTopicAttributesCommand({ TopicArn, AttributeName: "KmsMasterKeyId", AttributeValue }),
        );
      await set("");
      return () => set(keyArns.logs);
    },
    finds: [["alarms", () => "topic: key"]],
  },
];
