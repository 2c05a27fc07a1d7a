import {
  Account,
  PolicyDocument,
  peopleTrust,
  policyDocument,
  roleArn,
  rootArn,
  serviceTrust,
  Statement,
} from "../aws/account";

/**
 * The end of the writer's name: the IAM role that encrypts and writes backups, and cannot read them. Source: the guide's "Backup
 * Access Control".
 */
export const WRITER = "backup-writer";
/** The end of the restorer's name: the IAM role that reads and decrypts backups, and cannot write them. */
export const RESTORER = "backup-restorer";
/** The end of the name of the IAM role with which S3 copies backups to another region. */
export const REPLICATION = "backup-replication";

/** The ARN of a trail by its name: policies name the trail before it has been made. */
export const trailArn = ({ partition, region, id }: Account, name: string) =>
  `arn:${partition}:cloudtrail:${region}:${id}:trail/${name}`;

/** The logical name of the bucket for backups, and the name of its trail. */
export const backupsName = (stack: string) => `${stack}-backups`;

/** Hours without a new backup after which one is missing: a day, and time for the dump. */
export const LATEST_HOURS = 26;

/** Days for which an object can be restored that was deleted or overwritten by mistake. Object Lock can hold it longer. */
export const OLD_VERSION_DAYS = 7;

/** The prefix of all objects that the writer may write. */
export const DUMPS_PREFIX = "dumps/";

/** The service that assumes the roles of the tasks. */
const TASKS = "ecs-tasks.amazonaws.com";

/** The condition on the part of the encryption context that names the stack of a backup. */
const ofThisStack = (stack: string) => ({ "kms:EncryptionContext:stack": stack });

/**
 * The trust policy of the writer and the restorer: the tasks may assume them, and `people`, named by their IAM roles. When `people`
 * is undefined, IAM policies alone decide in the account.
 */
export function backupTrust(account: Account, people: string[] | undefined): PolicyDocument {
  const { Statement: tasks } = serviceTrust(account, TASKS);
  if (people?.length === 0) {
    return policyDocument(...tasks);
  }
  return policyDocument(...tasks, peopleTrust(account, people));
}

/** The bucket and keys that policies about backups name. */
export interface Backups {
  account: Account;
  /** `<application>-<stack>`, with which every name in AWS begins. */
  stack: string;
  bucketArn: string;
  keyArn: string;
  recoveryKeyArn?: string;
  replica?: Replica;
}

/** The copies in another region. */
export interface Replica {
  bucketArn: string;
  keyArn: string;
  region: string;
}

const inReplica = (backups: Backups, { region, ...copies }: Replica): Backups => ({
  ...backups,
  ...copies,
  account: { ...backups.account, region },
});

/** The statement that lets S3 use the key on behalf of whoever reads or writes, for objects of this bucket only. */
function throughS3({ account, bucketArn, keyArn }: Backups, Sid: string, Action: string[]): Statement {
  return {
    Sid,
    Effect: "Allow",
    Action,
    Resource: keyArn,
    Condition: {
      StringEquals: {
        "kms:ViaService": `s3.${account.region}.amazonaws.com`,
        "kms:EncryptionContext:aws:s3:arn": bucketArn,
      },
    },
  };
}

/** The rights of the writer: it puts objects under the prefix and makes data keys. It cannot read, list, delete or decrypt objects. */
export function writerPolicy(backups: Backups): PolicyDocument {
  const { stack, bucketArn, keyArn, recoveryKeyArn } = backups;
  return policyDocument(
    {
      Sid: "PutDumps",
      Effect: "Allow",
      Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
      Resource: `${bucketArn}/${DUMPS_PREFIX}*`,
    },
    {
      Sid: "MakeDataKeys",
      Effect: "Allow",
      Action: "kms:GenerateDataKey",
      Resource: keyArn,
      Condition: { StringEquals: ofThisStack(stack) },
    },
    // Decrypt: S3 puts the parts of an upload together with it (S3: "Multipart upload and AWS KMS"). It opens no envelope.
    throughS3(backups, "LetS3EncryptObjects", ["kms:GenerateDataKey", "kms:Decrypt"]),
    ...(recoveryKeyArn
      ? [
          {
            Sid: "AddTheRecoveryKey",
            Effect: "Allow",
            Action: "kms:Encrypt",
            Resource: recoveryKeyArn,
            Condition: { StringEquals: ofThisStack(stack) },
          } satisfies Statement,
        ]
      : []),
  );
}

