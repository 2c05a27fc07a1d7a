import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, jsonStringify, output, Output } from "@pulumi/pulumi";
import { Account, peopleTrust, policyDocument } from "../../model/aws/account";
import { CHECKER, checkPolicy } from "../../model/policies/live-check";
import { Tags } from "../../model/aws/tags";

export interface CheckRoleArgs {
  account: Account;
  bucketArn: Output<string>;
  topicArn: Output<string>;
  keyArns: Output<string>[];
  secretArns: Output<string>[];
  /** The IAM policy that lets it read the login of the role monitor. */
  readSecretPolicyArn: Output<string>;
  /** Names of the IAM roles that may assume it; undefined leaves it to IAM policies. */
  people: string[] | undefined;
  tags: Tags;
}

/**
 * The IAM role of the live check: it describes what belongs to the stack, reads one login, and changes nothing (guide: "Automated
 * Security Checks").
 */
export class CheckRole extends ComponentResource {
  readonly arn: Output<string>;

  constructor(stack: string, args: CheckRoleArgs, options?: ComponentResourceOptions) {
    super("markenmate:components:CheckRole", stack, {}, options);
    const { account, people, tags, readSecretPolicyArn, ...looked } = args;
    const name = `${stack}-${CHECKER}`;
    const description = "Looks whether the stack is as it should be, and changes nothing";
    const assumeRolePolicy = JSON.stringify(policyDocument(peopleTrust(account, people)));
    const role = new aws.iam.Role(name, { name, description, assumeRolePolicy, tags }, { parent: this });
    const policy = output({ account, stack, ...looked }).apply(checkPolicy);
    new aws.iam.RolePolicy(name, { role: role.id, policy: jsonStringify(policy) }, { parent: this });
    new aws.iam.RolePolicyAttachment(
      `${name}-secret`,
      { role: role.name, policyArn: readSecretPolicyArn },
      { parent: this },
    );
    this.arn = role.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
