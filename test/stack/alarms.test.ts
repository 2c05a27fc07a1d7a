import {
  CloudWatchClient,
  MetricAlarm,
  paginateDescribeAlarms,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkConfig } from "../../model/outputs/check";
import { LocalStack } from "../support/local-stack";
import { openLogStream, REFUSED_LOGIN } from "../support/log-stream";
import { listenTo, TopicListener } from "../support/topic-listener";

/** From a line in the server's log to a message to people, and back. */
let stack: LocalStack;
let topic: TopicListener;
let topicArn: string;
const STACK = "markenmate-test";
const LOG = `/aws/rds/instance/${STACK}/postgresql`;

beforeAll(async () => {
  stack = await LocalStack.prepared({}, { notifications: { emails: ["database-alarms@example.com"] } });
  ({ topicArn } = checkConfig.parse((await stack.outputs()).check).aws);
  topic = await listenTo(topicArn);
});
afterAll(async () => {
  topic.close();
  await stack.close();
});

async function alarms(): Promise<MetricAlarm[]> {
  const found: MetricAlarm[] = [];
  const pages = paginateDescribeAlarms({ client: new CloudWatchClient({}) }, { AlarmNamePrefix: `${STACK}-` });
  for await (const { MetricAlarms = [] } of pages) {
    found.push(...MetricAlarms);
  }
  return found;
}

/** The states that people were told of an alarm, oldest first. */
const told = (name: string) =>
  topic.told
    .map((message) => JSON.parse(message) as Record<string, string>)
    .filter(({ AlarmName }) => AlarmName === `${STACK}-${name}`)
    .map(({ NewStateValue }) => NewStateValue);

describe("the alarms", () => {
  it("ring when the log says so, and tell of their end", async () => {
    const write = await openLogStream({ logGroupName: LOG, logStreamName: STACK });
    const refused = (count: number) => write(Array.from({ length: count }, () => REFUSED_LOGIN));
    const states = () => expect.poll(() => told("failed-logins"));
    await refused(10);
    await states().toEqual(["OK"]); // the guide's ten are not more than ten
    await refused(2);
    await states().toEqual(["OK", "ALARM"]);
    const AlarmName = `${STACK}-failed-logins`;
    await new CloudWatchClient({}).send(
      new SetAlarmStateCommand({ AlarmName, StateValue: "OK", StateReason: "a minute without" }),
    );
    await states().toEqual(["OK", "ALARM", "OK"]);
  });

  it("are all connected to people, both ways, and say where to look", async () => {
    const all = await alarms();
    expect(all.map(({ AlarmName }) => AlarmName?.slice(STACK.length + 1)).sort()).toEqual([
      ...["connections", "cpu", "cpu-credits", "deadlocks", "failed-logins", "free-storage", "memory"],
      ...["slow-statements", "storage-forecast", "suspicious-statements"],
    ]);
    for (const { AlarmName, AlarmActions, OKActions, ActionsEnabled, AlarmDescription } of all) {
      expect([AlarmActions, OKActions, ActionsEnabled], AlarmName).toEqual([[topicArn], [topicArn], true]);
      expect(AlarmDescription).toContain(`docs/alarms.md, "${AlarmName?.slice(STACK.length + 1)}"`);
    }
  });

  it("know the instance: its storage, its memory and its connections", async () => {
    const by = new Map((await alarms()).map((one) => [one.AlarmName?.slice(STACK.length + 1), one]));
    expect(by.get("free-storage")).toMatchObject({ Threshold: Math.floor(0.2 * 20 * 1024 ** 3) });
    expect(by.get("connections")).toMatchObject({
      Threshold: 80,
      Dimensions: [{ Name: "DBInstanceIdentifier", Value: STACK }],
    });
    expect(by.get("memory")?.Threshold).toBe(Math.floor(0.1 * 1024 ** 3)); // db.t4g.micro
  });

  it("are mailed to the addresses of the settings", async () => {
    const { Subscriptions = [] } = await new SNSClient({}).send(
      new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }),
    );
    expect(Subscriptions.filter(({ Protocol }) => Protocol === "email").map(({ Endpoint }) => Endpoint)).toEqual([
      "database-alarms@example.com",
    ]);
  });
});
