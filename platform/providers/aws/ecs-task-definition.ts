import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RegisterTaskDefinitionCommandInput,
  Volume,
} from "@aws-sdk/client-ecs";
import { Values } from "../protocol/model";
import { validArn } from "./arn";
import { Tags } from "./clients";
import { parseContainers, sameContainers, validContainers } from "./container-definitions";
import { ecsTagMap, ecsTags, tagEcs } from "./ecs-cluster";
import { codeOf } from "./errors";
import { awsResource, each, unmodelled } from "./resource";
import { sameBlocks } from "./s3-wire";
import { between, oneOf, text } from "./validate";

const COMPATIBILITIES = ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"];

const byName = (volumes: unknown) =>
  [...((volumes ?? []) as Values[])].sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1));

/** ECS has only the path on the host in a place of its own. */
function volumesToEcs(volumes: Values[] | undefined): Volume[] | undefined {
  return volumes?.map(({ hostPath, ...volume }) => ({
    ...volume,
    ...(hostPath ? { host: { sourcePath: hostPath as string } } : {}),
  }));
}

function volumesFromEcs(volumes: Volume[] | undefined): Values[] {
  return (volumes ?? []).map(({ host, ...volume }) => ({
    ...volume,
    ...(host?.sourcePath ? { hostPath: host.sourcePath } : {}),
  }));
}

async function describe(ecs: ECSClient, taskDefinition: string) {
  try {
    return await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ["TAGS"] }));
  } catch (error) {
    // ECS has no code for it.
    if (codeOf(error) === "ClientException" && (error as Error).message.startsWith("Unable to describe")) {
      return undefined;
    }
    throw error;
  }
}

/**
 * `aws_ecs_task_definition`, internal/service/ecs/task_definition.go. Its id is the family, it is imported by its ARN. A
 * revision never changes: whatever is asked for anew is another revision, and the old one is deregistered.
 */
export const taskDefinition = awsResource({
  title: "ECS Task Definition",
  properties: {
    family: { required: true, forceNew: true, validate: text("family", 1, 255, /^[\w-]+$/) },
    containerDefinitions: {
      required: true,
      forceNew: true,
      json: true,
      same: sameContainers,
      validate: validContainers,
    },
    ...each({ forceNew: true }, "cpu", "memory"),
    networkMode: {
      computed: true,
      forceNew: true,
      validate: oneOf("networkMode", "bridge", "host", "awsvpc", "none"),
    },
    requiresCompatibilities: {
      forceNew: true,
      set: true,
      validate: (list: string[]) => list.map(oneOf("requiresCompatibilities", ...COMPATIBILITIES)).find(Boolean),
    },
    executionRoleArn: { forceNew: true, validate: validArn("executionRoleArn") },
    taskRoleArn: { forceNew: true, validate: validArn("taskRoleArn") },
    ephemeralStorage: {
      forceNew: true,
      validate: ({ sizeInGib }: Values) => between("sizeInGib", 21, 200)(sizeInGib as number),
    },
    runtimePlatform: { forceNew: true, same: sameBlocks },
    volumes: {
      forceNew: true,
      same: (before, after) => sameBlocks(byName(before), byName(after)),
    },
    placementConstraints: { forceNew: true, set: true, same: sameBlocks },
    ipcMode: { forceNew: true, validate: oneOf("ipcMode", "host", "task", "none") },
    pidMode: { forceNew: true, validate: oneOf("pidMode", "host", "task") },
    ...each({ default: false, notRead: true }, "skipDestroy", "trackLatest"),
    ...unmodelled("enableFaultInjection", "proxyConfiguration"),
    ...each({ output: true }, "arn", "arnWithoutRevision", "revision"),
  },
  tag: ({ ecs }, _family, change) => tagEcs(ecs, change.state.arn as string, change),

  create: async ({ ecs }, inputs) => {
    const storage = inputs.ephemeralStorage as { sizeInGib: number } | undefined;
    const made = await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: inputs.family as string,
        containerDefinitions: parseContainers(inputs.containerDefinitions),
        cpu: inputs.cpu,
        memory: inputs.memory,
        networkMode: inputs.networkMode,
        requiresCompatibilities: inputs.requiresCompatibilities,
        executionRoleArn: inputs.executionRoleArn,
        taskRoleArn: inputs.taskRoleArn,
        ephemeralStorage: storage && { sizeInGiB: storage.sizeInGib },
        runtimePlatform: inputs.runtimePlatform,
        volumes: volumesToEcs(inputs.volumes as Values[] | undefined),
        placementConstraints: inputs.placementConstraints,
        ipcMode: inputs.ipcMode,
        pidMode: inputs.pidMode,
        ...optionalTags(inputs.tagsAll as Tags),
      }),
    );
    return { id: inputs.family as string, known: { arn: made.taskDefinition?.taskDefinitionArn } };
  },

  /** By its ARN; the id is the family. */
  importer: (_, arn) => {
    const [, family] = /^arn:.*:task-definition\/([^:]+):\d+$/.exec(arn) ?? [];
    if (!family) {
      throw new Error(`expected ARN of a task definition's revision, got ${arn}`);
    }
    return Promise.resolve({ id: family, state: { arn } });
  },

  read: async ({ ecs }, id, { arn, trackLatest }) => {
    const latest = trackLatest ? (arn as string | undefined)?.replace(/:\d+$/, "") : (arn as string | undefined);
    const found = await describe(ecs, latest ?? id);
    const it = found?.taskDefinition;
    if (!it || it.status === "INACTIVE") {
      return undefined;
    }
    return {
      arn: it.taskDefinitionArn,
      arnWithoutRevision: it.taskDefinitionArn?.replace(/:\d+$/, ""),
      revision: it.revision,
      family: it.family,
      containerDefinitions: JSON.stringify(it.containerDefinitions),
      cpu: it.cpu,
      memory: it.memory,
      networkMode: it.networkMode,
      requiresCompatibilities: it.requiresCompatibilities,
      executionRoleArn: it.executionRoleArn,
      taskRoleArn: it.taskRoleArn,
      ephemeralStorage: it.ephemeralStorage && { sizeInGib: it.ephemeralStorage.sizeInGiB },
      runtimePlatform: it.runtimePlatform,
      volumes: volumesFromEcs(it.volumes),
      placementConstraints: it.placementConstraints,
      ipcMode: it.ipcMode,
      pidMode: it.pidMode,
      tagsAll: ecsTagMap(found?.tags),
    };
  },

  // Tags apart, only what ECS does not know of can change.
  update: () => Promise.resolve(),

  delete: async ({ ecs }, id, { arn, skipDestroy }) => {
    const found = skipDestroy ? undefined : await describe(ecs, (arn ?? id) as string);
    if (found?.taskDefinition?.status === "ACTIVE") {
      await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: found.taskDefinition.taskDefinitionArn }));
    }
  },
});

/** ECS refuses an empty list. */
function optionalTags(tags: Tags): Pick<RegisterTaskDefinitionCommandInput, "tags"> {
  return Object.keys(tags).length > 0 ? { tags: ecsTags(tags) } : {};
}
