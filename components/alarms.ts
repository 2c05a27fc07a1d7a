import * as aws from "@pulumi/aws";
import { all, ComponentResource, ComponentResourceOptions, Output, output } from "@pulumi/pulumi";
import { capacityOf } from "./alarms/capacity";
import { AlarmDefinition, alarmDefinitions, Metric } from "./alarms/definitions";
import { Database } from "./database";
import { ServerParameter } from "./parameters";
import { Tags } from "./tags";

export interface AlarmsArgs {
  database: Pick<Database, "instanceIdentifier" | "replica" | "allocatedGb">;
  instanceClass: string;
  /** The server's settings: how many connections it has. */
  parameters: ServerParameter[];
  /** Where people are told. */
  topicArn: Output<string>;
  tags: Tags;
}

/** The alarms of the guide's "Key Metrics to Monitor", and what else wakes somebody up (FSBP CloudWatch.15, 17). */
export class Alarms extends ComponentResource {
  /** What they are and, besides, their ARNs: for the dashboard. */
  readonly definitions: Output<AlarmDefinition[]>;
  readonly arns: Output<string[]>;

  constructor(
    private readonly stack: string,
    private readonly args: AlarmsArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Alarms", stack, {}, options);
    const { database, instanceClass, parameters } = args;
    const known = { stack, ...capacityOf(instanceClass, parameters), replica: database.replica !== undefined };
    this.definitions = database.allocatedGb.apply((allocatedGb) => alarmDefinitions({ ...known, allocatedGb }));
    // How many there are, and of what, the settings say; what is allocated decides a threshold alone.
    const alarms = alarmDefinitions({ ...known, allocatedGb: 0 }).map((definition) => this.alarm(definition));
    this.arns = all(alarms.map(({ arn }) => arn));
    this.registerOutputs({ arns: this.arns });
  }

  private alarm(definition: AlarmDefinition) {
    const { name, says, metric, formula, comparison, periodSeconds, periods, missing } = definition;
    const { topicArn, tags } = this.args;
    const threshold = this.definitions.apply((all) => all.find((one) => one.name === name)?.threshold ?? 0);
    const alarmName = `${this.stack}-${name}`;
    return new aws.cloudwatch.MetricAlarm(
      alarmName,
      {
        name: alarmName,
        alarmDescription: `${says}. What to do: docs/alarms.md, "${name}"`,
        ...(metric && {
          ...{ namespace: metric.namespace, metricName: metric.name, statistic: metric.statistic },
          dimensions: this.dimensions(metric),
          period: periodSeconds,
        }),
        ...(formula && {
          metricQueries: [
            { id: "result", expression: formula.expression, label: formula.label, returnData: true },
            ...Object.entries(formula.metrics).map(([id, one]) => ({
              id,
              metric: {
                ...{ namespace: one.namespace, metricName: one.name, stat: one.statistic },
                dimensions: this.dimensions(one),
                period: periodSeconds,
              },
            })),
          ],
        }),
        comparisonOperator: comparison,
        threshold,
        evaluationPeriods: periods,
        datapointsToAlarm: periods,
        treatMissingData: missing,
        alarmActions: [topicArn],
        okActions: [topicArn],
        tags,
      },
      { parent: this },
    );
  }

  private dimensions({ of }: Metric): Record<string, Output<string>> | undefined {
    const { instanceIdentifier, replica } = this.args.database;
    return of && { DBInstanceIdentifier: of === "replica" ? (replica?.identifier ?? output("")) : instanceIdentifier };
  }
}
