import { CloudTrailClient, GetTrailStatusCommand } from "@aws-sdk/client-cloudtrail";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import {
  DefaultRetention,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import { LATEST_HOURS } from "../../../model/policies/backups";
import { folderOf, nameOfManifest, timeOf } from "../../backups/naming";
import { Problem } from "../finding";
import { AwsConfig } from "../../../model/outputs/check-aws";

import { openToEverybody, refusesPlain } from "./policy";
import { unfulfilled } from "./wishes";

export const BUCKET = {
  check: "bucket",
  title: "The bucket for backups is closed, encrypted, keeps every version, and its use is recorded",
  controls: [
    ...[
      "FSBP S3.1",
      "FSBP S3.5",
      "FSBP S3.8",
      "FSBP S3.9",
      "FSBP S3.12",
      "FSBP S3.13",
      "FSBP S3.14",
      "FSBP S3.15",
      "FSBP S3.17",
      "FSBP CloudTrail data events",
    ],
    "guide: Backup Access Control",
  ],
};

export interface BucketFacts {
  blocked: boolean;
  keyArn: string | undefined;
  versioning: string | undefined;
  lock: DefaultRetention | undefined;
  /** Days after which what was written is deleted, by a rule for the whole bucket. */
  days: number | undefined;
  /** The bucket that the log of who used this one goes to. */
  logsTo: string | undefined;
  policy: string;
  ownership: string | undefined;
  logging: boolean | undefined;
  /** Why CloudTrail could not write its last file, if it could not. */
  trailError: string | undefined;
}

const lockText = (lock: DefaultRetention | undefined) =>
  lock?.Mode ? `${lock.Mode}, ${lock.Days ?? 365 * (lock.Years ?? 0)} days` : "none";

export function judgeBucket(facts: BucketFacts, { bucket, keyArns, wanted, trail }: AwsConfig): Problem[] {
  const wantedLock = wanted.lock && { Mode: wanted.lock.mode, Days: wanted.lock.days };
  return [
    ...unfulfilled([
      {
        subject: `${bucket}: public access`,
        found: facts.blocked ? "blocked" : "not blocked in full",
        expected: "blocked",
      },
      { subject: `${bucket}: key`, found: facts.keyArn, expected: keyArns.backups },
      { subject: `${bucket}: versions`, found: facts.versioning, expected: "Enabled" },
      { subject: `${bucket}: lists of rights`, found: facts.ownership, expected: "BucketOwnerEnforced" },
      {
        subject: `${bucket}: requests without TLS`,
        found: refusesPlain(facts.policy) ? "refused" : "let in",
        expected: "refused",
      },
      {
        subject: `trail ${trail}`,
        found: facts.logging ? "records" : "does not record",
        expected: "records",
        cure: `aws cloudtrail start-logging --name ${trail}`,
      },
    ]),
    ...unfulfilled([
      { subject: `${bucket}: lock`, found: lockText(facts.lock), expected: lockText(wantedLock) },
      { subject: `${bucket}: days kept`, found: facts.days ?? "for ever", expected: wanted.backupDays },
      {
        subject: `${bucket}: log of who used it`,
        found: facts.logsTo === undefined ? "none" : "kept",
        expected: "kept",
      },
    ]),
    ...(facts.trailError
      ? [
          {
            subject: `trail ${trail}: files`,
            found: `not written: ${facts.trailError}`,
            expected: "written",
            cure: "look at the policies of the bucket that the trail writes to and of the key of logs: pulumi up --refresh",
          },
        ]
      : []),
    ...openToEverybody(bucket, facts.policy),
  ];
}

/** What is not configured is answered with an error of its own name. */
async function unless<Result>(missing: string, work: Promise<Result>): Promise<Result | undefined> {
  return work.catch((error: Error) => {
    if (error.name === missing) {
      return undefined;
    }
    throw error;
  });
}

export async function lookAtBucket(s3: S3Client, cloudtrail: CloudTrailClient, config: AwsConfig): Promise<Problem[]> {
  const Bucket = config.bucket;
  const [block, encryption, versioning, lock, policy, ownership, trail, lifecycle, log] = await Promise.all([
    unless("NoSuchPublicAccessBlockConfiguration", s3.send(new GetPublicAccessBlockCommand({ Bucket }))),
    unless("ServerSideEncryptionConfigurationNotFoundError", s3.send(new GetBucketEncryptionCommand({ Bucket }))),
    s3.send(new GetBucketVersioningCommand({ Bucket })),
    unless("ObjectLockConfigurationNotFoundError", s3.send(new GetObjectLockConfigurationCommand({ Bucket }))),
    unless("NoSuchBucketPolicy", s3.send(new GetBucketPolicyCommand({ Bucket }))),
    unless("OwnershipControlsNotFoundError", s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))),
    unless("TrailNotFoundException", cloudtrail.send(new GetTrailStatusCommand({ Name: config.trail }))),
    unless("NoSuchLifecycleConfiguration", s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))),
    s3.send(new GetBucketLoggingCommand({ Bucket })),
  ]);
  const settings = block?.PublicAccessBlockConfiguration;
  return judgeBucket(
    {
      blocked: Boolean(
        settings?.BlockPublicAcls &&
        settings.BlockPublicPolicy &&
        settings.IgnorePublicAcls &&
        settings.RestrictPublicBuckets,
      ),
      keyArn:
        encryption?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID,
      versioning: versioning.Status,
      lock: lock?.ObjectLockConfiguration?.Rule?.DefaultRetention,
      days: lifecycle?.Rules?.find(({ Status, Filter }) => Status === "Enabled" && !Filter?.Prefix)?.Expiration?.Days,
      logsTo: log.LoggingEnabled?.TargetBucket,
      policy: policy?.Policy ?? "",
      ownership: ownership?.OwnershipControls?.Rules?.[0]?.ObjectOwnership,
      logging: trail?.IsLogging,
      trailError: trail?.LatestDeliveryError,
    },
    config,
  );
}

export const BACKUP_AGE = {
  check: "backup-age",
  title: "Every database has a backup of the last day, or is itself not older than that",
  controls: ["guide: Backup Strategy", "CIS 7.2", "FSBP RDS.26"],
};

const HOUR_MS = 3_600_000;

/** `since`: how long there has been a database to back up. */
export function judgeBackups(database: string, taken: Date[], since: Date, now: Date): Problem[] {
  const newest = Math.max(since.getTime(), ...taken.map((time) => time.getTime()));
  const hours = Math.floor((now.getTime() - newest) / HOUR_MS);
  return hours < LATEST_HOURS
    ? []
    : [
        {
          subject: `newest backup of ${database}`,
          found: taken.length === 0 ? "none" : `${hours} hours old`,
          expected: `younger than ${LATEST_HOURS} hours`,
          cure: "ops/backup; docs/backups.md says how it is made every day",
        },
      ];
}

export async function lookAtBackups(
  s3: S3Client,
  rds: RDSClient,
  { bucket: Bucket, instanceIdentifier: DBInstanceIdentifier }: AwsConfig,
  databases: string[],
  now: Date,
): Promise<Problem[]> {
  const { DBInstances: [instance] = [] } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
  const since = instance?.InstanceCreateTime ?? now;
  const problems = await Promise.all(
    databases.map(async (database) => {
      const taken: Date[] = [];
      for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: folderOf(database) })) {
        taken.push(...(page.Contents ?? []).flatMap(({ Key = "" }) => nameOfManifest(Key) ?? []).map(timeOf));
      }
      return judgeBackups(database, taken, since, now);
    }),
  );
  return problems.flat();
}
