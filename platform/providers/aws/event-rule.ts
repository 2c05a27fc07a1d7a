import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  ListTagsForResourceCommand,
  PutRuleCommand,
  PutRuleCommandInput,
  RuleState,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-eventbridge";
import pRetry from "p-retry";
import { CheckFailure, Values } from "../protocol/model";
import { validArn } from "./arn";
import { AwsClients, Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import { codeOf, unlessMissing } from "./errors";
import { checkName, nameOf, nameProperties } from "./names";
import { awsResource, each, unmodelled } from "./resource";
import { oneOf, text } from "./validate";

const GONE = "ResourceNotFoundException";
const DEFAULT_BUS = "default";
const LONGEST_PATTERN = 4096;

/** The default bus is left out of ids (RuleCreateResourceID). */
export const onDefaultBus = (bus: unknown) => bus === undefined || bus === "" || bus === DEFAULT_BUS;

function partsOf(id: string): { EventBusName: string; Name: string } {
  // A bus may be told by its ARN, which has slashes of its own.
  const end = id.lastIndexOf("/");
  return end < 0
    ? { EventBusName: DEFAULT_BUS, Name: id }
    : { EventBusName: id.slice(0, end), Name: id.slice(end + 1) };
}

/** Everything: what a call leaves out is lost. */
function wanted(inputs: Values): Omit<PutRuleCommandInput, "Name"> {
  return {
    Description: inputs.description,
    EventPattern: inputs.eventPattern,
    ScheduleExpression: inputs.scheduleExpression,
    RoleArn: inputs.roleArn,
    State: inputs.state as RuleState | undefined,
  };
}

/** validateEventPatternValue. */
function validPattern(value: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
      return `"eventPattern" contains an invalid JSON: not an object`;
    }
  } catch (error) {
    return `"eventPattern" contains an invalid JSON: ${(error as Error).message}`;
  }
  return value.length > LONGEST_PATTERN
    ? `"eventPattern" cannot be longer than ${LONGEST_PATTERN} characters`
    : undefined;
}

function check(inputs: Values): CheckFailure[] {
  const given = inputs.eventPattern ?? inputs.scheduleExpression;
  return [
    ...checkName(inputs),
    ...(given === undefined
      ? [
          {
            property: "eventPattern",
            reason: '"eventPattern": one of `event_pattern,schedule_expression` must be specified',
          },
        ]
      : []),
  ];
}

const tags = async ({ events }: AwsClients, ResourceARN: string | undefined): Promise<Tags> =>
  tagMap((await events.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags);

/** `aws_cloudwatch_event_rule`, internal/service/events/rule.go. */
export const eventRule = awsResource({
  title: "EventBridge Rule",
  autoName: { property: "name", maxLength: 64, unless: "namePrefix" },
  properties: {
    ...nameProperties(64, /^[\w.-]*$/, "must match [.\\-_A-Za-z0-9]+"),
    description: { validate: text("description", 0, 512) },
    eventBusName: { default: DEFAULT_BUS, forceNew: true },
    eventPattern: { json: true, validate: validPattern },
    scheduleExpression: { validate: text("scheduleExpression", 0, 256) },
    roleArn: { validate: validArn("roleArn") },
    state: {
      default: "ENABLED",
      validate: oneOf("state", "ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
    },
    forceDestroy: { default: false, notRead: true },
    ...unmodelled("isEnabled"),
    ...each({ output: true }, "arn"),
  },
  check,

  tag: async ({ events }, _id, { state, put, remove }) => {
    const ResourceARN = state.arn as string;
    if (remove.length > 0) {
      await events.send(new UntagResourceCommand({ ResourceARN, TagKeys: remove }));
    }
    if (Object.keys(put).length > 0) {
      await events.send(new TagResourceCommand({ ResourceARN, Tags: tagList(put) }));
    }
  },

  create: async ({ events }, inputs) => {
    const Name = nameOf(inputs);
    const EventBusName = (inputs.eventBusName ?? DEFAULT_BUS) as string;
    const Tags = tagList(inputs.tagsAll as Tags);
    await events.send(new PutRuleCommand({ ...wanted(inputs), Name, EventBusName, Tags }));
    return onDefaultBus(EventBusName) ? Name : `${EventBusName}/${Name}`;
  },

  read: async (clients, id) => {
    const it = await unlessMissing(clients.events.send(new DescribeRuleCommand(partsOf(id))), GONE);
    return (
      it && {
        arn: it.Arn,
        name: it.Name,
        description: it.Description,
        eventBusName: partsOf(id).EventBusName,
        eventPattern: it.EventPattern,
        scheduleExpression: it.ScheduleExpression,
        roleArn: it.RoleArn,
        state: it.State,
        tagsAll: await tags(clients, it.Arn),
      }
    );
  },

  update: async ({ events }, id, _before, inputs, changed) => {
    if (changed.some((name) => !["tags", "forceDestroy"].includes(name))) {
      await events.send(new PutRuleCommand({ ...wanted(inputs), ...partsOf(id) }));
    }
  },

  // Its targets are being taken away.
  delete: ({ events }, id, { forceDestroy }) =>
    pRetry(
      () =>
        unlessMissing(events.send(new DeleteRuleCommand({ ...partsOf(id), Force: forceDestroy || undefined })), GONE),
      {
        ...{ retries: 6, minTimeout: 100, maxTimeout: 1_000 },
        shouldRetry: ({ error }) =>
          codeOf(error) === "ValidationException" && error.message.includes("since it has targets"),
      },
    ),
});
