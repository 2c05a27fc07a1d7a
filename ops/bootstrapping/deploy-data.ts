import { Statement } from "../../model/aws/account";
import { own, Scope } from "./names";

/** What a deployment does with the database, the secrets, the keys and the buckets of its stack. No AWS client in here. */

const allow = (
  Sid: string,
  Action: string[],
  Resource: string | string[],
  more: Partial<Statement> = {},
): Statement => ({
  ...{ Sid, Effect: "Allow", Action, Resource },
  ...more,
});
const each = (service: string, ...actions: string[]) => actions.map((action) => `${service}:${action}`);

export function databaseStatements(scope: Scope): Statement[] {
  const rds = (...kinds: string[]) => kinds.flatMap((kind) => own(scope, "rds", `${kind}:`));
  return [
    // They list, and what they are asked for by name they look up among all.
    allow(
      "SeeDatabases",
      each(
        "rds",
        ...["DescribeDBInstances", "DescribeDBParameterGroups", "DescribeDBParameters", "DescribeDBSubnetGroups"],
        "DescribeEventSubscriptions",
      ),
      "*",
    ),
    allow(
      "Databases",
      each(
        "rds",
        ...[
          "AddSourceIdentifierToSubscription",
          "AddTagsToResource",
          "CreateDBInstance",
          "CreateDBInstanceReadReplica",
        ],
        ...["CreateDBParameterGroup", "CreateDBSubnetGroup", "CreateEventSubscription", "DeleteDBInstance"],
        ...["DeleteDBParameterGroup", "DeleteDBSubnetGroup", "DeleteEventSubscription", "ListTagsForResource"],
        ...["ModifyDBInstance", "ModifyDBParameterGroup", "ModifyDBSubnetGroup", "ModifyEventSubscription"],
        ...["RemoveSourceIdentifierFromSubscription", "RemoveTagsFromResource", "ResetDBParameterGroup"],
      ),
      // The final snapshot, too.
      rds("db", "es", "pg", "snapshot", "subgrp"),
    ),
  ];
}

/**
 * Of the master's secret RDS chooses the name, and tags it with the instance's ARN (RDS, "Password management with Secrets Manager";
 * the managed policy AmazonRDSServiceRolePolicy names the tag).
 */
export function masterSecret(
  scope: Scope,
  operator: "StringLike" | "StringLikeIfExists" = "StringLike",
): Pick<Statement, "Resource" | "Condition"> {
  const { partition, region, id } = scope.account;
  return {
    Resource: `arn:${partition}:secretsmanager:${region}:${id}:secret:rds!db-*`,
    Condition: { [operator]: { "aws:ResourceTag/aws:rds:primaryDBInstanceArn": own(scope, "rds", "db:") } },
  };
}

export function secretStatements(scope: Scope): Statement[] {
  const secrets = own(scope, "secretsmanager", "secret:").slice(1);
  return [
    allow(
      "Secrets",
      each(
        "secretsmanager",
        ...["CancelRotateSecret", "CreateSecret", "DeleteResourcePolicy", "DeleteSecret", "DescribeSecret"],
        ...["GetResourcePolicy", "GetSecretValue", "ListSecretVersionIds", "PutResourcePolicy", "PutSecretValue"],
        ...["RotateSecret", "TagResource", "UntagResource", "UpdateSecret", "UpdateSecretVersionStage"],
      ),
      secrets,
    ),
    allow("TheMastersLogin", ["secretsmanager:GetSecretValue"], "*", masterSecret(scope)),
    // IfExists: one that RDS has deleted has no tags, and must be found to be gone.
    allow(
      "TheMastersSecret",
      each(
        "secretsmanager",
        ...[
          "CancelRotateSecret",
          "DeleteResourcePolicy",
          "DescribeSecret",
          "GetResourcePolicy",
          "ListSecretVersionIds",
        ],
        ...["PutResourcePolicy", "RotateSecret"],
      ),
      "*",
      masterSecret(scope, "StringLikeIfExists"),
    ),
  ];
}

/** KMS chooses the ids of keys: their tags say whose they are. */
export function keyStatements(scope: Scope): Statement[] {
  const { account, application, environment } = scope;
  const anyKey = `arn:${account.partition}:kms:*:${account.id}:key/*`;
  const aliases = own(scope, "kms", "alias/").map((arn) => arn.replace(`:${account.region}:`, ":*:"));
  const tags = (of: string) => ({
    [`aws:${of}/Application`]: application,
    [`aws:${of}/Environment`]: environment,
  });
  const ours = { Condition: { StringEquals: tags("ResourceTag") } };
  return [
    // ListAliases has no resource to name.
    allow("SeeAliases", ["kms:ListAliases"], "*"),
    allow("MakeKeys", each("kms", "CreateKey"), "*", { Condition: { StringEquals: tags("RequestTag") } }),
    // A replica is made in a region of its own, with the tags of the request.
    allow("TagNewKeys", each("kms", "TagResource"), anyKey, { Condition: { StringEquals: tags("RequestTag") } }),
    allow(
      "Keys",
      each(
        "kms",
        ...["CreateAlias", "DeleteAlias", "DescribeKey", "DisableKey", "DisableKeyRotation", "EnableKey"],
        ...["EnableKeyRotation", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags", "PutKeyPolicy"],
        ...[
          "ReplicateKey",
          "ScheduleKeyDeletion",
          "TagResource",
          "UntagResource",
          "UpdateAlias",
          "UpdateKeyDescription",
        ],
      ),
      anyKey,
      ours,
    ),
    allow("Aliases", each("kms", "CreateAlias", "DeleteAlias", "UpdateAlias"), aliases),
    // Passwords go into Secrets Manager, and come out, under the stack's key.
    allow("SecretsUnderTheirKey", each("kms", "Decrypt", "GenerateDataKey"), anyKey, {
      Condition: {
        StringEquals: { ...tags("ResourceTag"), "kms:ViaService": `secretsmanager.${account.region}.amazonaws.com` },
      },
    }),
  ];
}

export function bucketStatements({ account: { partition }, stack }: Scope): Statement[] {
  const buckets = `arn:${partition}:s3:::${stack}-*`;
  return [
    allow(
      "Buckets",
      [
        ...["BucketLogging", "BucketObjectLockConfiguration", "BucketOwnershipControls", "BucketPolicy"],
        ...["BucketPublicAccessBlock", "BucketTagging", "BucketVersioning", "EncryptionConfiguration"],
        ...["LifecycleConfiguration", "ReplicationConfiguration"],
      ]
        .flatMap((what) => [`s3:Get${what}`, `s3:Put${what}`])
        .concat(each("s3", "CreateBucket", "DeleteBucket", "DeleteBucketPolicy", "ListBucket", "ListBucketVersions")),
      buckets,
    ),
  ];
}
