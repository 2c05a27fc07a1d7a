import * as aws from "@pulumi/aws";
import { all, ComponentResource, ComponentResourceOptions, Output, output } from "@pulumi/pulumi";
import { AlarmDefinition, alarmDefinitions, AlarmsInput, Metric } from "./alarms/definitions";
import { Tags } from "./tags";

export interface AlarmsArgs {
  maxConnections: number;
  memoryBytes: number;
  burstable: boolean;
  /** What RDS has allocated: it grows the storage by itself, and the next update follows. */
  allocatedGb: Output<number>;
  instanceIdentifier: Output<string>;
  /** Of the read replica, if there is one. */
  replicaIdentifier: Output<string> | undefined;
  /** Where people are told. */
  topicArn: Output<string>;
  tags: Tags;
}

/** The alarms of the guide's "Key Metrics to Monitor", and what else wakes somebody up (FSBP CloudWatch.15, 17). */
export class Alarms extends ComponentResource {
  /** ARNs, for the dashboard. */
  readonly arns: Output<string[]>;

  constructor(
    private readonly stack: string,
    private readonly args: AlarmsArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Alarms", stack, {}, options);
    const { maxConnections, memoryBytes, burstable, replicaIdentifier, allocatedGb } = args;
    const known = { stack, maxConnections, memoryBytes, burstable, replica: replicaIdentifier !== undefined };
    // How many there are, and of what, the settings say; what is allocated decides a threshold alone.
    const definitions = alarmDefinitions({ ...known, allocatedGb: 0 });
    const alarms = definitions.map((definition) => this.alarm(definition, known, allocatedGb));
    this.arns = all(alarms.map(({ arn }) => arn));
    this.registerOutputs({ arns: this.arns });
  }

  private alarm(definition: AlarmDefinition, known: Omit<AlarmsInput, "allocatedGb">, allocatedGb: Output<number>) {
    const { name, says, metric, formula, comparison, periodSeconds, periods, missing } = definition;
    const { topicArn, tags } = this.args;
    const threshold = allocatedGb.apply(
      (gb) => alarmDefinitions({ ...known, allocatedGb: gb }).find((one) => one.name === name)?.threshold ?? 0,
    );
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
    const { instanceIdentifier, replicaIdentifier } = this.args;
    return of && { DBInstanceIdentifier: of === "replica" ? output(replicaIdentifier ?? "") : instanceIdentifier };
  }
}
