import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { Property, Values } from "../protocol/model";
import { validArn } from "./arn";
import { AwsClients, Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import { codeOf, unlessMissing } from "./errors";
import { checkName, nameOf, nameProperties } from "./names";
import { samePolicy, validPolicy } from "./policy";
import { awsResource, each, unmodelled } from "./resource";

const GONE = "NotFoundException";
const WITH_FEEDBACK = ["application", "firehose", "http", "lambda", "sqs"];

/** Properties that SetTopicAttributes sets, one a call. */
const TOPIC_ATTRIBUTES: Record<string, string> = {
  deliveryPolicy: "DeliveryPolicy",
  displayName: "DisplayName",
  kmsMasterKeyId: "KmsMasterKeyId",
  policy: "Policy",
  signatureVersion: "SignatureVersion",
  tracingConfig: "TracingConfig",
};

const topicAttributes = async ({ sns }: AwsClients, TopicArn: string) =>
  (await unlessMissing(sns.send(new GetTopicAttributesCommand({ TopicArn })), GONE))?.Attributes;

async function setTopic({ sns }: AwsClients, TopicArn: string, inputs: Values, names: string[]): Promise<void> {
  for (const name of names.filter((it) => it in TOPIC_ATTRIBUTES)) {
    const AttributeValue = String(inputs[name] ?? "");
    // An empty policy is none to set (putTopicAttributes).
    if (name !== "policy" || AttributeValue) {
      const input = { TopicArn, AttributeName: TOPIC_ATTRIBUTES[name], AttributeValue };
      await sns.send(new SetTopicAttributesCommand(input));
    }
  }
}

/** `aws_sns_topic`, internal/service/sns/topic.go; no FIFO topics. */
export const topic = awsResource({
  title: "SNS Topic",
  autoName: { property: "name", maxLength: 256, unless: "namePrefix" },
  properties: {
    ...nameProperties(256, /^[\w-]*$/, "invalid topic name"),
    displayName: {},
    kmsMasterKeyId: {},
    policy: { computed: true, json: true, same: samePolicy, validate: validPolicy("policy") },
    deliveryPolicy: { json: true },
    signatureVersion: { computed: true },
    tracingConfig: { computed: true },
    fifoTopic: { default: false, forceNew: true, validate: noFifo },
    contentBasedDeduplication: { default: false, validate: noFifo },
    ...unmodelled("archivePolicy", "fifoThroughputScope"),
    ...unmodelled(...WITH_FEEDBACK.map((it) => `${it}FailureFeedbackRoleArn`)),
    ...unmodelled(...WITH_FEEDBACK.map((it) => `${it}SuccessFeedbackRoleArn`)),
    ...unmodelled(...WITH_FEEDBACK.map((it) => `${it}SuccessFeedbackSampleRate`)),
    ...each({ output: true }, "arn", "owner", "beginningArchiveTime"),
  },
  check: checkName,

  tag: async ({ sns }, ResourceArn, { put, remove }) => {
    if (remove.length > 0) {
      await sns.send(new UntagResourceCommand({ ResourceArn, TagKeys: remove }));
    }
    if (Object.keys(put).length > 0) {
      await sns.send(new TagResourceCommand({ ResourceArn, Tags: tagList(put) }));
    }
  },

  create: async ({ sns }, inputs) => {
    const input = { Name: nameOf(inputs), Tags: tagList(inputs.tagsAll as Tags) };
    return (await sns.send(new CreateTopicCommand(input))).TopicArn as string;
  },

  complete: (clients, arn, inputs) => setTopic(clients, arn, inputs, Object.keys(inputs)),

  read: async (clients, arn) => {
    const it = await topicAttributes(clients, arn);
    if (!it) {
      return undefined;
    }
    const { Tags } = await clients.sns.send(new ListTagsForResourceCommand({ ResourceArn: arn }));
    return {
      arn,
      name: arn.split(":").pop(),
      owner: it.Owner,
      displayName: it.DisplayName,
      kmsMasterKeyId: it.KmsMasterKeyId,
      policy: it.Policy,
      deliveryPolicy: it.DeliveryPolicy,
      signatureVersion: it.SignatureVersion ? Number(it.SignatureVersion) : undefined,
      tracingConfig: it.TracingConfig,
      fifoTopic: it.FifoTopic === "true",
      contentBasedDeduplication: it.ContentBasedDeduplication === "true",
      tagsAll: tagMap(Tags),
    };
  },

  update: (clients, arn, _before, inputs, changed) => setTopic(clients, arn, inputs, changed),

  delete: ({ sns }, TopicArn) => unlessMissing(sns.send(new DeleteTopicCommand({ TopicArn })), GONE),
});

function noFifo(wanted: boolean): string | undefined {
  return wanted ? "the local aws provider has no model of FIFO topics" : undefined;
}

/** The policy that a topic has without one of its own (topic_policy.go, defaultTopicPolicy). */
function defaultPolicy(arn: string, account: string): string {
  const actions = ["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"];
  const more = ["Subscribe", "ListSubscriptionsByTopic", "Publish", "Receive"];
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: [...actions, ...more].map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { "AWS:SourceOwner": account } },
      },
    ],
  });
}

