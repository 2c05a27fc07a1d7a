import * as aws from "@pulumi/aws";
import {
  all,
  ComponentResource,
  ComponentResourceOptions,
  Input,
  interpolate,
  jsonStringify,
  Output,
  Resource,
  secret,
} from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { loginRoleName, ROLE_NAMES, RoleName } from "./access";
import { Account, PolicyDocument } from "./account";
import { scramVerifier } from "./scram";
import { loginSecretPolicy, masterSecretPolicy } from "./secret-policies";
import { Tags } from "./tags";

export interface CredentialsArgs {
  account: Account;
  /** First part of the logins' names. */
  application: string;
  /** IAM roles, by name: of whoever runs the stack, and of those that read one login's secret each. */
  deployers: string[];
  readers: Record<RoleName, string[]>;
  masterSecretArn: Output<string>;
  secretsKeyArn: Output<string>;
  /** Whether a deleted secret can be had back for a month. Its name stays taken for as long. */
  protect: boolean;
  tags: Tags;
}

/** AWS's longest, in days. */
const RECOVERY_WINDOW_DAYS = 30;

/** Where the database is reached. */
export interface DatabaseAddress {
  host: Input<string>;
  port: Input<number>;
  databaseName: string;
}

export interface Credential {
  login: string;
  /** What PostgreSQL is given instead of the password. Secret all the same: it can be attacked offline. */
  verifier: Output<string>;
  password: Output<string>;
  secret: aws.secretsmanager.Secret;
  /** IAM policy that allows to read this secret and nothing else. */
  readPolicyArn: Output<string>;
}

/** Only letters and digits: nothing to escape in a URL, a shell or SQL. 32 of 62 characters are 190 bits. */
const PASSWORD_LENGTH = 32;
const SALT_BYTES = 16;

/** `pulumi up --target` leaves resources out: their outputs are then undefined, and nothing can be made of them. */
function verifier(password: Output<string | undefined>, salt: Output<string | undefined>): Output<string> {
  const made = all([password, salt]).apply(([text, salted]) => text && salted && scramVerifier(text, salted));
  return secret(made as Output<string>);
}

/**
 * A generated password for each role, with a secret of its own in Secrets Manager and a policy that reads just that one
 * (guide: "Recommended Role Structure"). In clear a password is in Pulumi's encrypted state and in its secret, nowhere
 * else. Changing the stack's application name replaces all of them.
 */
export class Credentials extends ComponentResource {
  readonly of: Record<RoleName, Credential>;

  constructor(
    private readonly name: string,
    private readonly args: CredentialsArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Credentials", name, {}, options);
    this.of = Object.fromEntries(ROLE_NAMES.map((role) => [role, this.credential(role)])) as Record<
      RoleName,
      Credential
    >;
    this.limitReaders("master", args.masterSecretArn, masterSecretPolicy(args.account, args.deployers));
    this.registerOutputs({});
  }

  private credential(role: RoleName): Credential {
    const name = `${this.name}-${role}`;
    const { account, deployers, readers, tags, secretsKeyArn, protect } = this.args;
    const password = new random.RandomPassword(name, { length: PASSWORD_LENGTH, special: false }, { parent: this });
    // Kept in state: with a new salt the verifier would change at every update.
    const salt = new random.RandomBytes(`${name}-salt`, { length: SALT_BYTES }, { parent: this });
    const container = new aws.secretsmanager.Secret(
      name,
      {
        name,
        description: `PostgreSQL login of ${role}`,
        kmsKeyId: secretsKeyArn,
        recoveryWindowInDays: protect ? RECOVERY_WINDOW_DAYS : 0,
        tags,
      },
      { parent: this },
    );
    this.limitReaders(role, container.arn, loginSecretPolicy(account, deployers, readers[role]));
    return {
      login: loginRoleName(this.args.application, role),
      password: password.result,
      verifier: verifier(password.result, salt.base64),
      secret: container,
      readPolicyArn: this.readPolicy(`${name}-read-secret`, container),
    };
  }

  private limitReaders(kind: string, secretArn: Output<string>, policy: PolicyDocument) {
    new aws.secretsmanager.SecretPolicy(
      `${this.name}-${kind}`,
      { secretArn, policy: JSON.stringify(policy), blockPublicPolicy: true },
      { parent: this },
    );
  }

  private readPolicy(name: string, container: aws.secretsmanager.Secret): Output<string> {
    const policy = new aws.iam.Policy(
      name,
      {
        name,
        description: "Reads one PostgreSQL login",
        policy: jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "ReadThisSecret",
              Effect: "Allow",
              Action: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
              Resource: container.arn,
            },
            {
              Sid: "DecryptItThroughSecretsManager",
              Effect: "Allow",
              Action: "kms:Decrypt",
              Resource: this.args.secretsKeyArn,
              Condition: { StringEquals: { "kms:EncryptionContext:SecretARN": container.arn } },
            },
          ],
        }),
        tags: this.args.tags,
      },
      { parent: this },
    );
    return policy.arn;
  }

  /**
   * Writes the secrets, once `after` is done: first the server knows a password, then people are told of it. The value is
   * JSON in the form that RDS and its proxies use, and a `url` beside it.
   */
  publish({ host, port, databaseName }: DatabaseAddress, after: Resource): void {
    for (const role of ROLE_NAMES) {
      const { login, password, secret: container } = this.of[role];
      new aws.secretsmanager.SecretVersion(
        `${this.name}-${role}`,
        {
          secretId: container.id,
          secretString: jsonStringify({
            engine: "postgres",
            host,
            port,
            dbname: databaseName,
            username: login,
            password,
            url: interpolate`postgresql://${login}:${password}@${host}:${port}/${databaseName}?sslmode=verify-full`,
          }),
        },
        { parent: this, dependsOn: after },
      );
    }
  }
}
