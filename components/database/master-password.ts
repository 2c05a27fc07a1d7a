import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, jsonStringify, Output } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Tags } from "../../model/aws/tags";

export interface MasterPasswordArgs {
  masterUsername: string;
  secretsKeyArn: Output<string>;
  recoveryWindowInDays: number;
  tags: Tags;
}

/** Characters of the password, all of them letters and digits, which are 190 bits. RDS refuses "/", "@", quotes and spaces. */
const LENGTH = 32;

/**
 * The master's password for an instance with a read replica. AWS makes no replica of an instance whose master password RDS
 * manages (RDS, "Password management with Secrets Manager", limitations), so the stack generates the password and keeps it in
 * a secret of the same form.
 */
export class MasterPassword extends ComponentResource {
  readonly password: Output<string>;
  /** The ARN of the secret; resolves once the password is in it. */
  readonly secretArn: Output<string>;

  constructor(name: string, args: MasterPasswordArgs, options?: ComponentResourceOptions) {
    super("markenmate:components:MasterPassword", name, {}, options);
    const { result } = new random.RandomPassword(name, { length: LENGTH, special: false }, { parent: this });
    const secret = new aws.secretsmanager.Secret(
      name,
      {
        name,
        description: "PostgreSQL login of the master",
        kmsKeyId: args.secretsKeyArn,
        recoveryWindowInDays: args.recoveryWindowInDays,
        tags: args.tags,
      },
      { parent: this },
    );
    const version = new aws.secretsmanager.SecretVersion(
      name,
      { secretId: secret.id, secretString: jsonStringify({ username: args.masterUsername, password: result }) },
      { parent: this },
    );
    this.password = result;
    this.secretArn = version.arn;
    this.registerOutputs({});
  }
}