/** `aws_sns_topic_policy`, internal/service/sns/topic_policy.go. Its end gives the topic the default policy. */
export const topicPolicy = awsResource({
  title: "SNS Topic Policy",
  properties: {
    arn: { required: true, forceNew: true, validate: validArn("arn") },
    policy: { required: true, json: true, same: samePolicy, validate: validPolicy("policy") },
    ...each({ output: true }, "owner"),
  },

  create: async (clients, { arn, policy }) => {
    await setTopic(clients, arn as string, { policy: policy as string }, ["policy"]);
    return arn as string;
  },

  read: async (clients, arn) => {
    const it = await topicAttributes(clients, arn);
    return it?.Policy ? { arn, policy: it.Policy, owner: it.Owner } : undefined;
  },

  update: (clients, arn, _before, { policy }) => setTopic(clients, arn, { policy: policy as string }, ["policy"]),

  delete: (clients, arn, { owner }) =>
    unlessMissing(setTopic(clients, arn, { policy: defaultPolicy(arn, owner as string) }, ["policy"]), GONE),
});

const JSON_TEXT: Property = {
  json: true,
  validate: (text: string) => {
    try {
      JSON.parse(text);
      return undefined;
    } catch (error) {
      return `contains an invalid JSON: ${(error as Error).message}`;
    }
  },
};

/** Properties of a subscription that SetSubscriptionAttributes sets. */
const SUBSCRIPTION_ATTRIBUTES: Record<string, string> = {
  deliveryPolicy: "DeliveryPolicy",
  filterPolicy: "FilterPolicy",
  filterPolicyScope: "FilterPolicyScope",
  rawMessageDelivery: "RawMessageDelivery",
  redrivePolicy: "RedrivePolicy",
  subscriptionRoleArn: "SubscriptionRoleArn",
};
const PROTOCOLS = ["application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"];

/**
 * `aws_sns_topic_subscription`, internal/service/sns/topic_subscription.go. Nobody waits for a mail's reader, nor for
 * an endpoint of the web unless it confirms by itself: the subscription is pending then.
 */
export const topicSubscription = awsResource({
  title: "SNS Topic Subscription",
  properties: {
    topic: { required: true, forceNew: true, validate: validArn("topic") },
    protocol: {
      required: true,
      forceNew: true,
      validate: (name: string) =>
        PROTOCOLS.includes(name)
          ? undefined
          : `expected protocol to be one of ["${PROTOCOLS.join('" "')}"], got ${name}`,
    },
    endpoint: { required: true, forceNew: true },
    endpointAutoConfirms: { default: false, notRead: true },
    confirmationTimeoutInMinutes: { default: 1, notRead: true },
    rawMessageDelivery: { default: false },
    filterPolicy: JSON_TEXT,
    filterPolicyScope: { computed: true },
    deliveryPolicy: JSON_TEXT,
    redrivePolicy: JSON_TEXT,
    subscriptionRoleArn: { validate: validArn("subscriptionRoleArn") },
    ...unmodelled("replayPolicy"),
    ...each({ output: true }, "arn", "ownerId", "pendingConfirmation", "confirmationWasAuthenticated"),
  },

  create: async ({ sns }, inputs) => {
    const given = Object.entries(SUBSCRIPTION_ATTRIBUTES).filter(([name]) => inputs[name]);
    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({
        TopicArn: inputs.topic,
        Protocol: inputs.protocol,
        Endpoint: inputs.endpoint,
        ReturnSubscriptionArn: true,
        Attributes: Object.fromEntries(given.map(([name, attribute]) => [attribute, String(inputs[name])])),
      }),
    );
    return SubscriptionArn as string;
  },

  read: async ({ sns }, arn) => {
    const call = sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }));
    const it = (await unlessMissing(call, GONE))?.Attributes;
    return (
      it && {
        arn,
        topic: it.TopicArn,
        protocol: it.Protocol,
        endpoint: it.Endpoint,
        ownerId: it.Owner,
        pendingConfirmation: it.PendingConfirmation === "true",
        confirmationWasAuthenticated: it.ConfirmationWasAuthenticated === "true",
        rawMessageDelivery: it.RawMessageDelivery === "true",
        filterPolicy: it.FilterPolicy === "{}" ? undefined : it.FilterPolicy,
        filterPolicyScope: it.FilterPolicyScope,
        deliveryPolicy: it.DeliveryPolicy,
        redrivePolicy: it.RedrivePolicy,
        subscriptionRoleArn: it.SubscriptionRoleArn,
      }
    );
  },

  update: async ({ sns }, SubscriptionArn, _before, inputs, changed) => {
    for (const name of changed.filter((it) => it in SUBSCRIPTION_ATTRIBUTES)) {
      const none = name === "filterPolicy" ? "{}" : name === "rawMessageDelivery" ? "false" : "";
      const AttributeValue = String(inputs[name] ?? none);
      const input = { SubscriptionArn, AttributeName: SUBSCRIPTION_ATTRIBUTES[name], AttributeValue };
      await sns.send(new SetSubscriptionAttributesCommand(input));
    }
  },

  delete: ({ sns }, SubscriptionArn) =>
    sns.send(new UnsubscribeCommand({ SubscriptionArn })).catch((error: Error) => {
      // Nobody can end a subscription that nobody has confirmed; SNS forgets it after two days.
      const pending = codeOf(error) === "InvalidParameterException" && error.message.includes("pending confirmation");
      if (!pending && codeOf(error) !== GONE) {
        throw error;
      }
    }),
});
