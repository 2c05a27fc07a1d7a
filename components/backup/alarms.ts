import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, jsonStringify, Output } from "@pulumi/pulumi";
import { LATEST_HOURS } from "../../model/policies/backups";
import { LEAST_CERTIFICATE_DAYS } from "../../model/certificate-age";
import { Tags } from "../../model/aws/tags";

export interface BackupAlarmsArgs {
  clusterArn: Output<string>;
  logGroupName: Output<string>;
  /** The SNS topic that alarms and failures are published to. */
  topicArn: Output<string>;
  tags: Tags;
}

const HOUR_SECONDS = 3_600;

/**
 * The alarms for backup tasks that fail, for backups that never come (a schedule that is switched off fails nothing), and for a server
 * certificate that ends soon (guide: "Backup Verification"; FSBP CloudWatch.15, 17).
 */
export class BackupAlarms extends ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: BackupAlarmsArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:BackupAlarms", name, {}, options);
    this.failure();
    this.absence();
    this.certificate();
    this.registerOutputs({});
  }

  /** Notifies of every task that fails, whatever the reason: the command's own failure, no memory, no image, no network. */
  private failure() {
    const { clusterArn, topicArn, tags } = this.args;
    const rule = new aws.cloudwatch.EventRule(
      `${this.name}-backup-failed`,
      {
        name: `${this.name}-backup-failed`,
        description: "A task about backups has ended, and not well",
        eventPattern: jsonStringify({
          source: ["aws.ecs"],
          "detail-type": ["ECS Task State Change"],
          detail: {
            clusterArn: [clusterArn],
            lastStatus: ["STOPPED"],
            $or: [{ containers: { exitCode: [{ "anything-but": [0] }] } }, { stopCode: ["TaskFailedToStart"] }],
          },
        }),
        tags,
      },
      { parent: this },
    );
    new aws.cloudwatch.EventTarget(
      `${this.name}-backup-failed`,
      {
        rule: rule.name,
        arn: topicArn,
        inputTransformer: {
          inputPaths: { group: "$.detail.group", reason: "$.detail.stoppedReason", task: "$.detail.taskArn" },
          inputTemplate: `"${this.name}: a task about backups has failed. <group>: <reason>. Its log is in /${this.name}/backups, task <task>."`,
        },
      },
      { parent: this },
    );
  }

  /** Raises an alarm when no backup was made for {@link LATEST_HOURS} hours: it counts the results that `ops/backup` logs. */
  private absence() {
    const { logGroupName, topicArn, tags } = this.args;
    const metric = { name: "BackupsMade", namespace: this.name };
    const name = `${this.name}-backup-missing`;
    new aws.cloudwatch.LogMetricFilter(
      name,
      {
        name,
        logGroupName,
        pattern: '{ $.result = "backed up" }',
        metricTransformation: { ...metric, value: "1", unit: "Count" },
      },
      { parent: this },
    );
    new aws.cloudwatch.MetricAlarm(
      name,
      {
        name,
        alarmDescription: `No new backup for ${LATEST_HOURS} hours. What to do: docs/backups.md, "When an alarm comes"`,
        namespace: metric.namespace,
        metricName: metric.name,
        statistic: "Sum",
        period: HOUR_SECONDS,
        evaluationPeriods: LATEST_HOURS,
        datapointsToAlarm: LATEST_HOURS,
        comparisonOperator: "LessThanThreshold",
        threshold: 1,
        // Hours without a backup have no data at all: that is what it is about.
        treatMissingData: "breaching",
        alarmActions: [topicArn],
        okActions: [topicArn],
        tags,
      },
      { parent: this },
    );
  }

  /** Raises an alarm before the server's certificate ends. RDS has no metric for it: the daily backup logs how long it is still valid. */
  private certificate() {
    const { logGroupName, topicArn, tags } = this.args;
    const metric = { name: "CertificateDaysLeft", namespace: this.name };
    const name = `${this.name}-certificate`;
    new aws.cloudwatch.LogMetricFilter(
      name,
      {
        name,
        logGroupName,
        pattern: "{ $.certificateDaysLeft >= 0 }",
        metricTransformation: { ...metric, value: "$.certificateDaysLeft" },
      },
      { parent: this },
    );
    new aws.cloudwatch.MetricAlarm(
      name,
      {
        name,
        alarmDescription: `The server's certificate ends within ${LEAST_CERTIFICATE_DAYS} days. What to do: docs/alarms.md, "certificate"`,
        namespace: metric.namespace,
        metricName: metric.name,
        statistic: "Minimum",
        period: 24 * HOUR_SECONDS,
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        comparisonOperator: "LessThanThreshold",
        threshold: LEAST_CERTIFICATE_DAYS,
        // A day without a backup is another alarm's business.
        treatMissingData: "ignore",
        alarmActions: [topicArn],
        okActions: [topicArn],
        tags,
      },
      { parent: this },
    );
  }
}
