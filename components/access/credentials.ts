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
import { RoleName } from "../../model/access/matrix";
import { Account, PolicyDocument } from "../../model/aws/account";
import { Application, rolesOf } from "../../model/access/applications";
import { Slot, Slots, slotsOf } from "../../model/access/rotation";
import { scramVerifier } from "../../model/access/scram";
import { loginSecretPolicy, masterSecretPolicy } from "../../model/policies/secrets";
import { Tags } from "../../model/aws/tags";

export interface CredentialsArgs {
  account: Account;
  /** The application that the logins belong to. */
  application: Application;
  /** Names of the IAM roles that run the stack. */
  deployers: string[];
  /** Names of the IAM roles that read a role's secret, by role. */
  readers: Partial<Record<RoleName, string[]>>;
  /** The address of the server that the secrets name. */
  address: { host: Input<string>; port: Input<number> };
  /** The master's secret, and whether RDS makes and rotates it; set with the first application's logins only. */
  master?: { secretArn: Output<string>; managed: boolean };
  secretsKeyArn: Output<string>;
  /** Whether a deleted secret can be restored for a month. Its name stays taken for as long. */
  protect: boolean;
  tags: Tags;
}

/** Days for which a deleted secret can be restored: AWS's longest. */
const RECOVERY_WINDOW_DAYS = 30;
/** Days between two rotations of the master's password: the guide's "rotate password monthly". RDS's own default is a week. */
const MASTER_ROTATION_DAYS = 30;

/** One of a role's two logins, with its password. */
export interface Login {
  slot: Slot;
  password: Output<string>;
  /** The SCRAM verifier that PostgreSQL gets instead of the password. Secret all the same: it can be attacked offline. */
  verifier: Output<string>;
}

/** A role's two logins, and the secret that holds the active one. */
export interface Credential {
  slots: Slots;
  active: Login;
  idle: Login;
  secret: aws.secretsmanager.Secret;
  /** The IAM policy that allows reading this secret, and nothing else. */
  readPolicyArn: Output<string>;
}

/**
 * Characters of a password, all of them letters and digits: nothing to escape in a URL, a shell or SQL. 32 out of 62 characters
 * are 190 bits.
 */
const PASSWORD_LENGTH = 32;
const SALT_BYTES = 16;

/** The verifier of a password; undefined when `pulumi up --target` leaves out the password or salt that it is computed from. */
function verifierOf(password: Output<string | undefined>, salt: Output<string | undefined>): Output<string> {
  const made = all([password, salt]).apply(([text, salted]) => text && salted && scramVerifier(text, salted));
  return secret(made as Output<string>);
}

/**
 * Two logins for each of an application's roles, with a generated password each, and a secret in Secrets Manager that holds the
 * login in use (guide: "Recommended Role Structure"; rotation.ts). A password is in clear in Pulumi's encrypted state and in its
 * secret, nowhere else. Changing the application's name replaces all of them.
 */
export class Credentials extends ComponentResource {
  private readonly byRole: Partial<Record<RoleName, Credential>>;

  constructor(
    private readonly name: string,
    private readonly args: CredentialsArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Credentials", name, {}, options);
    this.byRole = Object.fromEntries(rolesOf(args.application).map((role) => [role, this.credential(role)]));
    if (args.master) {
      this.limitReaders("master", args.master.secretArn, masterSecretPolicy(args.account, args.deployers));
      this.rotateMaster(args.master);
    }
    this.registerOutputs({});
  }

  /** A role's logins and secret. Throws for a role that the application shares with others. */
  of(role: RoleName): Credential {
    const credential = this.byRole[role];
    if (!credential) {
      throw new Error(`${this.args.application.name} has no role ${role} of its own`);
    }
    return credential;
  }

  /** The ARN of each role's secret, by role. */
  get secretArns(): Record<string, Output<string>> {
    return this.ofEach(({ secret: container }) => container.arn);
  }

  /** The ARN of the IAM policy that reads each role's secret, by role. */
  get readPolicyArns(): Record<string, Output<string>> {
    return this.ofEach(({ readPolicyArn }) => readPolicyArn);
  }

  private ofEach<Value>(pick: (credential: Credential) => Value): Record<string, Value> {
    return Object.fromEntries(Object.entries(this.byRole).map(([role, credential]) => [role, pick(credential)]));
  }

  private credential(role: RoleName): Credential {
    const name = `${this.name}-${role}`;
    const { account, application, deployers, readers, tags, secretsKeyArn, protect } = this.args;
    const slots = slotsOf(application.name, role, application.rotations[role]);
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
    this.limitReaders(role, container.arn, loginSecretPolicy(account, deployers, readers[role] ?? []));
    return {
      slots,
      active: this.login(slots.active),
      idle: this.login(slots.idle),
      secret: container,
      readPolicyArn: this.readPolicy(`${name}-read-secret`, container),
    };
  }

  private login(slot: Slot): Login {
    const name = `${this.name}-${slot.name}`;
    // Another generation is another password. The first one has no keepers, nor has the one that waits for its first turn.
    const keepers = slot.generation ? { generation: String(slot.generation) } : undefined;
    const password = new random.RandomPassword(
      name,
      { length: PASSWORD_LENGTH, special: false, keepers },
      { parent: this },
    );
    // Kept in state: with a new salt the verifier would change at every update.
    const salt = new random.RandomBytes(`${name}-salt`, { length: SALT_BYTES, keepers }, { parent: this });
    return { slot, password: password.result, verifier: verifierOf(password.result, salt.base64) };
  }

  private limitReaders(kind: string, secretArn: Output<string>, policy: PolicyDocument) {
    new aws.secretsmanager.SecretPolicy(
      `${this.name}-${kind}`,
      { secretArn, policy: JSON.stringify(policy), blockPublicPolicy: true },
      { parent: this },
    );
  }

  /** Sets how often RDS rotates the master's password, which it does by itself (FSBP SecretsManager.1, .4). */
  private rotateMaster({ secretArn, managed }: NonNullable<CredentialsArgs["master"]>) {
    if (managed) {
      new aws.secretsmanager.SecretRotation(
        `${this.name}-master`,
        {
          secretId: secretArn,
          // It is new, and the update that is running logs in with it.
          rotateImmediately: false,
          rotationRules: { automaticallyAfterDays: MASTER_ROTATION_DAYS },
        },
        // It goes with the secret, which RDS deletes by itself; the provider would fail to find it.
        { parent: this, retainOnDelete: true },
      );
    }
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
   * Points a role's secret to its active login, once `after` is done: the server knows a password before anybody can read it. The
   * value is JSON in the form that RDS and its proxies use, and a `url` beside it. `password` is the login's own, and resolves
   * once it is known to work.
   */
  publish(role: RoleName, password: Output<string>, after: Resource | undefined): Resource {
    const { host, port } = this.args.address;
    const { database } = this.args.application;
    const { active, secret: container } = this.of(role);
    const { login } = active.slot;
    return new aws.secretsmanager.SecretVersion(
      `${this.name}-${role}`,
      {
        secretId: container.id,
        secretString: jsonStringify({
          engine: "postgres",
          host,
          port,
          dbname: database,
          username: login,
          password,
          url: interpolate`postgresql://${login}:${password}@${host}:${port}/${database}?sslmode=verify-full`,
        }),
      },
      // Deleting a version means taking its label away, and the one before shall stay readable as AWSPREVIOUS.
      { parent: this, dependsOn: after ? [after] : [], retainOnDelete: true },
    );
  }
}
