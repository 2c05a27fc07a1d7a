import { Account, PolicyDocument, policyDocument, rootArn, Statement } from "../aws/account";
import { backupsName, envelopeStatements, trailArn } from "./backups";

/**
 * The purpose of a key, which decides who may do what with it, and through which service.
 *
 * The account administers its keys but cannot use them: nobody decrypts with a key by virtue of an IAM policy alone
 * (FSBP KMS.1, KMS.2). A key can be used through the services that it is for, and the backups' key by two roles besides.
 * Source: AWS KMS, "Key policies", "kms:ViaService", "kms:CallerAccount".
 */
export type Purpose = "database" | "secrets" | "backups" | "logs";

/** The actions that it takes to administer a key, without `kms:Encrypt`, `kms:Decrypt`, `kms:GenerateDataKey*` and `kms:CreateGrant`. */
const ADMINISTRATION = [
  "kms:CancelKeyDeletion",
  "kms:Describe*",
  "kms:Disable*",
  "kms:Enable*",
  "kms:Get*",
  "kms:List*",
  "kms:Put*",
  "kms:RevokeGrant",
  "kms:RotateKeyOnDemand",
  "kms:ScheduleKeyDeletion",
  "kms:TagResource",
  "kms:UntagResource",
  "kms:CreateAlias",
  "kms:DeleteAlias",
  "kms:UpdateAlias",
  "kms:UpdateKeyDescription",
  "kms:ReplicateKey", // of a multi-Region key, which only the backups' is
];

const USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];

function administration(account: Account): Statement {
  return {
    Sid: "TheAccountAdministers",
    Effect: "Allow",
    Principal: { AWS: rootArn(account) },
    Action: ADMINISTRATION,
    Resource: "*",
  };
}

/** The statement that lets a key be used by whomever an IAM policy of this account allows to, when `service` asks on their behalf. */
function through(account: Account, service: string): Statement {
  return {
    Sid: `UseThrough${service.replace(/^./, (letter) => letter.toUpperCase())}`,
    Effect: "Allow",
    Principal: { AWS: rootArn(account) },
    Action: USE,
    Resource: "*",
    Condition: {
      StringEquals: {
        "kms:CallerAccount": account.id,
        "kms:ViaService": `${service}.${account.region}.amazonaws.com`,
      },
    },
  };
}

/** The statement that lets a service make grants, by which RDS and EC2 go on using a key for their volumes when the caller has gone. */
function grantsThrough(account: Account, service: string): Statement {
  const { Condition, ...statement } = through(account, service);
  return {
    ...statement,
    Sid: `Grants${statement.Sid}`,
    Action: ["kms:CreateGrant", "kms:ListGrants"],
    Condition: { ...Condition, Bool: { "kms:GrantIsForAWSResource": "true" } },
  };
}

function byService(sid: string, service: string, action: string[], condition: Statement["Condition"]): Statement {
  return {
    Sid: sid,
    Effect: "Allow",
    Principal: { Service: service },
    Action: action,
    Resource: "*",
    Condition: condition,
  };
}

/** The ARNs of the log groups of a stack: CloudWatch Logs tells KMS which group it encrypts. */
function logGroups({ partition, region, id }: Account, name: string): string[] {
  return [`/aws/rds/instance/${name}*`, `/aws/vpc/flow-logs/${name}`, `/${name}/*`].map(
    (group) => `arn:${partition}:logs:${region}:${id}:log-group:${group}`,
  );
}

/**
 * The statements that let CloudTrail encrypt the files of the stack's trail, and whoever may read them in S3 decrypt them
 * (CloudTrail: "Configure AWS KMS key policies for CloudTrail").
 */
function trailFiles(account: Account, name: string): Statement[] {
  const arn = trailArn(account, backupsName(name));
  const context = { "kms:EncryptionContext:aws:cloudtrail:arn": arn };
  const byTheTrail = (sid: string, action: string, more = {}) =>
    byService(sid, "cloudtrail.amazonaws.com", [action], { StringEquals: { "aws:SourceArn": arn, ...more } });
  const reading = through(account, "s3");
  return [
    byTheTrail("TheTrailEncrypts", "kms:GenerateDataKey*", context),
    byTheTrail("TheTrailLooks", "kms:DescribeKey"),
    {
      ...reading,
      Sid: "FilesOfTheTrailAreRead",
      Action: "kms:Decrypt",
      Condition: { StringEquals: { ...reading.Condition?.StringEquals, ...context } },
    },
  ];
}

const STATEMENTS: Record<Purpose, (account: Account, name: string) => Statement[]> = {
  // Storage of the database and of the admin host, Performance Insights.
  database: (account) =>
    ["rds", "ec2"].flatMap((service) => [through(account, service), grantsThrough(account, service)]),
  // RDS makes the master's secret on behalf of whoever deploys, and rotates it later by a grant.
  secrets: (account) => [
    through(account, "secretsmanager"),
    ...["secretsmanager", "rds"].map((service) => grantsThrough(account, service)),
  ],
  backups: (account, name) => [through(account, "s3"), ...envelopeStatements(account, name)],
  logs: (account, name) => [
    byService(
      "LogsOfThisStack",
      `logs.${account.region}.amazonaws.com`,
      ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
      { ArnLike: { "kms:EncryptionContext:aws:logs:arn": logGroups(account, name) } },
    ),
    ...[
      { sid: "EventsToTheTopic", service: "events.rds.amazonaws.com" },
      { sid: "RulesToTheTopic", service: "events.amazonaws.com" },
      { sid: "AlarmsToTheTopic", service: "cloudwatch.amazonaws.com" },
    ].map(({ sid, service }) =>
      byService(sid, service, ["kms:Decrypt", "kms:GenerateDataKey*"], {
        StringEquals: { "aws:SourceAccount": account.id },
      }),
    ),
    through(account, "sns"),
    ...trailFiles(account, name),
  ],
};

/** The policy of a stack's key; `name` is `<application>-<stack>`, with which every name in AWS begins. */
export function keyPolicy(purpose: Purpose, account: Account, name: string): PolicyDocument {
  return policyDocument(administration(account), ...STATEMENTS[purpose](account, name));
}
