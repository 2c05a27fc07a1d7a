import {
  CloudWatchLogsClient,
  DeleteMetricFilterCommand,
  MetricTransformation,
  paginateDescribeMetricFilters,
  PutMetricFilterCommand,
  StandardUnit,
} from "@aws-sdk/client-cloudwatch-logs";
import { Values } from "../protocol/model";
import { unlessMissing } from "./errors";
import { awsResource, unmodelled } from "./resource";
import { sameBlocks } from "./s3-wire";
import { first, ifSet, text } from "./validate";

const GONE = "ResourceNotFoundException";
const NAME = /^[^:*$]*$/;

/** A number that may be absent is a text in Terraform. */
const withDefaults = (it: Values | undefined) =>
  it && { unit: "None", ...it, defaultValue: it.defaultValue === undefined ? undefined : Number(it.defaultValue) };

function transformationToApi(it: Values): MetricTransformation {
  return {
    metricName: it.name as string,
    metricNamespace: it.namespace as string,
    metricValue: it.value as string,
    defaultValue: it.defaultValue ? Number(it.defaultValue) : undefined,
    dimensions: it.dimensions,
    unit: (it.unit ?? "None") as StandardUnit,
  };
}

function transformationFromApi(it: MetricTransformation | undefined): Values | undefined {
  return (
    it && {
      name: it.metricName,
      namespace: it.metricNamespace,
      value: it.metricValue,
      defaultValue: it.defaultValue === undefined ? undefined : String(it.defaultValue),
      dimensions: it.dimensions,
      unit: it.unit,
    }
  );
}

async function find(logs: CloudWatchLogsClient, logGroupName: string, filterNamePrefix: string) {
  for await (const page of paginateDescribeMetricFilters({ client: logs }, { logGroupName, filterNamePrefix })) {
    const found = page.metricFilters?.find(({ filterName }) => filterName === filterNamePrefix);
    if (found) {
      return found;
    }
  }
  return undefined;
}

/** Its id is its name; it is imported by "<log group>:<name>", and a log group's name may hold no colon. */
const partsOf = (id: string, { logGroupName }: Values) => [(logGroupName ?? "") as string, id] as const;

async function put(logs: CloudWatchLogsClient, inputs: Values): Promise<string> {
  await logs.send(
    new PutMetricFilterCommand({
      logGroupName: inputs.logGroupName as string,
      filterName: inputs.name as string,
      filterPattern: (inputs.pattern as string).trim(),
      metricTransformations: [transformationToApi(inputs.metricTransformation as Values)],
    }),
  );
  return inputs.name as string;
}

/** `aws_cloudwatch_log_metric_filter`, internal/service/logs/metric_filter.go. */
export const logMetricFilter = awsResource({
  title: "CloudWatch Logs Metric Filter",
  autoName: { property: "name", maxLength: 512 },
  properties: {
    name: { computed: true, forceNew: true, validate: text("name", 1, 512, NAME) },
    logGroupName: { required: true, forceNew: true, validate: text("logGroupName", 1, 512, /^[\w./#-]+$/) },
    pattern: {
      required: true,
      same: (before, after) => String(before).trim() === String(after).trim(),
      validate: text("pattern", 0, 1024),
    },
    metricTransformation: {
      required: true,
      same: (before, after) => sameBlocks(withDefaults(before as Values), withDefaults(after as Values)),
      validate: ({ name, namespace, value, defaultValue }: Values) =>
        first(
          text("name", 0, 255, NAME)(name as string),
          text("namespace", 0, 255, NAME)(namespace as string),
          text("value", 0, 100)(value as string),
          ifSet(validNumber)(defaultValue),
        ),
    },
    ...unmodelled("applyOnTransformedLogs"),
  },

  create: ({ logs }, inputs) => put(logs, inputs),

  importer: (_, given) => {
    const [logGroupName, id] = given.split(":");
    if (!logGroupName || !id) {
      throw new Error(`unexpected format of ID (${given}), expected <log_group_name>:<name>`);
    }
    return Promise.resolve({ id, state: { logGroupName } });
  },

  read: async ({ logs }, id, state) => {
    const it = await unlessMissing(find(logs, ...partsOf(id, state)), GONE);
    return (
      it && {
        name: it.filterName,
        logGroupName: it.logGroupName,
        pattern: it.filterPattern,
        metricTransformation: transformationFromApi(it.metricTransformations?.[0]),
      }
    );
  },

  update: async ({ logs }, _name, _before, inputs) => {
    await put(logs, inputs);
  },

  delete: ({ logs }, id, state) => {
    const [logGroupName, filterName] = partsOf(id, state);
    return unlessMissing(logs.send(new DeleteMetricFilterCommand({ logGroupName, filterName })), GONE);
  },
});

/** nullable.ValidateTypeStringNullableFloat. */
function validNumber(value: string): string | undefined {
  return Number.isNaN(Number(value)) ? `defaultValue: cannot parse '${value}' as float` : undefined;
}
