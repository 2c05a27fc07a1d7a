import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, jsonStringify, output, Output } from "@pulumi/pulumi";
import { Account, PolicyDocument } from "../../model/aws/account";
import { Backups, backupTrust, RESTORER, restorerPolicy, WRITER, writerPolicy } from "../../model/policies/backups";
import { Tags } from "../../model/aws/tags";

export interface BackupRolesArgs {
  account: Account;
  bucketArn: Output<string>;
  keyArn: Output<string>;
  recoveryKeyArn: string | undefined;
  /** The copies in another region, if there are any. */
  replica: { bucketArn: Output<string>; keyArn: Output<string>; region: string } | undefined;
  /** The IAM policy that lets the writer read the login with which it dumps. */
  readSecretPolicyArn: Output<string>;
  /** Names of the IAM roles that may assume the writer; undefined leaves it to IAM policies. */
  writers: string[] | undefined;
  /** Names of the IAM roles that may assume the restorer; undefined leaves it to IAM policies. */
  restorers: string[] | undefined;
  tags: Tags;
}

/** The two IAM roles that work with backups, each with the rights that it needs and no more (guide: "Backup Access Control"). */
export class BackupRoles extends ComponentResource {
  readonly writerArn: Output<string>;
  readonly restorerArn: Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: BackupRolesArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:BackupRoles", name, {}, options);
    const writer = this.role(WRITER, "Writes backups and cannot read them", args.writers, writerPolicy);
    new aws.iam.RolePolicyAttachment(
      `${name}-${WRITER}-secret`,
      { role: writer.name, policyArn: args.readSecretPolicyArn },
      { parent: this },
    );
    this.writerArn = writer.arn;
    this.restorerArn = this.role(RESTORER, "Reads backups and cannot write them", args.restorers, restorerPolicy).arn;
    this.registerOutputs({});
  }

  private role(
    kind: string,
    description: string,
    people: string[] | undefined,
    policyOf: (backups: Backups) => PolicyDocument,
  ): aws.iam.Role {
    const name = `${this.name}-${kind}`;
    const { account, bucketArn, keyArn, recoveryKeyArn, replica, tags } = this.args;
    const assumeRolePolicy = JSON.stringify(backupTrust(account, people));
    const role = new aws.iam.Role(name, { name, description, assumeRolePolicy, tags }, { parent: this });
    const policy = output({ account, stack: this.name, bucketArn, keyArn, recoveryKeyArn, replica }).apply(policyOf);
    new aws.iam.RolePolicy(name, { role: role.id, policy: jsonStringify(policy) }, { parent: this });
    return role;
  }
}
