import * as aws from "@pulumi/aws";
import {
  all,
  ComponentResource,
  ComponentResourceOptions,
  Input,
  jsonStringify,
  Output,
  Resource,
} from "@pulumi/pulumi";
import { Account, PolicyDocument, serviceTrust } from "../../model/aws/account";
import { BackupAlarms } from "./alarms";
import { executionPolicy, repositoryArn, schedulePolicy } from "../../model/policies/backups";
import { BackupTaskNetwork } from "./task-network";
import { BackupSettings } from "../../model/settings/backup";
import { Tags } from "../../model/aws/tags";

export interface BackupTasksArgs {
  account: Account;
  /** The image from the settings, in a repository of Amazon ECR; there are no tasks without one. */
  image: string;
  verify: BackupSettings["verify"];
  /** The stack's output `backups`, which the commands read, without the roles: a task already has its role. */
  backups: Input<object>;
  writerArn: Output<string>;
  restorerArn: Output<string>;
  vpcId: Output<string>;
  subnetIds: Output<string>[];
  databaseSecurityGroupId: Output<string>;
  endpointSecurityGroupId: Output<string>;
  databasePort: number;
  /** The database's storage, in GiB. */
  storageGb: number;
  topicArn: Output<string>;
  logsKeyArn: Output<string>;
  logRetentionDays: number;
  tags: Tags;
}

/** The AWS services that the tasks reach from subnets without a route to the internet, by the short names of their endpoints. */
export const BACKUP_TASK_SERVICES = ["ecr.api", "ecr.dkr", "kms", "logs", "s3", "secretsmanager"];

/** The schedules, in UTC: after RDS's own backup, and before maintenance in RDS's default windows is likely to be noticed. */
const SCHEDULES = {
  backup: "cron(30 2 * * ? *)",
  monthly: "cron(0 4 1 * ? *)",
  weekly: "cron(0 4 ? * SUN *)",
};

/** Fargate's limits on a task's storage, in GiB. */
const STORAGE = { least: 21, most: 200 };
/** GiB that a restore needs besides the tables, for sorting indexes. */
const SCRATCH_GB = 10;
const VOLUME = "tmp";
/** Seconds that a stopped task has to undo what is half done: Fargate's maximum. */
const STOP_TIMEOUT = 120;

interface Task {
  kind: "backup" | "verify-backup";
  roleArn: Output<string>;
  securityGroupIds: Output<string>[];
  schedule: string;
  memory: number;
  storageGb: number;
}

/**
 * The daily backup and its verification on a schedule: ECS tasks on Fargate, in subnets without a route to the internet, started by
 * EventBridge, with alarms for backups that fail and backups that never come.
 */
