import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aws } from "../providers/aws";
import { useAwsProvider } from "../../test/support/aws-provider";
import { ToyEngine } from "../../test/support/engine";
import { leftJobs } from "../../test/support/leftovers";

/** A task at its time, whoever hears of it, and a bucket whose objects are kept in another region, as a program writes them. */
const PROGRAM = `
  const aws = require("@pulumi/aws");
  const region = "eu-west-1";
  const account = "000000000000";
  const trust = (Service) => aws.iam.assumeRolePolicyForPrincipal({ Service });
  const role = (name) => new aws.iam.Role(name, { assumeRolePolicy: trust(name + ".amazonaws.com") });
  const [tasks, scheduler, s3] = ["ecs-tasks", "scheduler", "s3"].map(role);

  const cluster = new aws.ecs.Cluster("backup", { settings: [{ name: "containerInsights", value: "enabled" }] });
  const logs = new aws.cloudwatch.LogGroup("backup", { retentionInDays: 30 });
  const options = { "awslogs-group": logs.name, "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "dump" };
  const containerDefinitions = require("@pulumi/pulumi").jsonStringify([
    { name: "dump", image: IMAGE, logConfiguration: { logDriver: "awslogs", options } },
  ]);
  const task = new aws.ecs.TaskDefinition("dump", {
    family: "dump",
    containerDefinitions,
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
    executionRoleArn: tasks.arn,
  });
  const vpc = new aws.ec2.Vpc("vpc", { cidrBlock: "10.0.0.0/16" });
  const subnet = new aws.ec2.Subnet("subnet", { vpcId: vpc.id, cidrBlock: "10.0.1.0/24" });
  new aws.scheduler.Schedule("nightly", {
    scheduleExpression: "cron(0 2 * * ? *)",
    flexibleTimeWindow: { mode: "OFF" },
    target: {
      arn: cluster.arn,
      roleArn: scheduler.arn,
      ecsParameters: {
        taskDefinitionArn: task.arn,
        launchType: "FARGATE",
        networkConfiguration: { subnets: [subnet.id] },
      },
    },
  });

  const topic = new aws.sns.Topic("alarms");
  const metric = { name: "Done", namespace: "Backups" };
  new aws.cloudwatch.LogMetricFilter("done", {
    logGroupName: logs.name,
    pattern: '{ $.event = "done" }',
    metricTransformation: { ...metric, value: "1" },
  });
  new aws.cloudwatch.MetricAlarm("stale", {
    metricName: metric.name,
    namespace: metric.namespace,
    statistic: "Sum",
    period: 3600,
    evaluationPeriods: 26,
    threshold: 1,
    comparisonOperator: "LessThanThreshold",
    treatMissingData: "breaching",
    alarmActions: [topic.arn],
  });
  const rule = new aws.cloudwatch.EventRule("failed", {
    eventPattern: require("@pulumi/pulumi").jsonStringify({ source: ["aws.ecs"], detail: { clusterArn: [cluster.arn] } }),
  });
  new aws.cloudwatch.EventTarget("failed", {
    rule: rule.name,
    arn: topic.arn,
    inputTransformer: { inputPaths: { reason: "$.detail.stoppedReason" }, inputTemplate: '"Failed: <reason>"' },
  });

  const key = new aws.kms.Key("backup", { multiRegion: true });
  const replica = new aws.kms.ReplicaKey("backup", { primaryKeyArn: key.arn, region });
  const versioned = (name, where) => {
    const bucket = new aws.s3.Bucket(name, where);
    const versioningConfiguration = { status: "Enabled" };
    return new aws.s3.BucketVersioning(name, { bucket: bucket.bucket, versioningConfiguration, ...where });
  };
  const [dumps, copies] = [versioned("dumps", {}), versioned("copies", { region })];
  new aws.s3.BucketReplicationConfig("copies", {
    bucket: dumps.bucket,
    role: s3.arn,
    rules: [
      {
        status: "Enabled",
        filter: {},
        deleteMarkerReplication: { status: "Disabled" },
        sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
        destination: {
          bucket: copies.bucket.apply((name) => "arn:aws:s3:::" + name),
          encryptionConfiguration: { replicaKmsKeyId: replica.arn },
        },
      },
    ],
  });

  const trails = new aws.s3.Bucket("trails", { forceDestroy: true });
  const writes = (Action, Resource) => ({
    Effect: "Allow",
    Principal: { Service: "cloudtrail.amazonaws.com" },
    Action,
    Resource,
  });
  const files = trails.arn.apply((arn) => arn + "/AWSLogs/" + account + "/*");
  const policy = new aws.s3.BucketPolicy("trails", {
    bucket: trails.bucket,
    policy: { Version: "2012-10-17", Statement: [writes("s3:GetBucketAcl", trails.arn), writes("s3:PutObject", files)] },
  });
  const fieldSelectors = [
    { field: "eventCategory", equals: ["Data"] },
    { field: "resources.type", equals: ["AWS::S3::Object"] },
    { field: "resources.ARN", startsWiths: [dumps.bucket.apply((name) => "arn:aws:s3:::" + name + "/")] },
  ];
  new aws.cloudtrail.Trail(
    "reads",
    { s3BucketName: trails.bucket, advancedEventSelectors: [{ fieldSelectors }] },
    { dependsOn: policy },
  );
  exports.task = task.arn;
`;

describe("the local aws provider under a real engine", () => {
  useAwsProvider();
  let engine: ToyEngine;
  beforeAll(async () => {
    engine = await ToyEngine.start(aws);
  });
  afterAll(() => engine.close());

  const run = (image: string) => engine.program(PROGRAM.replace("IMAGE", JSON.stringify(image)));

  test("a backup's task, its alarms and its copies go up, stay quiet, change and come down", async () => {
    await run("postgres:17");
    expect(await engine.up()).toContain("+ 25 created");
    expect(await engine.up("--expect-no-changes")).toContain("25 unchanged");
    // What it leaves as it is leaves no more to an update.
    expect(await engine.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes")).toContain("25 unchanged");

    expect(await engine.succeed("stack", "output", "task")).toMatch(/:task-definition\/dump:1$/m);
    const kinds = (await leftJobs()).map((it) => it.split(":")[0]);
    expect(kinds).toEqual(["cluster", "task definition", "schedule", "alarm", "rule", "trail"]);
    await run("postgres:18");
    const changed = await engine.up();
    expect(changed).toMatch(/\+-1 replaced|1 replaced/);
    expect(changed).toContain("~ 1 updated");
    expect(await engine.succeed("stack", "output", "task")).toMatch(/:task-definition\/dump:2$/m);
    expect(await engine.succeed("destroy", "--yes", "--skip-preview")).toContain("- 25 deleted");
    expect(await leftJobs()).toEqual([]);
  });
});
