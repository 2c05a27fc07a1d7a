import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { Database } from "../database/database";
import { LOG_METRICS, logMetricNamespace } from "../../model/observability/log-metrics";
import { logPatterns } from "../../model/observability/log-patterns";
import { LOG_QUERIES, masterQuery, queryString } from "../../model/observability/log-queries";

export interface LogFiltersArgs {
  database: Pick<Database, "logGroupNames" | "masterUsername">;
}

/**
 * The metric filters that count in the server's log what alarms are about, and the saved queries for people who search it (guide:
 * "Monitor Suspicious Queries"). A read replica takes the same logins and has a log of its own, which counts into the same metrics.
 */
export class LogFilters extends ComponentResource {
  constructor(
    private readonly stack: string,
    private readonly args: LogFiltersArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:LogFilters", stack, {}, options);
    args.database.logGroupNames.forEach((name, index) => this.filters(index === 0 ? stack : `${stack}-replica`, name));
    this.queries();
    this.registerOutputs({});
  }

  private filters(server: string, logGroupName: Output<string>) {
    for (const { name: kind, metric, pattern } of logPatterns(this.args.database.masterUsername)) {
      const name = `${server}-${kind}`;
      const counted = { name: LOG_METRICS[metric], namespace: logMetricNamespace(this.stack) };
      new aws.cloudwatch.LogMetricFilter(
        name,
        // A line that does not match counts as 0: without that an alarm would not end while other lines arrive.
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
    const { logGroupNames, masterUsername } = this.args.database;
    for (const query of [...LOG_QUERIES, masterQuery(masterUsername)]) {
      new aws.cloudwatch.QueryDefinition(
        `${this.stack}-${query.name}`,
        { name: `${this.stack}/${query.name}`, logGroupNames, queryString: queryString(query) },
        { parent: this },
      );
    }
  }
}
