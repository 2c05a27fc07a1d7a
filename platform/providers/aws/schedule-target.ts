import { EcsParameters, Target } from "@aws-sdk/client-scheduler";
import { Values } from "../protocol/model";
import { validArn } from "./arn";
import { Tags } from "./clients";
import { ecsTagMap, ecsTags } from "./ecs-cluster";
import { sameBlocks } from "./s3-wire";
import { between, first, ifSet, oneOf, text } from "./validate";

/** Terraform's, and EventBridge Scheduler's. */
const RETRIES = { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 };

const NO_MODEL = {
  target: ["kinesisParameters", "sagemakerPipelineParameters", "eventbridgeParameters"],
  ecsParameters: ["capacityProviderStrategies", "placementConstraints", "placementStrategies"],
};

function ecsToApi(ecs: Values): EcsParameters {
  const network = ecs.networkConfiguration as Values | undefined;
  return {
    TaskDefinitionArn: ecs.taskDefinitionArn as string,
    TaskCount: (ecs.taskCount as number | undefined) ?? 1,
    LaunchType: ecs.launchType,
    PlatformVersion: ecs.platformVersion,
    Group: ecs.group,
    PropagateTags: ecs.propagateTags,
    ReferenceId: ecs.referenceId,
    EnableECSManagedTags: ecs.enableEcsManagedTags,
    EnableExecuteCommand: ecs.enableExecuteCommand,
    ...(ecs.tags ? { Tags: ecsTags(ecs.tags as Tags) } : {}),
    ...(network
      ? {
          NetworkConfiguration: {
            awsvpcConfiguration: {
              Subnets: network.subnets as string[],
              SecurityGroups: network.securityGroups,
              AssignPublicIp: network.assignPublicIp ? "ENABLED" : "DISABLED",
            },
          },
        }
      : {}),
  };
}

function ecsFromApi(ecs: EcsParameters): Values {
  const network = ecs.NetworkConfiguration?.awsvpcConfiguration;
  return {
    taskDefinitionArn: ecs.TaskDefinitionArn,
    taskCount: ecs.TaskCount,
    launchType: ecs.LaunchType,
    platformVersion: ecs.PlatformVersion,
    group: ecs.Group,
    propagateTags: ecs.PropagateTags,
    referenceId: ecs.ReferenceId,
    enableEcsManagedTags: ecs.EnableECSManagedTags,
    enableExecuteCommand: ecs.EnableExecuteCommand,
    ...(ecs.Tags ? { tags: ecsTagMap(ecs.Tags) } : {}),
    ...(network
      ? {
          networkConfiguration: {
            subnets: network.Subnets,
            securityGroups: network.SecurityGroups,
            assignPublicIp: network.AssignPublicIp === "ENABLED",
          },
        }
      : {}),
  };
}

/** The target as the API takes it. */
export function targetToApi(target: Values): Target {
  const retries = target.retryPolicy as Values | undefined;
  const { maximumEventAgeInSeconds, maximumRetryAttempts } = { ...RETRIES, ...retries };
  return {
    Arn: target.arn as string,
    RoleArn: target.roleArn as string,
    Input: target.input,
    ...(target.deadLetterConfig ? { DeadLetterConfig: { Arn: target.deadLetterConfig.arn as string } } : {}),
    ...(target.ecsParameters ? { EcsParameters: ecsToApi(target.ecsParameters as Values) } : {}),
    ...(target.sqsParameters ? { SqsParameters: { MessageGroupId: target.sqsParameters.messageGroupId } } : {}),
    ...(retries
      ? {
          RetryPolicy: {
            MaximumEventAgeInSeconds: maximumEventAgeInSeconds,
            MaximumRetryAttempts: maximumRetryAttempts,
          },
        }
      : {}),
  };
}

/** The other way. */
export function targetFromApi(target: Target): Values {
  const retries = target.RetryPolicy;
  return {
    arn: target.Arn,
    roleArn: target.RoleArn,
    input: target.Input,
    ...(target.DeadLetterConfig ? { deadLetterConfig: { arn: target.DeadLetterConfig.Arn } } : {}),
    ...(target.EcsParameters ? { ecsParameters: ecsFromApi(target.EcsParameters) } : {}),
    ...(target.SqsParameters ? { sqsParameters: { messageGroupId: target.SqsParameters.MessageGroupId } } : {}),
    ...(retries
      ? {
          retryPolicy: {
            maximumEventAgeInSeconds: retries.MaximumEventAgeInSeconds,
            maximumRetryAttempts: retries.MaximumRetryAttempts,
          },
        }
      : {}),
  };
}

const sorted = (list: unknown) => [...((list ?? []) as string[])].sort();

/** With Terraform's defaults, and with sets in one order. */
function canonical(target: Values): Values {
  const ecs = target.ecsParameters as Values | undefined;
  const network = ecs?.networkConfiguration as Values | undefined;
  const sets = network && {
    subnets: sorted(network.subnets),
    securityGroups: sorted(network.securityGroups),
    // "No" is what Terraform takes for nothing.
    assignPublicIp: network.assignPublicIp || undefined,
  };
  return {
    ...target,
    ...(ecs ? { ecsParameters: { taskCount: 1, ...ecs, ...(sets ? { networkConfiguration: sets } : {}) } } : {}),
    ...(target.retryPolicy ? { retryPolicy: { ...RETRIES, ...target.retryPolicy } } : {}),
  };
}

/** No retry policy at all leaves the one that is there (verify.SuppressMissingOptionalConfigurationBlock). */
export function sameTarget(before: unknown, after: unknown): boolean {
  const [old, wanted] = [before, after] as [Values | undefined, Values | undefined];
  if (!old || !wanted) {
    return false;
  }
  const { retryPolicy, ...rest } = canonical(old);
  return sameBlocks(wanted.retryPolicy ? { ...rest, retryPolicy: retryPolicy as unknown } : rest, canonical(wanted));
}

function validEcs(ecs: Values): string | undefined {
  const subnets = ecs.networkConfiguration?.subnets as string[] | undefined;
  return first(
    validArn("taskDefinitionArn")(ecs.taskDefinitionArn as string),
    ifSet(between("taskCount", 1, 10))(ecs.taskCount),
    ifSet(oneOf("launchType", "EC2", "FARGATE", "EXTERNAL"))(ecs.launchType),
    ifSet(oneOf("propagateTags", "TASK_DEFINITION"))(ecs.propagateTags),
    ifSet(text("platformVersion", 1, 64))(ecs.platformVersion),
    subnets && (subnets.length < 1 || subnets.length > 16) ? "subnets: 1 to 16 items are supported" : undefined,
  );
}

export function validTarget(target: Values): string | undefined {
  const unknown = [
    ...NO_MODEL.target.filter((name) => target[name]),
    ...NO_MODEL.ecsParameters.filter((name) => target.ecsParameters?.[name]),
  ];
  return first(
    unknown.length > 0 ? `the local aws provider has no model of ${unknown.join(", ")}` : undefined,
    validArn("arn")(target.arn as string),
    validArn("roleArn")(target.roleArn as string),
    ifSet(validArn("deadLetterConfig.arn"))(target.deadLetterConfig?.arn),
    ifSet(between("maximumEventAgeInSeconds", 60, 86_400))(target.retryPolicy?.maximumEventAgeInSeconds),
    ifSet(between("maximumRetryAttempts", 0, 185))(target.retryPolicy?.maximumRetryAttempts),
    target.ecsParameters ? validEcs(target.ecsParameters as Values) : undefined,
  );
}
