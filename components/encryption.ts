import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, Output } from "@pulumi/pulumi";

export interface EncryptionArgs {
  /** Whether Pulumi refuses to delete the keys: without its key, what was encrypted is lost. */
  protect: boolean;
  tags: Record<string, string>;
}

/** AWS's longest waiting time, in days, before a key is gone for good. */
const DELETION_WINDOW_DAYS = 30;

/**
 * One customer-managed key for each purpose, rotated by AWS every year (FSBP KMS.4), so that who may decrypt passwords
 * need not be able to decrypt the database. Replacing a key replaces what it encrypts.
 */
export class Encryption extends ComponentResource {
  /** Storage of the database, its snapshots and backups. */
  readonly databaseKeyArn: Output<string>;
  /** Passwords in Secrets Manager. */
  readonly secretsKeyArn: Output<string>;
  /** The backup bucket. */
  readonly backupsKeyArn: Output<string>;

  constructor(name: string, args: EncryptionArgs, options?: ComponentResourceOptions) {
    super("markenmate:components:Encryption", name, {}, options);
    this.databaseKeyArn = this.key(`${name}-database`, "Storage of the database", args);
    this.secretsKeyArn = this.key(`${name}-secrets`, "Passwords in Secrets Manager", args);
    this.backupsKeyArn = this.key(`${name}-backups`, "Logical backups in S3", args);
    this.registerOutputs({});
  }

  private key(name: string, description: string, { protect, tags }: EncryptionArgs): Output<string> {
    const key = new aws.kms.Key(
      name,
      { description, enableKeyRotation: true, deletionWindowInDays: DELETION_WINDOW_DAYS, tags },
      { parent: this, protect },
    );
    new aws.kms.Alias(name, { name: `alias/${name}`, targetKeyId: key.keyId }, { parent: this });
    return key.arn;
  }
}
