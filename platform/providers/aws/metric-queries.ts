import { Dimension, MetricDataQuery, MetricStat, StandardUnit } from "@aws-sdk/client-cloudwatch";
import { Values } from "../protocol/model";
import { sameBlocks } from "./s3-wire";
import { atLeast, first, ifSet, text } from "./validate";

/** The map of Terraform as CloudWatch's list, and back. */
export const dimensionList = (map: unknown): Dimension[] =>
  Object.entries((map ?? {}) as Record<string, string>).map(([Name, Value]) => ({ Name, Value }));

export function dimensionMap(list: Dimension[] | undefined): Record<string, string> | undefined {
  const entries = (list ?? []).map(({ Name = "", Value = "" }): [string, string] => [Name, Value]);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function metricToApi(metric: Values): MetricStat {
  return {
    Metric: {
      MetricName: metric.metricName as string,
      Namespace: metric.namespace,
      Dimensions: dimensionList(metric.dimensions),
    },
    Period: metric.period as number,
    Stat: metric.stat as string,
    Unit: metric.unit as StandardUnit | undefined,
  };
}

function metricFromApi({ Metric, Period, Stat, Unit }: MetricStat): Values {
  return {
    metricName: Metric?.MetricName,
    namespace: Metric?.Namespace,
    dimensions: dimensionMap(Metric?.Dimensions),
    period: Period,
    stat: Stat,
    unit: Unit,
  };
}

export function queriesToApi(queries: Values[]): MetricDataQuery[] {
  return queries.map(({ id, expression, label, metric, period, returnData, accountId }) => ({
    Id: id as string,
    Expression: expression,
    Label: label,
    ReturnData: Boolean(returnData),
    Period: period,
    AccountId: accountId,
    ...(metric ? { MetricStat: metricToApi(metric as Values) } : {}),
  }));
}

export function queriesFromApi(queries: MetricDataQuery[] | undefined): Values[] | undefined {
  return queries?.map((query) => ({
    id: query.Id,
    expression: query.Expression,
    label: query.Label,
    returnData: query.ReturnData ?? true,
    period: query.Period,
    accountId: query.AccountId,
    metric: query.MetricStat && metricFromApi(query.MetricStat),
  }));
}

const byId = (queries: unknown) =>
  [...((queries ?? []) as Values[])].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));

export function sameQueries(before: unknown, after: unknown): boolean {
  return sameBlocks(byId(before), byId(after));
}

/** validMetricPeriod: short ones are for metrics of high resolution. */
export function validPeriod(period: number): string | undefined {
  return [10, 20, 30].includes(period) || (period > 0 && period % 60 === 0)
    ? undefined
    : `expected period to be one of [10 20 30] or divisible by 60, got ${period}`;
}

/** Of an expression and a metric a query has one (validMetricAlarm). */
export function validQueries(queries: Values[]): string | undefined {
  return first(
    ...queries.map(({ id, expression, metric, period }) =>
      first(
        text("id", 1, 255)(id as string),
        expression && metric ? "No metric_query may have both `expression` and a `metric` specified" : undefined,
        ifSet(validPeriod)(metric?.period),
        ifSet(atLeast("period", 1))(period),
      ),
    ),
  );
}
