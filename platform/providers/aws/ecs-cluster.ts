import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  ECSClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateClusterCommand,
} from "@aws-sdk/client-ecs";
import { Values } from "../protocol/model";
import { Tags } from "./clients";
import { retryWhile, unlessMissing } from "./errors";
import { AwsResource, awsResource, each } from "./resource";
import { sameBlocks } from "./s3-wire";
import { ifSet, oneOf, text } from "./validate";

/** ECS writes tags with small letters. */
export const ecsTags = (tags: Tags) => Object.entries(tags).map(([key, value]) => ({ key, value }));
export const ecsTagMap = (tags: { key?: string; value?: string }[] = []): Tags =>
  Object.fromEntries(tags.map(({ key = "", value = "" }) => [key, value]));

export async function tagEcs(
  ecs: ECSClient,
  resourceArn: string,
  { put, remove }: Parameters<NonNullable<AwsResource["tag"]>>[2],
): Promise<void> {
  if (remove.length > 0) {
    await ecs.send(new UntagResourceCommand({ resourceArn, tagKeys: remove }));
  }
  if (Object.keys(put).length > 0) {
    await ecs.send(new TagResourceCommand({ resourceArn, tags: ecsTags(put) }));
  }
}

/** Terraform's default for who writes down what is typed into a container. */
function withLogging(configuration: Values | undefined): Values | undefined {
  const execute = configuration?.executeCommandConfiguration as Values | undefined;
  return execute
    ? { ...configuration, executeCommandConfiguration: { logging: "DEFAULT", ...execute } }
    : configuration;
}

function validConfiguration({ executeCommandConfiguration: execute }: Values): string | undefined {
  if (execute?.logging === "OVERRIDE" && !execute.logConfiguration) {
    return "logConfiguration is required when logging is OVERRIDE";
  }
  return ifSet(oneOf("logging", "NONE", "DEFAULT", "OVERRIDE"))(execute?.logging);
}

/** `aws_ecs_cluster`, internal/service/ecs/cluster.go. */
export const cluster = awsResource({
  title: "ECS Cluster",
  autoName: { property: "name", maxLength: 255 },
  properties: {
    name: { computed: true, forceNew: true, validate: text("name", 1, 255, /^[\w-]+$/) },
    settings: {
      computed: true,
      set: true,
      validate: (settings: Values[]) =>
        settings.map(({ name }) => oneOf("name", "containerInsights")(name as string)).find(Boolean),
    },
    configuration: {
      same: (before, after) => sameBlocks(withLogging(before as Values), withLogging(after as Values)),
      validate: validConfiguration,
    },
    serviceConnectDefaults: {},
    ...each({ output: true }, "arn"),
  },
  tag: ({ ecs }, arn, change) => tagEcs(ecs, arn, change),

  create: async ({ ecs }, inputs) => {
    const { cluster: made } = await ecs.send(
      new CreateClusterCommand({
        clusterName: inputs.name,
        settings: inputs.settings,
        configuration: withLogging(inputs.configuration as Values),
        serviceConnectDefaults: inputs.serviceConnectDefaults,
        tags: ecsTags(inputs.tagsAll as Tags),
      }),
    );
    return made?.clusterArn as string;
  },

  /** By its name. */
  importer: async ({ ecs }, name) => {
    const { clusters = [] } = await ecs.send(new DescribeClustersCommand({ clusters: [name] }));
    return { id: clusters[0]?.clusterArn ?? name, state: {} };
  },

  read: async ({ ecs }, arn) => {
    const { clusters } = await ecs.send(
      new DescribeClustersCommand({ clusters: [arn], include: ["SETTINGS", "CONFIGURATIONS", "TAGS"] }),
    );
    const it = clusters?.[0];
    if (!it || it.status === "INACTIVE") {
      return undefined;
    }
    return {
      arn: it.clusterArn,
      name: it.clusterName,
      settings: it.settings,
      configuration: it.configuration,
      serviceConnectDefaults: it.serviceConnectDefaults,
      tagsAll: ecsTagMap(it.tags),
    };
  },

  update: async ({ ecs }, arn, _before, inputs, changed) => {
    if (changed.some((name) => name !== "tags")) {
      await ecs.send(
        new UpdateClusterCommand({
          cluster: arn,
          settings: inputs.settings,
          configuration: withLogging(inputs.configuration as Values) ?? {},
          serviceConnectDefaults: inputs.serviceConnectDefaults,
        }),
      );
    }
  },

  // What runs in it is still stopping.
  delete: ({ ecs }, arn) =>
    unlessMissing(
      retryWhile(["ClusterContainsTasksException", "UpdateInProgressException"], () =>
        ecs.send(new DeleteClusterCommand({ cluster: arn })),
      ),
      "ClusterNotFoundException",
    ),
});
