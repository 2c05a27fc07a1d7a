import {
  AddSourceIdentifierToSubscriptionCommand,
  CreateEventSubscriptionCommand,
  DeleteEventSubscriptionCommand,
  DescribeEventSubscriptionsCommand,
  ListTagsForResourceCommand,
  ModifyEventSubscriptionCommand,
  RemoveSourceIdentifierFromSubscriptionCommand,
} from "@aws-sdk/client-rds";
import { Values } from "../protocol/model";
import { validArn } from "./arn";
import { AwsClients, Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import { unlessMissing } from "./errors";
import { checkName, nameOf, nameProperties } from "./names";
import { tagRds } from "./rds-groups";
import { awsResource, each } from "./resource";

const GONE = "SubscriptionNotFoundFault";
const SOURCES = [
  ...["db-instance", "db-parameter-group", "db-security-group", "db-snapshot", "db-cluster", "db-cluster-snapshot"],
  ...["custom-engine-version", "db-proxy", "blue-green-deployment", "db-shard-group", "zero-etl"],
];

const texts = (list: unknown) => (list ?? []) as string[];

async function setSources({ rds }: AwsClients, SubscriptionName: string, before: Values, inputs: Values) {
  const [old, wanted] = [texts(before.sourceIds), texts(inputs.sourceIds)];
  for (const SourceIdentifier of old.filter((source) => !wanted.includes(source))) {
    await rds.send(new RemoveSourceIdentifierFromSubscriptionCommand({ SubscriptionName, SourceIdentifier }));
  }
  for (const SourceIdentifier of wanted.filter((source) => !old.includes(source))) {
    await rds.send(new AddSourceIdentifierToSubscriptionCommand({ SubscriptionName, SourceIdentifier }));
  }
}

/** `aws_db_event_subscription`, internal/service/rds/event_subscription.go. The local RDS has it, the emulator alone has not. */
export const eventSubscription = awsResource({
  title: "RDS Event Subscription",
  autoName: { property: "name", maxLength: 255, unless: "namePrefix" },
  properties: {
    ...nameProperties(255, /^[0-9A-Za-z-]*$/, "only alphanumeric characters and hyphens allowed"),
    snsTopic: { required: true, validate: validArn("snsTopic") },
    sourceType: {
      validate: (type: string) =>
        SOURCES.includes(type) ? undefined : `expected sourceType to be one of ["${SOURCES.join('" "')}"], got ${type}`,
    },
    sourceIds: { set: true },
    eventCategories: { set: true },
    enabled: { default: true },
    ...each({ output: true }, "arn", "customerAwsId"),
  },
  check: checkName,
  tag: tagRds,

  create: async ({ rds }, inputs) => {
    const { EventSubscription } = await rds.send(
      new CreateEventSubscriptionCommand({
        SubscriptionName: nameOf(inputs),
        SnsTopicArn: inputs.snsTopic,
        SourceType: inputs.sourceType,
        SourceIds: inputs.sourceIds,
        EventCategories: inputs.eventCategories,
        Enabled: inputs.enabled,
        Tags: tagList(inputs.tagsAll as Tags),
      }),
    );
    return EventSubscription?.CustSubscriptionId as string;
  },

  read: async ({ rds }, SubscriptionName) => {
    const call = rds.send(new DescribeEventSubscriptionsCommand({ SubscriptionName }));
    const it = (await unlessMissing(call, GONE))?.EventSubscriptionsList?.[0];
    if (!it) {
      return undefined;
    }
    const ResourceName = it.EventSubscriptionArn;
    const { TagList } = await rds.send(new ListTagsForResourceCommand({ ResourceName }));
    return {
      arn: it.EventSubscriptionArn,
      name: it.CustSubscriptionId,
      customerAwsId: it.CustomerAwsId,
      snsTopic: it.SnsTopicArn,
      sourceType: it.SourceType,
      sourceIds: it.SourceIdsList,
      eventCategories: it.EventCategoriesList,
      enabled: it.Enabled,
      tagsAll: tagMap(TagList),
    };
  },

  update: async (clients, SubscriptionName, before, inputs, changed) => {
    if (changed.some((name) => !["tags", "sourceIds"].includes(name))) {
      const has = (name: string) => changed.includes(name);
      await clients.rds.send(
        new ModifyEventSubscriptionCommand({
          SubscriptionName,
          Enabled: inputs.enabled,
          ...(has("eventCategories") ? { EventCategories: texts(inputs.eventCategories) } : {}),
          ...(has("eventCategories") || has("sourceType") ? { SourceType: inputs.sourceType ?? "" } : {}),
          ...(has("snsTopic") ? { SnsTopicArn: inputs.snsTopic } : {}),
        }),
      );
    }
    if (changed.includes("sourceIds")) {
      await setSources(clients, SubscriptionName, before, inputs);
    }
  },

  delete: ({ rds }, SubscriptionName) =>
    unlessMissing(rds.send(new DeleteEventSubscriptionCommand({ SubscriptionName })), GONE),
});
