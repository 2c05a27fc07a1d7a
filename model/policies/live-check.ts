import { furtherApplicationsPrefix } from "../access/applications";
import { Account, PolicyDocument, policyDocument, Statement } from "../aws/account";

/** The end of the name of the IAM role of the live check. */
export const CHECKER = "checker";

/** The resources that the live check may read, by ARN where AWS allows it. */
export interface CheckTargets {
  account: Account;
  /** `<application>-<stack>`, with which every name in AWS begins. */
  stack: string;
  bucketArn: string;
  topicArn: string;
  keyArns: string[];
  /** The secrets of the first application and of the master; those of further applications are allowed by a pattern. */
  secretArns: string[];
}

/** The actions for which AWS has no resource to name: they list, or describe what has no ARN (Service Authorization Reference). */
const WITHOUT_RESOURCE = [
  "cloudwatch:DescribeAlarms",
  "ec2:DescribeFlowLogs",
  "ec2:DescribeSecurityGroups",
  "logs:DescribeLogGroups",
  // A filter narrows it down, but the right is on the pending actions of the whole account.
  "rds:DescribePendingMaintenanceActions",
];

/** The rights of the live check: it reads the configuration of these resources. */
export function checkPolicy({
  account,
  stack,
  bucketArn,
  topicArn,
  keyArns,
  secretArns,
}: CheckTargets): PolicyDocument {
  const { partition, region, id } = account;
  const here = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${id}:${resource}`;
  const allow = (Sid: string, Action: string[], Resource: string | string[]): Statement => ({
    Sid,
    Effect: "Allow",
    Action,
    Resource,
  });
  return policyDocument(
    allow("Lists", WITHOUT_RESOURCE, "*"),
    allow(
      "Instance",
      ["rds:DescribeDBInstances", "rds:DescribeDBParameters"],
      [here("rds", `db:${stack}*`), here("rds", `pg:${stack}*`)],
    ),
    // Whoever makes a snapshot by hand calls it what they like.
    allow(
      "Snapshots",
      ["rds:DescribeDBSnapshotAttributes", "rds:DescribeDBSnapshots"],
      [here("rds", `db:${stack}*`), here("rds", "snapshot:*")],
    ),
    allow("Events", ["rds:DescribeEventSubscriptions"], here("rds", "es:*")),
    allow("Keys", ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus"], keyArns),
    allow(
      "Secrets",
      ["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy", "secretsmanager:ListSecretVersionIds"],
      // A pattern, for the policies of a role have 10,240 characters in all, and there may be many applications.
      [...secretArns, here("secretsmanager", `secret:${furtherApplicationsPrefix(stack)}*`)],
    ),
    allow(
      "Bucket",
      [
        "s3:GetBucketLogging",
        "s3:GetLifecycleConfiguration",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:ListBucket",
      ],
      bucketArn,
    ),
    allow("Trail", ["cloudtrail:GetTrailStatus"], here("cloudtrail", `trail/${stack}-*`)),
    allow("Topic", ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"], topicArn),
  );
}
