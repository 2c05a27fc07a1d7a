import * as aws from "@pulumi/aws";
import { all, ComponentResource, ComponentResourceOptions, Output, output } from "@pulumi/pulumi";
import { capacityOf } from "../../model/observability/capacity";
import {
  AlarmDefinition,
  alarmDefinitions,
  AlarmsInput,
  Metric,
  replicaAlarmDefinitions,
} from "../../model/observability/alarms";
import { Database } from "../database/database";
import { ServerParameter } from "../../model/parameters";
import { Tags } from "../../model/aws/tags";

export interface AlarmsArgs {
  database: Pick<Database, "instanceIdentifier" | "replica" | "allocatedGb">;
  instanceClass: string;
  /** The server's parameters, among them the number of connections. */
  parameters: ServerParameter[];
  /** The SNS topic that alarms are published to. */
  topicArn: Output<string>;
  tags: Tags;
}

/** The alarms of the guide's "Key Metrics to Monitor", and those that AWS adds to them (FSBP CloudWatch.15, 17). */
export class Alarms extends ComponentResource {
  /** The definitions of all alarms, for the dashboard. */
  readonly definitions: Output<AlarmDefinition[]>;
  /** The ARNs of all alarms, for the dashboard. */
  readonly arns: Output<string[]>;

  constructor(
    private readonly stack: string,
    private readonly args: AlarmsArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Alarms", stack, {}, options);
    const { database, instanceClass, parameters } = args;
    const known = { stack, ...capacityOf(instanceClass, parameters) };
    const { allocatedGb, replica } = database;
    const servers = [
      this.alarms(alarmDefinitions, known, allocatedGb),
      ...(replica ? [this.alarms(replicaAlarmDefinitions, known, replica.allocatedGb)] : []),
    ];
    this.definitions = all(servers.map(({ definitions }) => definitions)).apply((each) => each.flat());
    this.arns = all(servers.flatMap(({ arns }) => arns));
    this.registerOutputs({ arns: this.arns });
  }

  /**
   * Makes the alarms of one server. The settings alone decide which there are; the allocated storage, known only when the instance has
   * been made, decides no more than a threshold.
   */
  private alarms(
    definitionsOf: typeof alarmDefinitions,
    known: Omit<AlarmsInput, "allocatedGb">,
    allocatedGb: Output<number>,
  ) {
    const definitions = allocatedGb.apply((allocated) => definitionsOf({ ...known, allocatedGb: allocated }));
    const arns = definitionsOf({ ...known, allocatedGb: 0 }).map((definition) => {
      const threshold = definitions.apply((all) => all.find(({ name }) => name === definition.name)?.threshold ?? 0);
      return this.alarm(definition, threshold).arn;
    });
    return { definitions, arns };
  }

  private alarm(definition: AlarmDefinition, threshold: Output<number>) {
    const { name, section, says, metric, formula, comparison, periodSeconds, periods, missing } = definition;
    const { topicArn, tags } = this.args;
    const alarmName = `${this.stack}-${name}`;
    return new aws.cloudwatch.MetricAlarm(
      alarmName,
      {
        name: alarmName,
        alarmDescription: `${says}. What to do: docs/alarms.md, "${section}"`,
        ...(metric && {
          namespace: metric.namespace,
          metricName: metric.name,
          statistic: metric.statistic,
          dimensions: this.dimensions(metric),
          period: periodSeconds,
        }),
        ...(formula && {
          metricQueries: [
            { id: "result", expression: formula.expression, label: formula.label, returnData: true },
            ...Object.entries(formula.metrics).map(([id, one]) => ({
              id,
              metric: {
                namespace: one.namespace,
                metricName: one.name,
                stat: one.statistic,
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
