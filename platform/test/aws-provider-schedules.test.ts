import {
  GetScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
  UpdateScheduleCommandInput,
} from "@aws-sdk/client-scheduler";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Values } from "../providers/protocol/model";
import { assumableBy, useAwsProvider } from "../../test/support/aws-provider";

describe("the local aws provider: schedules", () => {
  const on = useAwsProvider({ defaultTags: { tags: { Owner: "tests" } } });
  let scheduler: SchedulerClient;
  let roleArn: string;
  let foreignRole: string;
  beforeAll(async () => {
    scheduler = new SchedulerClient({});
    const role = async (name: string) =>
      (await on.create("iam.Role", { name, assumeRolePolicy: assumableBy(`${name}.amazonaws.com`) })).state
        .arn as string;
    [roleArn, foreignRole] = [await role("scheduler"), await role("ecs-tasks")];
  });
  afterAll(() => scheduler.destroy());

  const schedule = (more: Values = {}, target: Values = {}, network: Values = {}) => ({
    name: "nightly",
    description: "Dumps",
    scheduleExpression: "cron(0 2 * * ? *)",
    scheduleExpressionTimezone: "Europe/Berlin",
    flexibleTimeWindow: { mode: "FLEXIBLE", maximumWindowInMinutes: 15 },
    target: {
      arn: "arn:aws:ecs:eu-central-1:000000000000:cluster/backup",
      roleArn,
      ecsParameters: {
        taskDefinitionArn: "arn:aws:ecs:eu-central-1:000000000000:task-definition/dump",
        launchType: "FARGATE",
        platformVersion: "1.4.0",
        propagateTags: "TASK_DEFINITION",
        networkConfiguration: { subnets: ["subnet-2", "subnet-1"], securityGroups: ["sg-1"], ...network },
        tags: { kind: "dump" },
      },
      input: '{"containerOverrides":[]}',
      retryPolicy: { maximumRetryAttempts: 3 },
      deadLetterConfig: { arn: "arn:aws:sqs:eu-central-1:000000000000:lost" },
      ...target,
    },
    ...more,
  });

  test("Schedule", async () => {
    const nightly = await on.create("scheduler.Schedule", schedule());
    expect(nightly.id).toBe("default/nightly");
    expect(nightly.state).toMatchObject({
      arn: "arn:aws:scheduler:eu-central-1:000000000000:schedule/default/nightly",
      groupName: "default",
      state: "ENABLED",
      actionAfterCompletion: "NONE",
    });
    expect(nightly.state.tagsAll).toBeUndefined();
    const found = await scheduler.send(new GetScheduleCommand({ Name: "nightly" }));
    expect(found.Target).toMatchObject({
      RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 86_400 },
      EcsParameters: {
        TaskCount: 1,
        Tags: [{ key: "kind", value: "dump" }],
        NetworkConfiguration: {
          awsvpcConfiguration: { Subnets: ["subnet-2", "subnet-1"], AssignPublicIp: "DISABLED" },
        },
      },
    });
    expect(await nightly.drift()).toEqual([]);
    const spelled = { subnets: ["subnet-1", "subnet-2"], assignPublicIp: false };
    expect(nightly.plan(schedule({}, {}, spelled)).changes).toEqual([]);
    expect(nightly.plan(schedule({}, { retryPolicy: undefined })).changes).toEqual([]);
    expect(nightly.plan(schedule({}, {}, { assignPublicIp: true })).changes).toEqual(["target"]);

    const off = { mode: "OFF" };
    const changed = schedule(
      { state: "DISABLED", description: undefined, flexibleTimeWindow: off },
      { input: undefined },
    );
    expect(nightly.plan(changed).replaces).toEqual([]);
    await nightly.update(changed);
    expect(nightly.state).toMatchObject({ state: "DISABLED", flexibleTimeWindow: off });
    expect(nightly.state.target).not.toHaveProperty("input", expect.anything());
    expect(await nightly.drift()).toEqual([]);
    const { ScheduleExpression, ...now } = await scheduler.send(new GetScheduleCommand({ Name: "nightly" }));
    expect(ScheduleExpression).toBe("cron(0 2 * * ? *)");
    const by = { ...now, ScheduleExpression: "rate(1 day)", State: "ENABLED" } as UpdateScheduleCommandInput;
    await scheduler.send(new UpdateScheduleCommand(by));
    expect(await nightly.drift()).toEqual(["scheduleExpression", "state"]);
    expect(nightly.plan({ ...changed, name: "other" }).replaces).toEqual(["name"]);
    expect(nightly.plan({ ...changed, groupName: "other" }).replaces).toEqual(["groupName"]);
    expect(await nightly.imported()).toMatchObject({ name: "nightly", groupName: "default" });
    await nightly.delete();
  });

  test("what the plugin and EventBridge Scheduler refuse of a schedule", async () => {
    const managed = on.managed("scheduler.Schedule");
    const reason = (more: Values, target: Values = {}) => managed.failures(schedule(more, target))[0]?.reason;
    expect(reason({ flexibleTimeWindow: { mode: "ON" } })).toContain('one of ["OFF" "FLEXIBLE"], got ON');
    expect(reason({ flexibleTimeWindow: { mode: "FLEXIBLE", maximumWindowInMinutes: 0 } })).toContain("(1 - 1440)");
    expect(reason({ name: "a".repeat(65) })).toContain("expected length of name");
    expect(reason({ tags: { a: "1" } })).toContain('An argument named "tags" is not expected here');
    expect(reason({}, { retryPolicy: { maximumRetryAttempts: 186 } })).toContain("(0 - 185), got 186");
    expect(reason({}, { roleArn: "role" })).toContain("is an invalid ARN");
    expect(reason({}, { ecsParameters: { taskDefinitionArn: "dump" } })).toContain("is an invalid ARN");
    expect(reason({}, { kinesisParameters: {} })).toContain("no model of kinesisParameters");

    const refused = (more: Values, target: Values = {}) =>
      expect(on.create("scheduler.Schedule", schedule({ name: "refused", ...more }, target))).rejects;
    await refused({ scheduleExpression: "cron(0 2 * * * *)" }).toThrow(
      /^creating EventBridge Scheduler Schedule: ValidationException: Invalid Schedule Expression cron\(0 2 \* \* \* \*\)/,
    );
    await refused({ scheduleExpression: "daily" }).toThrow("Invalid Schedule Expression daily");
    await refused({ scheduleExpressionTimezone: "Berlin" }).toThrow("Invalid Schedule Expression Timezone");
    await refused({ flexibleTimeWindow: { mode: "OFF", maximumWindowInMinutes: 5 } }).toThrow("MaximumWindowInMinutes");
    await refused({}, { roleArn: foreignRole }).toThrow("must allow AWS EventBridge Scheduler to assume the role");
    await refused({}, { ecsParameters: undefined }).toThrow("EcsParameters");
    await refused({ groupName: "none" }).toThrow("ResourceNotFoundException");
  });
});
