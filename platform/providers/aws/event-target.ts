import {
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  Target,
} from "@aws-sdk/client-eventbridge";
import { randomBytes } from "node:crypto";
import { CheckFailure, Values } from "../protocol/model";
import { validArn } from "./arn";
import { unlessMissing } from "./errors";
import { onDefaultBus } from "./event-rule";
import { awsResource, unmodelled } from "./resource";
import { atLeast, between, first, ifSet, text } from "./validate";

const GONE = "ResourceNotFoundException";
const INPUTS = ["input", "inputPath", "inputTransformer"];

interface Parts {
  EventBusName?: string;
  Rule: string;
  targetId: string;
}

/** Not from the id, which joins them with "-" and cannot be taken apart. */
const partsOf = ({ eventBusName, rule, targetId }: Values): Parts => ({
  EventBusName: eventBusName as string | undefined,
  Rule: rule as string,
  targetId: targetId as string,
});

function idOf({ eventBusName, rule, targetId }: Values): string {
  const bus = onDefaultBus(eventBusName as string | undefined) ? [] : [eventBusName as string];
  return [...bus, rule as string, targetId as string].join("-");
}

async function find(events: EventBridgeClient, { EventBusName, Rule, targetId }: Parts): Promise<Target | undefined> {
  let NextToken: string | undefined;
  do {
    const page = await events.send(new ListTargetsByRuleCommand({ EventBusName, Rule, NextToken }));
    const found = page.Targets?.find(({ Id }) => Id === targetId);
    if (found) {
      return found;
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return undefined;
}

async function put(events: EventBridgeClient, inputs: Values, Id: string): Promise<void> {
  const transformer = inputs.inputTransformer as Values | undefined;
  const retries = inputs.retryPolicy as Values | undefined;
  const target: Target = {
    Id,
    Arn: inputs.arn as string,
    RoleArn: inputs.roleArn,
    Input: inputs.input,
    InputPath: inputs.inputPath,
    ...(transformer
      ? {
          InputTransformer: {
            InputPathsMap: transformer.inputPaths as Record<string, string> | undefined,
            InputTemplate: transformer.inputTemplate as string,
          },
        }
      : {}),
    ...(inputs.deadLetterConfig ? { DeadLetterConfig: { Arn: inputs.deadLetterConfig.arn } } : {}),
    ...(inputs.sqsTarget ? { SqsParameters: { MessageGroupId: inputs.sqsTarget.messageGroupId } } : {}),
    ...(retries
      ? {
          RetryPolicy: {
            MaximumEventAgeInSeconds: retries.maximumEventAgeInSeconds,
            MaximumRetryAttempts: retries.maximumRetryAttempts,
          },
        }
      : {}),
  };
  const answer = await events.send(
    new PutTargetsCommand({ Rule: inputs.rule as string, EventBusName: inputs.eventBusName, Targets: [target] }),
  );
  const refused = answer.FailedEntries?.[0];
  if (refused) {
    throw new Error(`${refused.ErrorCode}: ${refused.ErrorMessage}`);
  }
}

function validTransformer({ inputPaths = {}, inputTemplate }: Values): string | undefined {
  const paths = Object.entries(inputPaths as Record<string, string>);
  return first(
    paths.length > 100 ? `inputPaths: 100 paths at most, got ${paths.length}` : undefined,
    ...paths.map(([key]) =>
      key.startsWith("AWS") || !/^[\w-]+$/.test(key)
        ? `inputPaths: "${key}" must not start with "AWS" and have only letters, digits, hyphens and underscores`
        : undefined,
    ),
    text("inputTemplate", 1, 8192)(inputTemplate as string),
  );
}

function check(inputs: Values): CheckFailure[] {
  const [one, another] = INPUTS.filter((name) => inputs[name] !== undefined);
  return one && another ? [{ property: another, reason: `"${another}": conflicts with ${one}` }] : [];
}

/** `aws_cloudwatch_event_target`, internal/service/events/target.go. */
export const eventTarget = awsResource({
  title: "EventBridge Target",
  properties: {
    rule: { required: true, forceNew: true, validate: text("rule", 1, 64, /^[\w.-]+$/) },
    eventBusName: { default: "default", forceNew: true },
    targetId: { computed: true, forceNew: true, validate: text("targetId", 1, 64, /^[\w.-]+$/) },
    arn: { required: true, validate: validArn("arn") },
    roleArn: { validate: validArn("roleArn") },
    input: { json: true, validate: text("input", 0, 8192) },
    inputPath: { validate: text("inputPath", 0, 256) },
    inputTransformer: { validate: validTransformer },
    deadLetterConfig: { validate: ({ arn }: Values) => ifSet(validArn("deadLetterConfig.arn"))(arn) },
    retryPolicy: {
      validate: ({ maximumEventAgeInSeconds, maximumRetryAttempts }: Values) =>
        first(
          ifSet(atLeast("maximumEventAgeInSeconds", 60))(maximumEventAgeInSeconds),
          ifSet(between("maximumRetryAttempts", 0, 185))(maximumRetryAttempts),
        ),
    },
    sqsTarget: {},
    forceDestroy: { default: false, notRead: true },
    ...unmodelled("appsyncTarget", "batchTarget", "ecsTarget", "httpTarget", "kinesisTarget", "redshiftTarget"),
    ...unmodelled("runCommandTargets", "sagemakerPipelineTarget"),
  },
  check,

  create: async ({ events }, inputs) => {
    const targetId = (inputs.targetId ?? `terraform-${randomBytes(13).toString("hex")}`) as string;
    await put(events, inputs, targetId);
    return { id: idOf({ ...inputs, targetId }), known: { targetId } };
  },

  /** By "<rule>/<target>" or "<bus>/<rule>/<target>". */
  importer: (_, id) => {
    const parts = id.split("/");
    const [targetId, rule, eventBusName] = [parts.pop(), parts.pop(), parts.join("/") || undefined];
    if (!targetId || !rule) {
      throw new Error(`unexpected format of ID (${id}), expected <event-bus>/<rule>/<target-id> or <rule>/<target-id>`);
    }
    const state = { rule, targetId, eventBusName };
    return Promise.resolve({ id: idOf(state), state });
  },

  read: async ({ events }, _id, state) => {
    const parts = partsOf(state);
    const it = await unlessMissing(find(events, parts), GONE);
    const transformer = it?.InputTransformer;
    return (
      it && {
        rule: parts.Rule,
        eventBusName: parts.EventBusName ?? "default",
        targetId: it.Id,
        arn: it.Arn,
        roleArn: it.RoleArn,
        input: it.Input,
        inputPath: it.InputPath,
        inputTransformer: transformer && {
          ...(transformer.InputPathsMap ? { inputPaths: transformer.InputPathsMap } : {}),
          inputTemplate: transformer.InputTemplate,
        },
        deadLetterConfig: it.DeadLetterConfig && { arn: it.DeadLetterConfig.Arn },
        sqsTarget: it.SqsParameters && { messageGroupId: it.SqsParameters.MessageGroupId },
        retryPolicy: it.RetryPolicy && {
          maximumEventAgeInSeconds: it.RetryPolicy.MaximumEventAgeInSeconds,
          maximumRetryAttempts: it.RetryPolicy.MaximumRetryAttempts,
        },
      }
    );
  },

  update: async ({ events }, _id, before, inputs, changed) => {
    if (changed.some((name) => name !== "forceDestroy")) {
      await put(events, inputs, before.targetId as string);
    }
  },

  delete: async ({ events }, _id, state) => {
    const { targetId, ...rule } = partsOf(state);
    const Force = state.forceDestroy ? true : undefined;
    const answer = await unlessMissing(
      events.send(new RemoveTargetsCommand({ ...rule, Ids: [targetId], Force })),
      GONE,
    );
    const refused = answer?.FailedEntries?.[0];
    if (refused) {
      throw new Error(`${refused.ErrorCode}: ${refused.ErrorMessage}`);
    }
  },
});
