import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { ContainerDefinition, DescribeTaskDefinitionCommand, ECSClient } from "@aws-sdk/client-ecs";
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { BackupCommands } from "../support/backup-commands";
import { assume } from "../support/iam";
import { LocalStack } from "../support/local-stack";
import { openLogStream } from "../support/log-stream";
import { listenTo, TopicListener } from "../support/topic-listener";

const IMAGE = "000000000000.dkr.ecr.eu-central-1.amazonaws.com/markenmate-backups:1";
const STACK = "markenmate-test";

/** What AWS runs by itself: the very commands, environments and roles of the tasks, run here as ECS would run them there. */
describe("the tasks about backups", () => {
  let stack: LocalStack;
  let commands: BackupCommands;
  let without: string;

  beforeAll(async () => {
    stack = await LocalStack.prepared();
    without = await stack.up();
    await stack.configure({}, { backup: { image: IMAGE, verify: "weekly" } });
    commands = new BackupCommands(stack);
  });
  afterAll(() => stack.close());

  const ecs = new ECSClient({});
  const schedule = async (kind: string) =>
    new SchedulerClient({}).send(new GetScheduleCommand({ Name: `${STACK}-${kind}` }));
  const definition = async (kind: string) => {
    const { Target } = await schedule(kind);
    const taskDefinition = Target?.EcsParameters?.TaskDefinitionArn as string;
    const { taskDefinition: found } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
    return { ...found, container: found?.containerDefinitions?.[0] as ContainerDefinition };
  };

  /** Runs the container's command with its environment, as the task's role, and puts what it prints into its log. */
  async function runTask(kind: string) {
    const { container, taskRoleArn = "" } = await definition(kind);
    const { accessKeyId, secretAccessKey, sessionToken } = await assume(taskRoleArn);
    const { env } = await commands.environment();
    const [command = "", ...args] = container.command ?? [];
    const own = Object.fromEntries((container.environment ?? []).map(({ name, value }) => [name, value]));
    const ended = await capture(path.join(ROOT, command), args, {
      cwd: ROOT, // the as the image does
      env: {
        ...own,
        ...{ PATH: env.PATH, TMPDIR: env.TMPDIR, AWS_ENDPOINT_URL: env.AWS_ENDPOINT_URL },
        ...{ NODE_EXTRA_CA_CERTS: env.NODE_EXTRA_CA_CERTS },
        ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken },
      },
    });
    const { "awslogs-group": logGroupName = "", "awslogs-stream-prefix": prefix } =
      container.logConfiguration?.options ?? {};
    const write = await openLogStream({ logGroupName, logStreamName: `${prefix}/${kind}/${Date.now()}` });
    await write(`${ended.stderr}${ended.stdout}`.split("\n").filter(Boolean));
    return ended;
  }

  it("are left out without an image, and `pulumi up` says so", () => {
    expect(without).toContain("backup.image is not set: nothing backs the database up");
    expect(without).not.toContain("aws:ecs");
  });

  it("come with an image: nothing else is replaced or deleted, and a second update changes nothing", async () => {
    const { changeSummary, steps } = await stack.preview();
    expect(Object.keys(changeSummary ?? {}).sort()).toEqual(["create", "same"]);
    expect(steps.some(({ urn }) => urn.includes("aws:ecs/taskDefinition:TaskDefinition"))).toBe(true);
    const said = await stack.up();
    expect(said).not.toContain("backup.image is not set");
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("run daily and weekly, in subnets without a way out, and only the one that dumps reaches the database", async () => {
    const [backup, verify] = [await schedule("backup"), await schedule("verify-backup")];
    expect([backup.ScheduleExpression, verify.ScheduleExpression]).toEqual([
      "cron(30 2 * * ? *)",
      "cron(0 4 ? * SUN *)",
    ]);
    const network = ({ Target }: typeof backup) => Target?.EcsParameters?.NetworkConfiguration?.awsvpcConfiguration;
    for (const it of [backup, verify]) {
      expect(network(it)).toMatchObject({ AssignPublicIp: "DISABLED" });
      expect(network(it)?.Subnets).toHaveLength(3);
    }
    const [of, also] = [network(verify)?.SecurityGroups ?? [], network(backup)?.SecurityGroups ?? []];
    expect([of.length, also.length, also.includes(of[0] as string)]).toEqual([1, 2, true]);
  });

  it("have a read-only image, no password in their definition, and memory and disk for the database", async () => {
    const { containerDefinitions, container, ephemeralStorage } = await definition("verify-backup");
    expect(container).toMatchObject({ image: IMAGE, readonlyRootFilesystem: true });
    expect(ephemeralStorage?.sizeInGiB).toBe(30);
    const { password } = await stack.secret((await stack.outputs()).secretArns.backup as string);
    expect(JSON.stringify(containerDefinitions)).not.toContain(password);
  });

  it("back up and verify, each as its own role, and end the alarm about backups that are missing", async () => {
    const cloudWatch = new CloudWatchClient({});
    const alarm = async () => {
      const { MetricAlarms = [] } = await cloudWatch.send(
        new DescribeAlarmsCommand({ AlarmNames: [`${STACK}-backup-missing`] }),
      );
      return MetricAlarms[0];
    };
    expect(await alarm()).toMatchObject({
      ...{ Period: 3600, EvaluationPeriods: 26, DatapointsToAlarm: 26, Threshold: 1, TreatMissingData: "breaching" },
      ...{ ComparisonOperator: "LessThanThreshold", Statistic: "Sum" },
    });
    await cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName: `${STACK}-backup-missing`, StateValue: "ALARM", StateReason: "test" }),
    );
    await stack.as("migrate", (client) => client.query("CREATE TABLE things AS SELECT generate_series(1, 9) AS id"));
    // Something in the log that is no backup.
    const early = await runTask("verify-backup");
    expect([early.code, early.stderr]).toEqual([1, expect.stringContaining("There is no backup of markenmate")]);
    expect((await alarm())?.StateValue).toBe("ALARM");

    const backup = await runTask("backup");
    expect([backup.code, JSON.parse(backup.stdout)]).toMatchObject([0, { result: "backed up", tables: 1, rows: 9 }]);
    expect((await alarm())?.StateValue).toBe("OK");
    const { certificateDaysLeft } = JSON.parse(backup.stdout) as { certificateDaysLeft: number };
    expect(certificateDaysLeft).toBeGreaterThan(3_000);
    const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [`${STACK}-certificate`] }));
    expect(MetricAlarms?.[0]).toMatchObject({ Threshold: 30, StateValue: "OK" });

    const verified = await runTask("verify-backup");
    expect([verified.code, JSON.parse(verified.stdout)]).toMatchObject([0, { result: "restored", tables: 1 }]);
  });

  describe("when one fails", () => {
    let topic: TopicListener;

    beforeAll(async () => {
      const { eventTopicArn } = (await stack.outputs()) as unknown as { eventTopicArn: string };
      topic = await listenTo(eventTopicArn);
    });
    afterAll(() => topic.close());

    const events = new EventBridgeClient({});
    const Name = `${STACK}-backup-failed`;
    const stopped = (detail: object) => ({
      clusterArn: `arn:aws:ecs:eu-central-1:000000000000:cluster/${STACK}-backups`,
      taskArn: "arn:aws:ecs:eu-central-1:000000000000:task/1",
      group: `family:${STACK}-backup`,
      lastStatus: "STOPPED",
      stoppedReason: "its command failed",
      ...detail,
    });

    it.each<[boolean, string, object]>([
      [false, "ends well", { containers: [{ exitCode: 0 }], stopCode: "EssentialContainerExited" }],
      [true, "fails", { containers: [{ exitCode: 1 }], stopCode: "EssentialContainerExited" }],
      [true, "runs out of memory", { containers: [{ exitCode: 137 }] }],
      [true, "has no image", { containers: [{}], stopCode: "TaskFailedToStart" }],
      [false, "runs still", { containers: [{ exitCode: 1 }], lastStatus: "RUNNING" }],
      [
        false,
        "is somebody else's",
        { containers: [{ exitCode: 1 }], clusterArn: "arn:aws:ecs:eu-central-1:0:cluster/x" },
      ],
    ])("it is %s that people are told of one that %s", async (isTold, _, detail) => {
      const { EventPattern } = await events.send(new DescribeRuleCommand({ Name }));
      const Event = JSON.stringify({
        ...{ id: "1", account: "000000000000", source: "aws.ecs", time: new Date(), region: "eu-central-1" },
        ...{ resources: [], "detail-type": "ECS Task State Change", detail: stopped(detail) },
      });
      const { Result } = await events.send(new TestEventPatternCommand({ EventPattern, Event }));
      expect(Result).toBe(isTold);
    });

    it("says which, why and where to look", async () => {
      // Nobody but AWS may send events of AWS's: another rule hands its own to the same target.
      const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: Name }));
      const Rule = `${STACK}-test`;
      await events.send(new PutRuleCommand({ Name: Rule, EventPattern: JSON.stringify({ source: ["tests"] }) }));
      await events.send(new PutTargetsCommand({ Rule, Targets }));
      const Entry = { Source: "tests", DetailType: "ECS Task State Change", Detail: JSON.stringify(stopped({})) };
      await events.send(new PutEventsCommand({ Entries: [Entry] }));
      await expect
        .poll(() => topic.told)
        .toEqual([
          `"${STACK}: a task about backups has failed. family:${STACK}-backup: its command failed. ` +
            `Its log is in /${STACK}/backups, task arn:aws:ecs:eu-central-1:000000000000:task/1."`,
        ]);
      await events.send(new RemoveTargetsCommand({ Rule, Ids: Targets?.map(({ Id }) => Id as string) }));
      await events.send(new DeleteRuleCommand({ Name: Rule }));
    });
  });
});
