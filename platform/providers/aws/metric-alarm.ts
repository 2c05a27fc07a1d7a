import {
  ComparisonOperator,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
  PutMetricAlarmCommandInput,
  StandardUnit,
  Statistic,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import { CheckFailure, Property, Values } from "../protocol/model";
import { Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import {
  dimensionList,
  dimensionMap,
  queriesFromApi,
  queriesToApi,
  sameQueries,
  validPeriod,
  validQueries,
} from "./metric-queries";
import { validArn } from "./arn";
import { awsResource, each, unmodelled } from "./resource";
import { atLeast, oneOf, text } from "./validate";

/** What a single metric is told by, and what stands aside for a query. */
const OF_ONE_METRIC = ["dimensions", "metricName", "namespace", "period", "statistic", "extendedStatistic", "unit"];
const CONFLICTS: [property: string, others: string[]][] = [
  ["metricQueries", OF_ONE_METRIC.filter((name) => name !== "unit")],
  ["statistic", ["extendedStatistic"]],
  ["threshold", ["thresholdMetricId"]],
];

const actions: Property = { set: true, validate: (arns: string[]) => arns.map(validArn("actions")).find(Boolean) };

/** ConflictsWith, and validMetricAlarm, which the plugin comes to only when it creates or updates. */
function check(inputs: Values): CheckFailure[] {
  const has = (name: string) => inputs[name] !== undefined && inputs[name] !== "";
  const conflicts = CONFLICTS.flatMap(([property, others]) =>
    others
      .filter((other) => has(property) && has(other))
      .map((other) => ({ property, reason: `"${property}": conflicts with ${other}` })),
  );
  if (conflicts.length > 0) {
    return conflicts;
  }
  return has("metricName") && !has("statistic") && !has("extendedStatistic")
    ? [
        {
          property: "statistic",
          reason: "One of `statistic` or `extended_statistic` must be set for a cloudwatch metric alarm",
        },
      ]
    : [];
}

/** Everything: what a call leaves out goes back to its default. Tags it takes only of a new alarm. */
function wanted(name: string, inputs: Values): PutMetricAlarmCommandInput {
  return {
    AlarmName: name,
    AlarmDescription: inputs.alarmDescription,
    ActionsEnabled: inputs.actionsEnabled,
    AlarmActions: inputs.alarmActions,
    OKActions: inputs.okActions,
    InsufficientDataActions: inputs.insufficientDataActions,
    ComparisonOperator: inputs.comparisonOperator as ComparisonOperator,
    DatapointsToAlarm: inputs.datapointsToAlarm,
    EvaluateLowSampleCountPercentile: inputs.evaluateLowSampleCountPercentiles,
    EvaluationPeriods: inputs.evaluationPeriods as number,
    Threshold: inputs.threshold,
    ThresholdMetricId: inputs.thresholdMetricId,
    TreatMissingData: inputs.treatMissingData,
    ...(inputs.metricQueries
      ? { Metrics: queriesToApi(inputs.metricQueries as Values[]) }
      : {
          MetricName: inputs.metricName,
          Namespace: inputs.namespace,
          Dimensions: dimensionList(inputs.dimensions),
          Period: inputs.period,
          Statistic: inputs.statistic as Statistic | undefined,
          ExtendedStatistic: inputs.extendedStatistic,
          Unit: inputs.unit as StandardUnit | undefined,
        }),
  };
}

/** `aws_cloudwatch_metric_alarm`, internal/service/cloudwatch/metric_alarm.go. */
export const metricAlarm = awsResource({
  title: "CloudWatch Metric Alarm",
  autoName: { property: "name", maxLength: 255 },
  properties: {
    name: { computed: true, forceNew: true, validate: text("name", 0, 255) },
    alarmDescription: { validate: text("alarmDescription", 0, 1024) },
    actionsEnabled: { default: true },
    ...each(actions, "alarmActions", "okActions", "insufficientDataActions"),
    comparisonOperator: {
      validate: oneOf(
        "comparisonOperator",
        ...["GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold"],
        ...["LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold"],
        "GreaterThanUpperThreshold",
      ),
    },
    datapointsToAlarm: { validate: atLeast("datapointsToAlarm", 1) },
    evaluateLowSampleCountPercentiles: {
      computed: true,
      validate: oneOf("evaluateLowSampleCountPercentiles", "evaluate", "ignore"),
    },
    evaluationPeriods: { validate: atLeast("evaluationPeriods", 1) },
    metricName: { validate: text("metricName", 1, 255) },
    namespace: { validate: text("namespace", 1, 255, /^[^:].*$/) },
    dimensions: {},
    period: { validate: validPeriod },
    statistic: { validate: oneOf("statistic", "SampleCount", "Average", "Sum", "Minimum", "Maximum") },
    extendedStatistic: {
      validate: text("extendedStatistic", 1, 255, /^((p|tm|tc|ts|wm)\d|IQM$|(PR|TC|TM|TS|WM)\()/),
    },
    unit: {},
    metricQueries: { same: sameQueries, validate: validQueries },
    threshold: {},
    thresholdMetricId: {},
    treatMissingData: {
      default: "missing",
      validate: oneOf("treatMissingData", "breaching", "notBreaching", "ignore", "missing"),
    },
    ...unmodelled("evaluationCriteria", "evaluationInterval", "warmUpConfiguration"),
    ...each({ output: true }, "arn"),
  },
  check,

  tag: async ({ cloudWatch }, _name, { state, put, remove }) => {
    const ResourceARN = state.arn as string;
    if (remove.length > 0) {
      await cloudWatch.send(new UntagResourceCommand({ ResourceARN, TagKeys: remove }));
    }
    if (Object.keys(put).length > 0) {
      await cloudWatch.send(new TagResourceCommand({ ResourceARN, Tags: tagList(put) }));
    }
  },

  create: async ({ cloudWatch }, inputs) => {
    const name = inputs.name as string;
    await cloudWatch.send(
      new PutMetricAlarmCommand({ ...wanted(name, inputs), Tags: tagList(inputs.tagsAll as Tags) }),
    );
    return name;
  },

  read: async ({ cloudWatch }, name) => {
    const { MetricAlarms } = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ["MetricAlarm"] }),
    );
    const it = MetricAlarms?.[0];
    if (!it) {
      return undefined;
    }
    const { Tags } = await cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN: it.AlarmArn }));
    return {
      arn: it.AlarmArn,
      name: it.AlarmName,
      alarmDescription: it.AlarmDescription,
      actionsEnabled: it.ActionsEnabled,
      alarmActions: it.AlarmActions,
      okActions: it.OKActions,
      insufficientDataActions: it.InsufficientDataActions,
      comparisonOperator: it.ComparisonOperator,
      datapointsToAlarm: it.DatapointsToAlarm,
      evaluateLowSampleCountPercentiles: it.EvaluateLowSampleCountPercentile,
      evaluationPeriods: it.EvaluationPeriods,
      metricName: it.MetricName,
      namespace: it.Namespace,
      dimensions: dimensionMap(it.Dimensions),
      period: it.Period,
      statistic: it.Statistic,
      extendedStatistic: it.ExtendedStatistic,
      unit: it.Unit,
      metricQueries: queriesFromApi(it.Metrics),
      threshold: it.Threshold,
      thresholdMetricId: it.ThresholdMetricId,
      treatMissingData: it.TreatMissingData,
      tagsAll: tagMap(Tags),
    };
  },

  update: async ({ cloudWatch }, name, _before, inputs, changed) => {
    if (changed.some((property) => property !== "tags")) {
      await cloudWatch.send(new PutMetricAlarmCommand(wanted(name, inputs)));
    }
  },

  delete: ({ cloudWatch }, name) => cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [name] })),
});
