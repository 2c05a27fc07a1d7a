import { CancelRotateSecretCommand, DescribeSecretCommand, RotateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { CheckFailure, Values } from "../protocol/model";
import { AwsClients } from "./clients";
import { unlessMissing } from "./errors";
import { awsResource, unmodelled } from "./resource";

interface Rules {
  automaticallyAfterDays?: number;
  scheduleExpression?: string;
  duration?: string;
}

/** AWS computes the days of an expression; with them the expression could not be changed any more (flattenRotationRulesType). */
function rulesOf(found: { AutomaticallyAfterDays?: number; ScheduleExpression?: string; Duration?: string }): Rules {
  const { AutomaticallyAfterDays, ScheduleExpression, Duration } = found;
  return {
    ...(ScheduleExpression
      ? { scheduleExpression: ScheduleExpression }
      : { automaticallyAfterDays: AutomaticallyAfterDays }),
    ...(Duration ? { duration: Duration } : {}),
  };
}

function checkRules({ rotationRules }: Values): CheckFailure[] {
  const { automaticallyAfterDays: days, scheduleExpression } = (rotationRules ?? {}) as Rules;
  const problem = (property: string, reason: string) => [{ property, reason }];
  if (!rotationRules) {
    return problem("rotationRules", "`rotation_rules` is required unless `rotation_enabled` is `false`");
  }
  if ((days === undefined) === (scheduleExpression === undefined)) {
    return problem("rotationRules", "only one of `automatically_after_days,schedule_expression` must be specified");
  }
  return days !== undefined && (days < 1 || days > 1000)
    ? problem("rotationRules", `expected automatically_after_days to be in the range (1 - 1000), got ${days}`)
    : [];
}

async function rotate({ secretsManager }: AwsClients, inputs: Values): Promise<string> {
  const { automaticallyAfterDays, scheduleExpression, duration } = inputs.rotationRules as Rules;
  const { ARN } = await secretsManager.send(
    new RotateSecretCommand({
      SecretId: inputs.secretId as string,
      RotateImmediately: inputs.rotateImmediately as boolean,
      RotationRules: {
        AutomaticallyAfterDays: scheduleExpression ? undefined : automaticallyAfterDays,
        ScheduleExpression: scheduleExpression,
        Duration: duration,
      },
    }),
  );
  return ARN as string;
}

/** `aws_secretsmanager_secret_rotation`, internal/service/secretsmanager/secret_rotation.go, for secrets that AWS manages. */
export const secretRotation = awsResource({
  title: "Secrets Manager Secret Rotation",
  properties: {
    secretId: { required: true, forceNew: true },
    rotationRules: {},
    rotateImmediately: { default: true, notRead: true },
    ...unmodelled("rotationEnabled", "rotationLambdaArn"),
    ...unmodelled("externalSecretRotationMetadatas", "externalSecretRotationRoleArn"),
  },
  check: checkRules,

  create: rotate,

  read: async ({ secretsManager }, id) => {
    const found = await unlessMissing(
      secretsManager.send(new DescribeSecretCommand({ SecretId: id })),
      "ResourceNotFoundException",
    );
    return (
      found && {
        secretId: id,
        rotationEnabled: found.RotationEnabled ?? false,
        rotationRules: found.RotationEnabled && found.RotationRules ? rulesOf(found.RotationRules) : undefined,
      }
    );
  },

  update: async (clients, _id, _before, inputs) => {
    await rotate(clients, inputs);
  },

  // A secret that is gone is an error, as with the official one.
  delete: ({ secretsManager }, id) => secretsManager.send(new CancelRotateSecretCommand({ SecretId: id })),
});
