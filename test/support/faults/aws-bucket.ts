import { CloudTrailClient, StartLoggingCommand, StopLoggingCommand } from "@aws-sdk/client-cloudtrail";
import {
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AwsFault } from "./aws-fault";

const s3 = () => new S3Client({ forcePathStyle: true });

export const BUCKET_FAULTS: AwsFault[] = [
  {
    name: "a bucket that may become public",
    plant: async ({ aws: { bucket: Bucket } }) => {
      await s3().send(new DeletePublicAccessBlockCommand({ Bucket }));
      const all = {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      };
      return () => s3().send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: all }));
    },
    finds: [["bucket", ({ aws }) => `${aws.bucket}: public access`]],
  },
  {
    name: "a bucket with another encryption",
    plant: async ({ aws: { bucket: Bucket, keyArns } }) => {
      const encrypt = (SSEAlgorithm: "AES256" | "aws:kms", KMSMasterKeyID?: string) =>
        s3().send(
          new PutBucketEncryptionCommand({
            Bucket,
            ServerSideEncryptionConfiguration: {
              Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm, KMSMasterKeyID }, BucketKeyEnabled: true }],
            },
          }),
        );
      await encrypt("AES256");
      return () => encrypt("aws:kms", keyArns.backups);
    },
    finds: [["bucket", ({ aws }) => `${aws.bucket}: key`]],
  },
  {
    name: "a bucket without its policy",
    plant: async ({ aws: { bucket: Bucket } }) => {
      const { Policy } = await s3().send(new GetBucketPolicyCommand({ Bucket }));
      await s3().send(new DeleteBucketPolicyCommand({ Bucket }));
      return () => s3().send(new PutBucketPolicyCommand({ Bucket, Policy }));
    },
    finds: [["bucket", ({ aws }) => `${aws.bucket}: requests without TLS`]],
  },
  {
    name: "a bucket whose objects have lists of rights",
    plant: async ({ aws: { bucket: Bucket } }) => {
      await s3().send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
      const OwnershipControls = { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" as const }] };
      return () => s3().send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
    },
    finds: [["bucket", ({ aws }) => `${aws.bucket}: lists of rights`]],
  },
  {
    name: "backups that can be deleted at once",
    plant: async ({ aws: { bucket: Bucket } }) => {
      const lock = (days?: number) =>
        s3().send(
          new PutObjectLockConfigurationCommand({
            Bucket,
            ObjectLockConfiguration: {
              ObjectLockEnabled: "Enabled",
              ...(days && { Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: days } } }),
            },
          }),
        );
      await lock();
      return () => lock(7);
    },
    finds: [["bucket", ({ aws }) => `${aws.bucket}: lock`]],
  },
  {
    name: "a trail that does not record",
    plant: async ({ aws: { trail: Name } }) => {
      await new CloudTrailClient({}).send(new StopLoggingCommand({ Name }));
      return () => new CloudTrailClient({}).send(new StartLoggingCommand({ Name }));
    },
    finds: [["bucket", ({ aws }) => `trail ${aws.trail}`]],
  },
];
