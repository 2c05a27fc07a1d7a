import {
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
  UpdateClusterSettingsCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Values } from "../providers/protocol/model";
import { assumableBy, useAwsProvider } from "../../test/support/aws-provider";

const logs = {
  logDriver: "awslogs",
  options: { "awslogs-group": "/backup", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "task" },
};

const dump = (more: Values = {}) => ({
  name: "dump",
  image: "postgres:17",
  command: ["pg_dump"],
  environment: [
    { name: "PGHOST", value: "db" },
    { name: "PGDATABASE", value: "app" },
  ],
  mountPoints: [{ sourceVolume: "work", containerPath: "/work" }],
  readonlyRootFilesystem: true,
  logConfiguration: logs,
  ...more,
});

describe("the local aws provider: tasks", () => {
  const on = useAwsProvider({ defaultTags: { tags: { Owner: "tests" } } });
  let ecs: ECSClient;
  let roleArn: string;
  beforeAll(async () => {
    ecs = new ECSClient({});
    roleArn = (await on.create("iam.Role", { name: "task", assumeRolePolicy: assumableBy("ecs-tasks.amazonaws.com") }))
      .state.arn as string;
  });
  afterAll(() => ecs.destroy());

  test("Cluster", async () => {
    const input = {
      name: "backup",
      settings: [{ name: "containerInsights", value: "enabled" }],
      configuration: { executeCommandConfiguration: { kmsKeyId: "key" } },
      tags: { a: "1" },
    };
    const cluster = await on.create("ecs.Cluster", input);
    expect(cluster.id).toBe("arn:aws:ecs:eu-central-1:000000000000:cluster/backup");
    expect(cluster.state).toMatchObject({
      arn: cluster.id,
      name: "backup",
      configuration: { executeCommandConfiguration: { kmsKeyId: "key", logging: "DEFAULT" } },
      tagsAll: { a: "1", Owner: "tests" },
    });
    expect(await cluster.drift()).toEqual([]);
    const execute = { logging: "OVERRIDE", logConfiguration: { cloudWatchLogGroupName: "/shell" } };
    const changed = { ...input, configuration: { executeCommandConfiguration: execute }, tags: { b: "2" } };
    expect(cluster.plan(changed)).toEqual({ changes: ["configuration", "tags"], replaces: [] });
    await cluster.update(changed);
    expect(cluster.state).toMatchObject({ configuration: { executeCommandConfiguration: execute } });
    expect(cluster.state.tagsAll).toEqual({ b: "2", Owner: "tests" });
    expect(await cluster.drift()).toEqual([]);
    const settings = [{ name: "containerInsights" as const, value: "disabled" }];
    await ecs.send(new UpdateClusterSettingsCommand({ cluster: "backup", settings }));
    expect(await cluster.drift()).toEqual(["settings"]);
    await cluster.update({ name: "backup" });
    expect(cluster.state.configuration ?? {}).toEqual({});
    expect(await cluster.drift()).toEqual([]);
    expect(cluster.plan({ ...input, name: "other" }).replaces).toEqual(["name"]);
    const without = { executeCommandConfiguration: { logging: "OVERRIDE" } };
    expect(cluster.failures({ configuration: without })[0]?.reason).toContain("logConfiguration is required");
    expect(cluster.failures({ settings: [{ name: "insights", value: "on" }] })[0]?.reason).toContain(
      "containerInsights",
    );
    expect(await cluster.imported("backup")).toMatchObject({ name: "backup" });
    await cluster.delete();
    expect((await on.create("ecs.Cluster", {})).state.settings).toEqual([
      { name: "containerInsights", value: "disabled" },
    ]);
  });

  const definition = (more: Values = {}, container: Values = {}) => ({
    family: "dump",
    containerDefinitions: JSON.stringify([dump(container)]),
    cpu: "512",
    memory: "1024",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: roleArn,
    taskRoleArn: roleArn,
    ephemeralStorage: { sizeInGib: 100 },
    runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    volumes: [{ name: "work" }, { name: "more" }],
    tags: { a: "1" },
    ...more,
  });

  test("TaskDefinition", async () => {
    const arnOf = (revision: number) => `arn:aws:ecs:eu-central-1:000000000000:task-definition/dump:${revision}`;
    const statusOf = async (revision: number) => {
      const found = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arnOf(revision) }));
      return found.taskDefinition?.status;
    };
    const one = await on.create("ecs.TaskDefinition", definition());
    expect(one.id).toBe("dump");
    expect(one.state).toMatchObject({
      ...{ arn: arnOf(1), arnWithoutRevision: arnOf(1).replace(":1", ""), revision: 1, networkMode: "awsvpc" },
      ...{ cpu: "512", memory: "1024", ephemeralStorage: { sizeInGib: 100 }, tagsAll: { a: "1", Owner: "tests" } },
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    });
    expect(await one.drift()).toEqual([]);

    // The same in other words.
    const { image, ...rest } = dump();
    const reordered = { ...rest, cpu: 0, essential: true, image, portMappings: [], secrets: null };
    reordered.environment.reverse();
    const same = {
      containerDefinitions: JSON.stringify([reordered], null, 2),
      volumes: [{ name: "more" }, { name: "work" }],
    };
    expect(one.plan(definition(same)).changes).toEqual([]);

    await one.update(definition({ tags: { b: "2" }, skipDestroy: true }));
    expect(one.state).toMatchObject({ revision: 1, tagsAll: { b: "2", Owner: "tests" } });
    expect(await one.drift()).toEqual([]);
    await one.update(definition());

    for (const [name, value] of Object.entries<unknown>({
      containerDefinitions: JSON.stringify([dump({ image: "postgres:18" })]),
      cpu: "256",
      memory: "2048",
      ephemeralStorage: { sizeInGib: 50 },
      runtimePlatform: { cpuArchitecture: "X86_64", operatingSystemFamily: "LINUX" },
      volumes: [{ name: "work" }],
      family: "other",
      taskRoleArn: undefined,
    })) {
      expect(one.plan(definition({ [name]: value })).replaces).toEqual([name]);
    }

    const two = await on.create("ecs.TaskDefinition", definition({}, { image: "postgres:18" }));
    expect(two.state).toMatchObject({ revision: 2, arn: arnOf(2) });
    // The other revision is another resource's, unless the program wants to follow.
    expect(await one.drift()).toEqual([]);
    const following = await one.model.read(on.clients, one.id, { ...one.state, trackLatest: true });
    expect(following).toMatchObject({ revision: 2 });
    await one.delete();
    expect([await statusOf(1), await statusOf(2)]).toEqual(["INACTIVE", "ACTIVE"]);
    expect(await two.drift()).toEqual([]);
    expect(await two.imported(arnOf(2))).toMatchObject({ family: "dump", revision: 2 });

    const kept = await on.create("ecs.TaskDefinition", definition({ skipDestroy: true }));
    await kept.model.delete(on.clients, kept.id, kept.state);
    expect(await statusOf(3)).toBe("ACTIVE");
    await kept.update(definition());
    await kept.delete();
    await two.delete();
    // A family whose revisions are all gone is none.
    await expect(two.imported("dump")).rejects.toThrow("expected ARN of a task definition's revision, got dump");
    const { taskDefinitionArns } = await ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: "dump" }));
    expect(taskDefinitionArns).toEqual([]);
  });

  test("what the plugin and ECS refuse of a task definition", async () => {
    const managed = on.managed("ecs.TaskDefinition");
    const reason = (more: Values) => managed.failures(definition(more))[0]?.reason;
    expect(reason({ ephemeralStorage: { sizeInGib: 20 } })).toContain("in the range (21 - 200), got 20");
    expect(reason({ containerDefinitions: "[" })).toContain("container_definitions is invalid");
    expect(reason({ requiresCompatibilities: ["fargate"] })).toContain("expected requiresCompatibilities to be one of");
    expect(reason({ family: "a b" })).toContain("invalid value for family");

    const refused = async (more: Values, container: Values = {}) => {
      const made = on.create("ecs.TaskDefinition", definition({ family: "refused", ...more }, container));
      return made.then(
        () => "made",
        (error: Error) => error.message,
      );
    };
    expect(await refused({ memory: "8192" })).toBe(
      "creating ECS Task Definition: ClientException: No Fargate configuration exists for given values: 512 CPU, " +
        "8192 memory. See the Amazon ECS documentation for the valid values.",
    );
    expect(await refused({ cpu: undefined })).toContain("requires that 'cpu' be defined");
    expect(await refused({ networkMode: "bridge" })).toContain("only supports network mode");
    expect(await refused({ executionRoleArn: undefined })).toContain("to support log driver awslogs");
    expect(await refused({ volumes: [] })).toContain("Unknown volume 'work'");
    expect(await refused({ volumes: [{ name: "work", hostPath: "/tmp" }] })).toContain("do not support sourcePath");
    expect(await refused({}, { essential: false })).toContain("essential");
    const options = { "awslogs-group": "/backup", "awslogs-region": "eu-central-1" };
    expect(await refused({}, { logConfiguration: { ...logs, options } })).toContain("awslogs-stream-prefix");
    const secret = { secrets: [{ name: "A", valueFrom: "arn" }], logConfiguration: undefined };
    expect(await refused({ executionRoleArn: undefined }, secret)).toContain("specifying container secrets");
    expect((await ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: "refused" }))).taskDefinitionArns).toEqual(
      [],
    );
  });
});
