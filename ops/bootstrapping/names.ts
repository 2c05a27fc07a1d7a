import { Account } from "../../model/aws/account";

/** What everything that is made here is called, and whose it is. No AWS client in here. */
export interface Foundation {
  account: Account;
  application: string;
  /** `owner/name` on GitHub. */
  repository: string;
  /** The Pulumi stacks, which are GitHub's environments as well. */
  environments: string[];
}

/** S3 knows one namespace for all accounts: with the account's number in it nobody has taken the name. */
export const stateBucketName = ({ application, account }: Foundation) => `${application}-pulumi-state-${account.id}`;

/** The key of the state bucket, and the key of the secrets in the state: whoever reads the one need not read the other. */
export const stateAlias = (application: string) => `alias/${application}-pulumi-state`;
export const secretsAlias = (application: string) => `alias/${application}-pulumi-secrets`;

export const previewRoleName = (application: string) => `${application}-preview`;
export const driftRoleName = (application: string) => `${application}-drift`;
export const deployRoleName = (application: string, environment: string) => `${application}-${environment}-deploy`;
export const boundaryName = (application: string, environment: string) => `${application}-${environment}-boundary`;

/** On everything that is made here. Not `Environment`, by which deploy roles know what is theirs. */
export const tagsOf = ({ application }: Foundation) => ({ Application: application, Purpose: "bootstrap" });

/** One stack of one application in one account: what a deploy role is for. */
export interface Scope {
  account: Account;
  application: string;
  environment: string;
  /** `<application>-<environment>`, with which everything of the stack begins. */
  stack: string;
  /** Where Pulumi keeps the state, and the keys of the bucket and of the secrets in it. */
  stateBucket: string;
  stateKeyArn: string;
  secretsKeyArn: string;
}

export const policyArn = ({ partition, id }: Account, name: string) => `arn:${partition}:iam::${id}:policy/${name}`;

/** ARNs of the stack's own of one kind: the one that is called as the stack is, and those that begin with it and a hyphen. */
export function own({ account, stack }: Scope, service: string, kind: string): string[] {
  const { partition, region, id } = account;
  return [stack, `${stack}-*`].map((name) => `arn:${partition}:${service}:${region}:${id}:${kind}${name}`);
}
