import { Account, policyDocument, PolicyDocument, Statement } from "../../model/aws/account";

/**
 * The most that any role of a stack may ever do, whatever its own policies say. No AWS client in here.
 *
 * Of IAM it has one right alone, to hand the stack's roles to its tasks: so nobody gets on from such a role to another.
 */
export function boundaryPolicy({ partition, region, id }: Account, stack: string): PolicyDocument {
  const arn = (service: string, resource: string, where = region) =>
    `arn:${partition}:${service}:${where}:${id}:${resource}`;
  const allow = (Sid: string, Action: string[], Resource: string | string[]): Statement => ({
    ...{ Sid, Effect: "Allow", Action, Resource },
  });
  return policyDocument(
    // Backups, their copies, and what S3 needs to make these.
    allow(
      "Backups",
      [...["s3:AbortMultipartUpload", "s3:Get*", "s3:List*", "s3:PutObject", "s3:ReplicateObject", "s3:ReplicateTags"]],
      [`arn:${partition}:s3:::${stack}-*`, `arn:${partition}:s3:::${stack}-*/*`],
    ),
    // Which of them, the keys' own policies say; the recovery key may be another account's.
    allow("Keys", ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:Get*"], "*"),
    allow(
      "Secrets",
      [...["secretsmanager:DescribeSecret", "secretsmanager:Get*", "secretsmanager:ListSecretVersionIds"]],
      [arn("secretsmanager", `secret:${stack}-*`), arn("secretsmanager", "secret:rds!db-*")],
    ),
    // RDS writes enhanced monitoring to a group of its own.
    allow(
      "Logs",
      ["logs:Create*", "logs:Describe*", "logs:Get*", "logs:PutLogEvents", "logs:PutRetentionPolicy"],
      [
        ...[`/${stack}/*`, `/aws/vpc/flow-logs/${stack}`, `/aws/vpc/flow-logs/${stack}:*`, "RDSOSMetrics*"].map(
          (group) => arn("logs", `log-group:${group}`),
        ),
      ],
    ),
    // The live check.
    allow(
      "Look",
      [
        ...["cloudtrail:GetTrailStatus", "cloudwatch:Describe*", "ec2:DescribeFlowLogs", "ec2:DescribeSecurityGroups"],
        ...["logs:DescribeLogGroups", "rds:Describe*", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"],
      ],
      "*",
    ),
    // The tasks, and what starts them.
    allow(
      "PullImages",
      [
        ...["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken"],
        "ecr:GetDownloadUrlForLayer",
      ],
      "*",
    ),
    allow("RunTasks", ["ecs:RunTask"], arn("ecs", `task-definition/${stack}-*`)),
    {
      ...allow("HandRolesToTasks", ["iam:PassRole"], arn("iam", `role/${stack}-backup-*`, "")),
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
    // The admin host's agent, as AmazonSSMManagedInstanceCore lets it.
    allow(
      "Agent",
      [
        ...[
          "ec2messages:*",
          "ssm:DescribeAssociation",
          "ssm:DescribeDocument",
          "ssm:GetDeployablePatchSnapshotForInstance",
        ],
        ...["ssm:GetDocument", "ssm:GetManifest", "ssm:ListAssociations", "ssm:ListInstanceAssociations"],
        ...["ssm:PutComplianceItems", "ssm:PutConfigurePackageResult", "ssm:PutInventory"],
        ...["ssm:UpdateAssociationStatus", "ssm:UpdateInstanceAssociationStatus", "ssm:UpdateInstanceInformation"],
        "ssmmessages:*",
      ],
      "*",
    ),
  );
}
