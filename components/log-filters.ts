import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { LOG_METRICS, logMetricNamespace } from "./log-metrics";
import { logPatterns } from "./log-patterns";
import { LOG_QUERIES, masterQuery, queryString } from "./log-queries";

export interface LogFiltersArgs {
  /** The server's log in CloudWatch. */
  logGroupName: Output<string>;
  masterUsername: string;
}

/** Counts in the server's log what alarms are about, and keeps the questions that people ask it (guide: "Monitor Suspicious Queries"). */
export class LogFilters extends ComponentResource {
  constructor(
    private readonly stack: string,
    private readonly args: LogFiltersArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:LogFilters", stack, {}, options);
    this.filters();
    this.queries();
    this.registerOutputs({});
  }

  private filters() {
    const { logGroupName, masterUsername } = this.args;
    for (const { name: kind, metric, pattern } of logPatterns(masterUsername)) {
      const name = `${this.stack}-${kind}`;
      const counted = { name: LOG_METRICS[metric], namespace: logMetricNamespace(this.stack) };
      new aws.cloudwatch.LogMetricFilter(
        name,
        // A line that does not fit is a nought: without it an alarm would not end while other lines come.
        {
          name,
          logGroupName,
          pattern,
          metricTransformation: { ...counted, value: "1", defaultValue: "0", unit: "Count" },
        },
        { parent: this },
      );
    }
  }

  private queries() {
    const { logGroupName, masterUsername } = this.args;
    for (const query of [...LOG_QUERIES, masterQuery(masterUsername)]) {
      new aws.cloudwatch.QueryDefinition(
        `${this.stack}-${query.name}`,
        { name: `${this.stack}/${query.name}`, logGroupNames: [logGroupName], queryString: queryString(query) },
        { parent: this },
      );
    }
  }
}
