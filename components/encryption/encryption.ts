import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { Account } from "../../model/aws/account";
import { keyPolicy, Purpose } from "../../model/policies/keys";
import { Tags } from "../../model/aws/tags";

export interface EncryptionArgs {
  account: Account;
  /** Whether Pulumi refuses to delete the keys: whatever a key has encrypted is lost without it. */
  protect: boolean;
  /** Whether the database's key is kept when the stack is destroyed, for the snapshots that are kept. */
  keepDatabaseKey: boolean;
  tags: Tags;
}

/** AWS's longest waiting time, in days, before a key is gone for good. */
export const DELETION_WINDOW_DAYS = 30;

/**
 * One customer-managed key for each purpose, so that the right to decrypt passwords is not the right to decrypt the database. AWS
 * rotates the keys every year (FSBP KMS.4). Replacing a key replaces what it encrypts.
 */
export class Encryption extends ComponentResource {
  /** The key of the database's storage, its snapshots and RDS's backups. */
  readonly databaseKeyArn: Output<string>;
  /** The key of the passwords in Secrets Manager. */
  readonly secretsKeyArn: Output<string>;
  /** The key of the backup bucket. */
  readonly backupsKeyArn: Output<string>;
  /** The key of the log groups, and of the topic for events and alarms. */
  readonly logsKeyArn: Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: EncryptionArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Encryption", name, {}, options);
    this.databaseKeyArn = this.key("database", "Storage of the database", { retainOnDelete: args.keepDatabaseKey });
    this.secretsKeyArn = this.key("secrets", "Passwords in Secrets Manager");
    this.backupsKeyArn = this.key("backups", "Logical backups in S3", { multiRegion: true });
    this.logsKeyArn = this.key("logs", "Logs and notifications");
    this.registerOutputs({});
  }

  /**
   * Makes a key and its alias. `multiRegion` can be set only when a key is made: the backups' key always has it, for copies in another
   * region that may be wanted later. An existing key without it stays as it is, since a new one would not decrypt what the old one
   * has encrypted; its backups then have no copies in another region.
   */
  private key(
    purpose: Purpose,
    description: string,
    { retainOnDelete = false, multiRegion }: { retainOnDelete?: boolean; multiRegion?: true } = {},
  ): Output<string> {
    const { account, protect, tags } = this.args;
    const name = `${this.name}-${purpose}`;
    const key = new aws.kms.Key(
      name,
      {
        description,
        policy: JSON.stringify(keyPolicy(purpose, account, this.name)),
        enableKeyRotation: true,
        multiRegion,
        deletionWindowInDays: DELETION_WINDOW_DAYS,
        tags,
      },
      { parent: this, protect, retainOnDelete, ignoreChanges: ["multiRegion"] },
    );
    new aws.kms.Alias(name, { name: `alias/${name}`, targetKeyId: key.keyId }, { parent: this });
    return key.arn;
  }
}
