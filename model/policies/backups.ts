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
 * Who may do what with backups: the writer encrypts and cannot read, the restorer reads and cannot write.
 * Source: the guide's "Backup Access Control".
 */
export const WRITER = "backup-writer";
export const RESTORER = "backup-restorer";
/** S3 itself, when it copies backups to another region. */
export const REPLICATION = "backup-replication";

/** The trail of who touches the bucket, by its name: policies name it before it is there. */
export const trailArn = ({ partition, region, id }: Account, name: string) =>
  `arn:${partition}:cloudtrail:${region}:${id}:trail/${name}`;

/** The bucket's name in the stack, and its trail's. */
export const backupsName = (stack: string) => `${stack}-backups`;

/** Hours without a new backup after which one is missing: a day, and time for the dump. */
export const LATEST_HOURS = 26;

/** What somebody deleted or overwrote by mistake can be had back for a week. Object Lock holds longer by itself. */
export const OLD_VERSION_DAYS = 7;

/** All that the writer may write to. */
export const DUMPS_PREFIX = "dumps/";

/** The service that runs the tasks. */
const TASKS = "ecs-tasks.amazonaws.com";

/** A part of every encryption context: the stack that a backup is of. */
const ofThisStack = (stack: string) => ({ "kms:EncryptionContext:stack": stack });

/**
 * Who may take a role on: the tasks, and `people` by the names of their IAM roles. When `people` is undefined, IAM policies
 * alone decide in the account.
 */
export function backupTrust(account: Account, people: string[] | undefined): PolicyDocument {
  const { Statement: tasks } = serviceTrust(account, TASKS);
  if (people?.length === 0) {
    return policyDocument(...tasks);
  }
  return policyDocument(...tasks, peopleTrust(account, people));
}

export interface Backups {
  account: Account;
  /** What everything of the stack begins with. */
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

/** S3 encrypts what lies in the bucket by itself, on behalf of whoever reads or writes, and only for this bucket. */
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

/** Puts objects under the prefix and makes data keys. Neither reads, lists nor deletes, and cannot decrypt what it wrote. */
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

/** Finds dumps in one bucket, reads them and opens their envelopes. */
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

/** Lists and reads dumps and opens their envelopes, and their copies' in another region. Writes nothing. */
export function restorerPolicy(backups: Backups): PolicyDocument {
  const { replica } = backups;
  return policyDocument(...reading(backups), ...(replica ? reading(inReplica(backups, replica), "InTheReplica") : []));
}

/**
 * Of S3 when it copies: reads every version with its lock, and writes it into the other bucket, re-encrypted. It deletes
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

/** Of the key: nobody but these two roles seals and opens envelopes, whatever IAM policies say. */
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

/** Of what starts a task: pulls the image and writes the log, and does nothing inside it (ECS: "task execution role"). */
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

/** Of the schedules: start these tasks on this cluster, with these roles and no other. */
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

/** `123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/backups@sha256:…`: the repository that it lies in. */
export function repositoryArn({ partition }: Account, image: string): string {
  const [, owner = "", region = "", repository = ""] = /^(\d+)\.dkr\.ecr\.([^.]+)\.[^/]+\/([^:@]+)/.exec(image) ?? [];
  return `arn:${partition}:ecr:${region}:${owner}:repository/${repository}`;
}