export class BackupTasks extends ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: BackupTasksArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:BackupTasks", name, {}, options);
    const { account, writerArn, restorerArn, verify, storageGb } = args;
    const { tasksSecurityGroupId, dumpSecurityGroupId } = new BackupTaskNetwork(name, args, { parent: this });
    const cluster = this.cluster();
    const logs = this.logGroup();
    const execution = this.role(
      "backup-execution",
      "Starts the tasks about backups",
      "ecs-tasks.amazonaws.com",
      logs.arn.apply((arn) => executionPolicy(repositoryArn(account, args.image), arn)),
    );
    const tasks: Task[] = [
      {
        kind: "backup",
        roleArn: writerArn,
        securityGroupIds: [tasksSecurityGroupId, dumpSecurityGroupId],
        schedule: SCHEDULES.backup,
        memory: 2048,
        storageGb: STORAGE.least,
      },
      {
        kind: "verify-backup",
        roleArn: restorerArn,
        securityGroupIds: [tasksSecurityGroupId],
        schedule: SCHEDULES[verify],
        memory: 4096,
        storageGb: Math.min(STORAGE.most, Math.max(STORAGE.least, storageGb + SCRATCH_GB)),
      },
    ];
    const definitions = tasks.map((task) => this.definition(task, execution.role, logs));
    const scheduler = this.role(
      "backup-schedule",
      "Starts the tasks about backups on time",
      "scheduler.amazonaws.com",
      all([
        cluster.arn,
        all(definitions.map(({ arnWithoutRevision }) => arnWithoutRevision)),
        all([writerArn, restorerArn, execution.role.arn]),
      ]).apply(([clusterArn, taskArns, roleArns]) => schedulePolicy(clusterArn, taskArns, roleArns)),
    );
    tasks.forEach((task, index) => {
      const definition = definitions[index] as aws.ecs.TaskDefinition;
      this.schedule(task, definition, cluster, scheduler.role, [execution.policy, scheduler.policy]);
    });
    const { topicArn, tags } = args;
    new BackupAlarms(name, { clusterArn: cluster.arn, logGroupName: logs.name, topicArn, tags }, { parent: this });
    this.registerOutputs({});
  }

  private cluster(): aws.ecs.Cluster {
    const name = `${this.name}-backups`;
    return new aws.ecs.Cluster(name, { name, tags: this.args.tags }, { parent: this });
  }

  private logGroup(): aws.cloudwatch.LogGroup {
    const { logsKeyArn, logRetentionDays, tags } = this.args;
    return new aws.cloudwatch.LogGroup(
      `${this.name}-backups`,
      { name: `/${this.name}/backups`, kmsKeyId: logsKeyArn, retentionInDays: logRetentionDays, tags },
      { parent: this },
    );
  }

  private role(kind: string, description: string, service: string, policy: Output<PolicyDocument>) {
    const name = `${this.name}-${kind}`;
    const { account, tags } = this.args;
    const role = new aws.iam.Role(
      name,
      { name, description, assumeRolePolicy: JSON.stringify(serviceTrust(account, service)), tags },
      { parent: this },
    );
    return {
      role,
      policy: new aws.iam.RolePolicy(name, { role: role.name, policy: jsonStringify(policy) }, { parent: this }),
    };
  }

  /** The task definition. A change makes a new revision, and the schedule moves to it. */
  private definition(
    { kind, roleArn, memory, storageGb }: Task,
    execution: aws.iam.Role,
    logs: aws.cloudwatch.LogGroup,
  ) {
    const name = `${this.name}-${kind}`;
    const { image, backups, account, tags } = this.args;
    return new aws.ecs.TaskDefinition(
      name,
      {
        family: name,
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "ARM64" },
        cpu: "1024",
        memory: String(memory),
        ephemeralStorage: { sizeInGib: storageGb },
        executionRoleArn: execution.arn,
        taskRoleArn: roleArn,
        volumes: [{ name: VOLUME }],
        containerDefinitions: jsonStringify([
          {
            name: kind,
            image,
            command: [`ops/${kind}`, "--json"],
            environment: [
              { name: "AWS_REGION", value: account.region },
              { name: "BACKUPS", value: jsonStringify(backups) },
            ],
            essential: true,
            // The image is read-only; files that the task makes lie in a volume that is deleted with it.
            readonlyRootFilesystem: true,
            mountPoints: [{ sourceVolume: VOLUME, containerPath: "/tmp", readOnly: false }],
            linuxParameters: { initProcessEnabled: true },
            stopTimeout: STOP_TIMEOUT,
            logConfiguration: {
              logDriver: "awslogs",
              options: { "awslogs-group": logs.name, "awslogs-region": account.region, "awslogs-stream-prefix": kind },
            },
          },
        ]),
        tags,
      },
      { parent: this },
    );
  }

  private schedule(
    { kind, schedule, securityGroupIds }: Task,
    definition: aws.ecs.TaskDefinition,
    cluster: aws.ecs.Cluster,
    role: aws.iam.Role,
    dependsOn: Resource[],
  ) {
    const name = `${this.name}-${kind}`;
    new aws.scheduler.Schedule(
      name,
      {
        name,
        scheduleExpression: schedule,
        scheduleExpressionTimezone: "UTC",
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: cluster.arn,
          roleArn: role.arn,
          ecsParameters: {
            taskDefinitionArn: definition.arn,
            launchType: "FARGATE",
            propagateTags: "TASK_DEFINITION",
            networkConfiguration: {
              subnets: this.args.subnetIds,
              securityGroups: securityGroupIds,
              assignPublicIp: false,
            },
          },
          // Capacity may be short for a while; what starts hours late would meet the next one.
          retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 7_200 },
        },
      },
      { parent: this, dependsOn },
    );
  }
}
