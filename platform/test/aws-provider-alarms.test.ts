import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, PutMetricFilterCommand } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Values } from "../providers/protocol/model";
import { Managed, useAwsProvider } from "../../test/support/aws-provider";
import { openLogStream } from "../../test/support/log-stream";

const TOPIC = "arn:aws:sns:eu-central-1:000000000000:alarms";

const alarm = (more: Values = {}) => ({
  name: "stale",
  alarmDescription: "No backup for a day",
  namespace: "Backups",
  metricName: "Done",
  dimensions: { Database: "app", Kind: "dump" },
  statistic: "Sum",
  period: 3600,
  evaluationPeriods: 26,
  datapointsToAlarm: 26,
  threshold: 1,
  comparisonOperator: "LessThanThreshold",
  treatMissingData: "breaching",
  alarmActions: [TOPIC, `${TOPIC}-2`],
  okActions: [TOPIC],
  tags: { a: "1" },
  ...more,
});

const metric = { metricName: "Done", namespace: "Backups", dimensions: { Database: "app" }, period: 300, stat: "Sum" };
const queries = [
  { id: "e1", expression: "FILL(m1, 0)", label: "Filled", returnData: true },
  { id: "m1", metric },
];

describe("the local aws provider: alarms and the metrics of logs", () => {
  const on = useAwsProvider({ defaultTags: { tags: { Owner: "tests" } } });
  let cloudWatch: CloudWatchClient;
  let logs: CloudWatchLogsClient;
  beforeAll(() => {
    cloudWatch = new CloudWatchClient({});
    logs = new CloudWatchLogsClient({});
  });
  afterAll(() => {
    cloudWatch.destroy();
    logs.destroy();
  });

  const told = async () => (await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms ?? [];

  test("MetricAlarm", async () => {
    const made = await on.create("cloudwatch.MetricAlarm", alarm());
    expect(made.id).toBe("stale");
    expect(made.state).toMatchObject({
      arn: "arn:aws:cloudwatch:eu-central-1:000000000000:alarm:stale",
      actionsEnabled: true,
      dimensions: { Database: "app", Kind: "dump" },
      tagsAll: { a: "1", Owner: "tests" },
    });
    expect(await made.drift()).toEqual([]);
    expect(made.plan(alarm({ alarmActions: [`${TOPIC}-2`, TOPIC] })).changes).toEqual([]);

    const percentile = {
      statistic: undefined,
      extendedStatistic: "p99",
      unit: "Seconds",
      datapointsToAlarm: undefined,
    };
    const changed = alarm({ ...percentile, alarmDescription: undefined, okActions: undefined, tags: { b: "2" } });
    expect(made.plan(changed).replaces).toEqual([]);
    await made.update(changed);
    expect(made.state).toMatchObject({ extendedStatistic: "p99", unit: "Seconds", okActions: [] });
    expect(made.state.statistic).toBeUndefined();
    expect(made.state.tagsAll).toEqual({ b: "2", Owner: "tests" });
    expect(await made.drift()).toEqual([]);
    await cloudWatch.send(new DisableAlarmActionsCommand({ AlarmNames: ["stale"] }));
    expect(await made.drift()).toEqual(["actionsEnabled"]);
    const [found] = await told();
    const by = { ...found, Threshold: 2, TreatMissingData: "ignore", ActionsEnabled: true };
    await cloudWatch.send(new PutMetricAlarmCommand(by as PutMetricAlarmCommandInput));
    expect(await made.drift()).toEqual(["threshold", "treatMissingData"]);
    expect(made.plan(alarm({ name: "other" })).replaces).toEqual(["name"]);
    expect(await made.imported()).toMatchObject({ name: "stale", tags: { b: "2" } });
    await made.delete();
    expect(await told()).toEqual([]);
  });

  test("MetricAlarm on several metrics", async () => {
    const none = { metricName: undefined, namespace: undefined, dimensions: undefined, statistic: undefined };
    const input = (metricQueries: Values[]) => alarm({ ...none, period: undefined, metricQueries });
    const made = await on.create("cloudwatch.MetricAlarm", input(queries));
    expect(await made.drift()).toEqual([]);
    const [first, second] = queries;
    expect(made.plan(input([{ ...second, returnData: false }, { ...first }])).changes).toEqual([]);
    await made.update(input([{ ...first, expression: "FILL(m1, 1)" }, { ...second }]));
    expect((await told())[0]?.Metrics?.[0]).toMatchObject({ Id: "e1", Expression: "FILL(m1, 1)" });
    expect(await made.drift()).toEqual([]);
    await made.update(alarm());
    expect(made.state.metricQueries).toBeUndefined();
    expect(await made.drift()).toEqual([]);
    await made.delete();
  });

  test("what the plugin and CloudWatch refuse of an alarm", async () => {
    const managed = on.managed("cloudwatch.MetricAlarm");
    const reason = (more: Values) => managed.failures(alarm(more))[0]?.reason;
    expect(reason({ statistic: undefined })).toContain("One of `statistic` or `extended_statistic` must be set");
    expect(reason({ extendedStatistic: "p99" })).toContain("conflicts with extendedStatistic");
    expect(reason({ metricQueries: queries })).toContain("conflicts with dimensions");
    expect(reason({ period: 90 })).toContain("expected period to be one of [10 20 30] or divisible by 60, got 90");
    expect(reason({ treatMissingData: "bad" })).toContain("expected treatMissingData to be one of");
    expect(reason({ alarmActions: ["topic"] })).toContain("is an invalid ARN");
    expect(reason({ comparisonOperator: "<" })).toContain("expected comparisonOperator to be one of");
    expect(reason({ evaluationCriteria: {} })).toContain("no model of this argument");

    const refused = (more: Values) => expect(on.create("cloudwatch.MetricAlarm", alarm(more))).rejects;
    await refused({ period: 1800, evaluationPeriods: 49 }).toThrow(
      /^creating CloudWatch Metric Alarm: ValidationException: .*\(EvaluationPeriods \* Period must be <= 86400\)/,
    );
    await refused({ evaluationPeriods: 169, datapointsToAlarm: 1 }).toThrow("must be <= 604800");
    await refused({ datapointsToAlarm: 27 }).toThrow("DatapointsToAlarm must be less than or equal");
    await refused({ alarmActions: [TOPIC.replace("central", "west")] }).toThrow("Only eu-central-1 is supported");
    await refused({ comparisonOperator: undefined }).toThrow("The parameter ComparisonOperator is required");
    const none = { metricName: undefined, namespace: undefined, dimensions: undefined, statistic: undefined };
    await refused({ ...none, period: undefined, metricQueries: [{ id: "m1", metric }] }).toThrow(
      "Exactly one element of the metrics list should return data",
    );
    expect(await told()).toEqual([]);
  });

  describe("LogMetricFilter", () => {
    let group: Managed;
    beforeAll(async () => {
      group = await on.create("cloudwatch.LogGroup", { name: "/backup/tasks" });
    });

    const transformation = { name: "Done", namespace: "Backups", value: "$.bytes", dimensions: { Kind: "$.kind" } };
    const filter = (more: Values = {}, metricTransformation: Values = transformation) => ({
      name: "done",
      logGroupName: "/backup/tasks",
      pattern: '{ $.event = "done" }',
      metricTransformation,
      ...more,
    });

    test("is kept, changed in place and gone with its group", async () => {
      const made = await on.create("cloudwatch.LogMetricFilter", filter());
      expect(made.id).toBe("done");
      expect(made.state.metricTransformation).toMatchObject({ ...transformation, unit: "None" });
      expect(await made.drift()).toEqual([]);
      expect(made.plan(filter({ pattern: ' { $.event = "done" }\n' })).changes).toEqual([]);
      const counted = { name: "Failed", namespace: "Backups", value: "1", defaultValue: "0", unit: "Count" };
      expect(made.plan(filter({ pattern: "ERROR" }, counted)).changes).toEqual(["pattern", "metricTransformation"]);
      await made.update(filter({ pattern: "ERROR" }, counted));
      expect(made.state).toMatchObject({ pattern: "ERROR", metricTransformation: counted });
      expect(await made.drift()).toEqual([]);
      await logs.send(
        new PutMetricFilterCommand({
          logGroupName: "/backup/tasks",
          filterName: "done",
          filterPattern: "ERROR",
          metricTransformations: [
            { metricName: "Failed", metricNamespace: "Backups", metricValue: "2", unit: "Count" },
          ],
        }),
      );
      expect(await made.drift()).toEqual(["metricTransformation"]);
      expect(made.plan(filter({ name: "other" })).replaces).toEqual(["name"]);
      expect(made.plan(filter({ logGroupName: "/other" })).replaces).toEqual(["logGroupName"]);
      expect(await made.imported("/backup/tasks:done")).toMatchObject({ name: "done", logGroupName: "/backup/tasks" });
      await made.delete();
      const again = await on.create("cloudwatch.LogMetricFilter", filter());
      await group.delete();
      expect(await again.read()).toBeUndefined();
      await again.model.delete(on.clients, again.id, again.state);
      group = await on.create("cloudwatch.LogGroup", { name: "/backup/tasks" });
    });

    test("what the plugin and CloudWatch Logs refuse", async () => {
      const managed = on.managed("cloudwatch.LogMetricFilter");
      const reason = (more: Values) => managed.failures(filter({}, { ...transformation, ...more }))[0]?.reason;
      expect(reason({ defaultValue: "none" })).toContain("cannot parse 'none' as float");
      expect(reason({ name: "a$b" })).toContain("invalid value for name");
      const refused = (more: Values, other: Values = {}) =>
        expect(on.create("cloudwatch.LogMetricFilter", filter(other, { ...transformation, ...more }))).rejects;
      await refused({ defaultValue: "0" }).toThrow("dimensions and default value are mutually exclusive properties");
      for (const pattern of [
        "$.a =",
        '$.a = "b" &&',
        "$.a = && $.b = 1",
        "$.a > b",
        "$.a IS ON",
        "a = 1",
        "($.a = 1",
      ]) {
        await refused({}, { pattern: `{ ${pattern} }` }).toThrow("Invalid metric filter pattern");
      }
      await refused({ value: "bytes" }).toThrow("is neither a number nor a field");
      await refused({}, { logGroupName: "/none" }).toThrow(
        /^creating CloudWatch Logs Metric Filter: ResourceNotFoundException: /,
      );
    });

    test.each<[pattern: string, hits: number[]]>([
      ['{ $.event = "done" && ($.bytes > 5 || $.kind = "d*") }', [0, 1]],
      ['{ $.event != "done" }', [2]],
      ["{ $.bytes >= 5 && $.deep.list[1] NOT EXISTS }", [1]],
      ["{ $.deep.list[1] = 2 }", [0]],
      ["{ $.ok IS TRUE }", [0]],
      ["ERROR", [3]],
      ['?ERROR ?"kind"', [0, 1, 3]],
      ['"bytes" -"list"', [1, 2]],
      ["", [0, 1, 2, 3]],
    ])("%s", async (pattern, hits) => {
      const lines = [
        { event: "done", kind: "dump", bytes: 1, ok: true, deep: { list: [1, 2] } },
        { event: "done", kind: "base", bytes: 6 },
        { event: "failed", bytes: "none" },
      ];
      const messages = [...lines.map((line) => JSON.stringify(line)), "ERROR out of space"];
      const Namespace = `Patterns/${hits.join("")}/${pattern.length}`;
      const counted = { name: "Hits", namespace: Namespace, value: "1" };
      const made = await on.create("cloudwatch.LogMetricFilter", filter({ name: "hits", pattern }, counted));
      await write(`hits-${pattern.length}`, messages);
      const now = Date.now();
      const { Datapoints = [] } = await cloudWatch.send(
        new GetMetricStatisticsCommand({
          ...{ Namespace, MetricName: "Hits", Period: 3600, Statistics: ["Sum"] },
          ...{ StartTime: new Date(now - 3_600_000), EndTime: new Date(now + 3_600_000) },
        }),
      );
      expect(Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0)).toBe(hits.length);
      await made.delete();
    });

    const write = async (logStreamName: string, messages: string[]) => {
      const append = await openLogStream({ logGroupName: "/backup/tasks", logStreamName });
      await append(messages);
    };

    test("sets off the alarm on its metric, and no other's", async () => {
      const made = await on.create("cloudwatch.LogMetricFilter", filter());
      const on5 = (name: string, Kind: string) =>
        alarm({ name, dimensions: { Kind }, threshold: 5, comparisonOperator: "GreaterThanThreshold" });
      const alarms = [
        await on.create("cloudwatch.MetricAlarm", on5("dump", "dump")),
        await on.create("cloudwatch.MetricAlarm", on5("base", "base")),
      ];
      await write("one", [JSON.stringify({ event: "done", kind: "dump", bytes: 6 }), "started", '{"event":"done"}']);
      const states = (await told()).map(({ AlarmName, StateValue }) => [AlarmName, StateValue]);
      expect(Object.fromEntries(states)).toEqual({ dump: "ALARM", base: "INSUFFICIENT_DATA" });
      await Promise.all([...alarms, made].map((it) => it.delete()));
    });
  });
});
