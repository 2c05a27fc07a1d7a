import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, jsonStringify, output, Output, Resource } from "@pulumi/pulumi";
import { Account, serviceTrust } from "../../model/aws/account";
import { Backup } from "./backup";
import { createBackupBucket } from "./bucket";
import { REPLICATION, replicationPolicy } from "../../model/policies/backups";
import { DELETION_WINDOW_DAYS } from "../encryption/encryption";
import { keyPolicy } from "../../model/policies/keys";
import { BackupSettings } from "../../model/settings/backup";
import { Tags } from "../../model/aws/tags";

export interface BackupReplicaArgs {
  account: Account;
  /** `<application>-<stack>`, with which every name in AWS begins. */
  stack: string;
  settings: BackupSettings;
  /** The region of the copies, which is another one than the stack's. */
  region: string;
  /** The bucket that is copied. */
  source: Backup;
  /** The multi-Region key that the original backups are encrypted with. */
  sourceKeyArn: Output<string>;
  /** Whether Pulumi refuses to delete the copies and their key. */
  protect: boolean;
  tags: Tags;
}

/**
 * A copy of every backup in a second region, which S3 makes by itself, under a lock of its own and encrypted with the key's replica
 * there. A region that is lost takes only one of the two, and whoever deletes one has not deleted the other (guide: "Backup
 * Security"; FSBP S3.7; S3: "Replicating encrypted objects", "Using Object Lock with S3 Replication"). The bucket has no access log:
 * nobody but S3 writes to it, and CloudTrail can tell who reads.
 */
export class BackupReplica extends ComponentResource {
  /** The copies by their ARNs, for the restorer's policy. */
  readonly copies: { bucketArn: Output<string>; keyArn: Output<string>; region: string };
  /** The copies by their names, for the commands that read them. */
  readonly where: { bucket: Output<string>; keyArn: Output<string>; region: string };

  constructor(
    private readonly name: string,
    private readonly args: BackupReplicaArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:BackupReplica", name, {}, options);
    const { settings, region, protect, tags } = args;
    const keyArn = this.key();
    const { bucket, versioning, policy } = createBackupBucket(name, { settings, keyArn, region, protect, tags }, this);
    this.copies = { bucketArn: bucket.arn, keyArn, region };
    this.where = { bucket: bucket.bucket, keyArn, region };
    const role = this.role();
    this.copy(role.arn, [role.policy, versioning, policy]);
    this.registerOutputs({ bucketName: bucket.bucket });
  }

  /** The backups' key in the other region: a replica, which decrypts what the original encrypted and the other way round. */
  private key(): Output<string> {
    const { account, stack, region, sourceKeyArn, protect, tags } = this.args;
    const key = new aws.kms.ReplicaKey(
      this.name,
      {
        primaryKeyArn: sourceKeyArn,
        region,
        description: "Copies of logical backups in S3",
        policy: JSON.stringify(keyPolicy("backups", { ...account, region }, stack)),
        deletionWindowInDays: DELETION_WINDOW_DAYS,
        tags,
      },
      { parent: this, protect },
    );
    new aws.kms.Alias(this.name, { name: `alias/${this.name}`, targetKeyId: key.keyId, region }, { parent: this });
    return key.arn;
  }

  /** The IAM role with which S3 reads backups and writes the copies; it deletes nothing. */
  private role(): { arn: Output<string>; policy: Resource } {
    const { account, stack, source, sourceKeyArn, tags } = this.args;
    const name = `${stack}-${REPLICATION}`;
    const role = new aws.iam.Role(
      name,
      {
        name,
        description: "Copies backups to another region",
        assumeRolePolicy: JSON.stringify(serviceTrust(account, "s3.amazonaws.com")),
        tags: { ...tags, DataClassification: "internal" },
      },
      { parent: this },
    );
    const { bucketArn } = source;
    const document = output([{ account, stack, bucketArn, keyArn: sourceKeyArn }, this.copies] as const).apply((both) =>
      replicationPolicy(...both),
    );
    const policy = new aws.iam.RolePolicy(name, { role: role.id, policy: jsonStringify(document) }, { parent: this });
    return { arn: role.arn, policy };
  }

  /**
   * Copies every object that is written from then on. What somebody deletes stays in the other region: neither delete markers nor
   * deletions are copied.
   */
  private copy(role: Output<string>, ready: Resource[]) {
    const { bucketArn, keyArn } = this.copies;
    const { source } = this.args;
    new aws.s3.BucketReplicationConfig(
      this.name,
      {
        bucket: source.bucketName,
        role,
        rules: [
          {
            id: "copies",
            status: "Enabled",
            filter: { prefix: "" },
            deleteMarkerReplication: { status: "Disabled" },
            sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
            destination: { bucket: bucketArn, encryptionConfiguration: { replicaKmsKeyId: keyArn } },
          },
        ],
      },
      // S3 tries whether there are versions at both ends, and refuses two changes of a bucket at the same moment.
      { parent: this, dependsOn: [source, ...ready] },
    );
  }
}