/** The statements that allow finding dumps in one bucket, reading them and opening their envelopes. */
function reading(backups: Backups, where = ""): Statement[] {
  const { stack, bucketArn, keyArn } = backups;
  return [
    {
      Sid: `FindDumps${where}`,
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: bucketArn,
      Condition: { StringLike: { "s3:prefix": `${DUMPS_PREFIX}*` } },
    },
    { Sid: `ReadDumps${where}`, Effect: "Allow", Action: "s3:GetObject", Resource: `${bucketArn}/${DUMPS_PREFIX}*` },
    throughS3(backups, `LetS3DecryptObjects${where}`, ["kms:Decrypt"]),
    {
      Sid: `OpenEnvelopes${where}`,
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: keyArn,
      Condition: { StringEquals: ofThisStack(stack) },
    },
  ];
}

/** The rights of the restorer: it lists and reads dumps and their copies, and opens their envelopes. It writes nothing. */
export function restorerPolicy(backups: Backups): PolicyDocument {
  const { replica } = backups;
  return policyDocument(...reading(backups), ...(replica ? reading(inReplica(backups, replica), "InTheReplica") : []));
}

/**
 * The rights of S3 when it copies: it reads every version with its lock, and writes it re-encrypted into the other bucket. It deletes
 * nothing there, and opens no envelope (S3: "Setting up permissions for live replication", "Replicating encrypted objects",
 * "Using Object Lock with S3 Replication").
 */
export function replicationPolicy(source: Backups, replica: Replica): PolicyDocument {
  const { bucketArn } = source;
  return policyDocument(
    {
      Sid: "FindWhatToCopy",
      Effect: "Allow",
      Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
      Resource: bucketArn,
    },
    {
      Sid: "ReadVersions",
      Effect: "Allow",
      Action: [
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
        "s3:GetObjectRetention",
        "s3:GetObjectLegalHold",
      ],
      Resource: `${bucketArn}/*`,
    },
    {
      Sid: "WriteCopies",
      Effect: "Allow",
      Action: ["s3:ReplicateObject", "s3:ReplicateTags"],
      Resource: `${replica.bucketArn}/*`,
    },
    throughS3(source, "LetS3DecryptObjects", ["kms:Decrypt"]),
    throughS3(inReplica(source, replica), "LetS3EncryptCopies", ["kms:Encrypt"]),
  );
}

/** The statements of the backups' key: only these two roles seal and open envelopes, whatever IAM policies allow. */
export function envelopeStatements(account: Account, stack: string): Statement[] {
  const only = (Sid: string, Action: string, role: string): Statement => ({
    Sid,
    Effect: "Allow",
    Principal: { AWS: rootArn(account) },
    Action,
    Resource: "*",
    Condition: {
      StringEquals: { "kms:CallerAccount": account.id, ...ofThisStack(stack) },
      ArnEquals: { "aws:PrincipalArn": roleArn(account, `${stack}-${role}`) },
    },
  });
  return [
    only("OnlyTheWriterSealsEnvelopes", "kms:GenerateDataKey", WRITER),
    only("OnlyTheRestorerOpensEnvelopes", "kms:Decrypt", RESTORER),
  ];
}

/**
 * The rights of the ECS agent that starts a task: it pulls the image and writes the log, and does nothing inside the task (ECS: "task
 * execution role").
 */
export function executionPolicy(repositoryArn: string, logGroupArn: string): PolicyDocument {
  return policyDocument(
    // IAM knows no narrower resource for this call: it gives a token that pulls what the others allow.
    { Sid: "LogInToEcr", Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
    {
      Sid: "PullTheImage",
      Effect: "Allow",
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Resource: repositoryArn,
    },
    {
      Sid: "WriteTheLog",
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: `${logGroupArn}:*`,
    },
  );
}

/** The rights of the schedules: they start these tasks on this cluster, with these roles and no others. */
export function schedulePolicy(clusterArn: string, taskDefinitionArns: string[], roleArns: string[]): PolicyDocument {
  return policyDocument(
    {
      Sid: "RunTheTasks",
      Effect: "Allow",
      Action: "ecs:RunTask",
      Resource: taskDefinitionArns.map((arn) => `${arn}:*`),
      Condition: { ArnEquals: { "ecs:cluster": clusterArn } },
    },
    {
      Sid: "WithTheirRoles",
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: roleArns,
      Condition: { StringEquals: { "iam:PassedToService": TASKS } },
    },
  );
}

/** The ARN of the repository of an image such as `123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/backups@sha256:…`. */
export function repositoryArn({ partition }: Account, image: string): string {
  const [, owner = "", region = "", repository = ""] = /^(\d+)\.dkr\.ecr\.([^.]+)\.[^/]+\/([^:@]+)/.exec(image) ?? [];
  return `arn:${partition}:ecr:${region}:${owner}:repository/${repository}`;
}
