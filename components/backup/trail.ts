import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, interpolate, Output, Resource } from "@pulumi/pulumi";
import { Account } from "../../model/aws/account";
import { trailArn } from "../../model/policies/backups";
import { BucketStatement } from "./closed-bucket";
import { Tags } from "../../model/aws/tags";

export interface BackupTrailArgs {
  /** The bucket that is watched. */
  bucketArn: Output<string>;
  /** The bucket that the trail's files go to, and its policy, which CloudTrail tests when the trail is made. */
  logs: { bucket: aws.s3.Bucket; policy: Resource };
  logsKeyArn: Output<string>;
  tags: Tags;
}

/** The prefix of the trail's files in their bucket. */
const PREFIX = "trail";
const CLOUDTRAIL = "cloudtrail.amazonaws.com";

/**
 * The statements that let the trail of that name, and no other, write its files into the bucket (CloudTrail: "Amazon S3 bucket
 * policy for CloudTrail").
 */
export function trailStatements(account: Account, name: string, logsBucketArn: Output<string>): BucketStatement[] {
  const ofThisTrail = { "aws:SourceArn": trailArn(account, name) };
  const allow = { Effect: "Allow" as const, Principal: { Service: CLOUDTRAIL } };
  return [
    {
      ...allow,
      Sid: "TheTrailLooks",
      Action: "s3:GetBucketAcl",
      Resource: logsBucketArn,
      Condition: { StringEquals: ofThisTrail },
    },
    {
      ...allow,
      Sid: "TheTrailWrites",
      Action: "s3:PutObject",
      Resource: interpolate`${logsBucketArn}/${PREFIX}/AWSLogs/${account.id}/*`,
      Condition: { StringEquals: { ...ofThisTrail, "s3:x-amz-acl": "bucket-owner-full-control" } },
    },
  ];
}

/**
 * The CloudTrail trail of who read, wrote or deleted which backup. The bucket's access log records that too, but not always, and
 * unsigned; a trail's files are encrypted, and signed in a chain (FSBP CloudTrail.2, 4). Its events are those of S3.22 and S3.23; the
 * controls themselves look for a trail of all buckets in all regions, which is the account's business.
 */
export class BackupTrail extends ComponentResource {
  constructor(
    name: string,
    { bucketArn, logs, logsKeyArn, tags }: BackupTrailArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:BackupTrail", name, {}, options);
    new aws.cloudtrail.Trail(
      name,
      {
        name,
        s3BucketName: logs.bucket.id,
        s3KeyPrefix: PREFIX,
        kmsKeyId: logsKeyArn,
        enableLogFileValidation: true,
        includeGlobalServiceEvents: false,
        isMultiRegionTrail: false,
        advancedEventSelectors: [
          {
            name: "Backups",
            // Without `readOnly`, both what reads and what writes.
            fieldSelectors: [
              { field: "eventCategory", equals: ["Data"] },
              { field: "resources.type", equals: ["AWS::S3::Object"] },
              { field: "resources.ARN", startsWiths: [interpolate`${bucketArn}/`] },
            ],
          },
        ],
        tags,
      },
      { parent: this, dependsOn: logs.policy },
    );
    this.registerOutputs({});
  }
}
