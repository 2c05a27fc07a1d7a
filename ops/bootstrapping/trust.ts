import { Account, PolicyDocument, policyDocument } from "../../model/aws/account";

/**
 * Who may take the roles on: workflows of one repository, by the token that GitHub gives them. No AWS client in here.
 *
 * The subject says what a workflow runs for ("OpenID Connect reference", docs.github.com): `repo:owner/name:environment:prod` for a
 * job with `environment: prod`, else `repo:owner/name:pull_request` or `repo:owner/name:ref:refs/heads/main`. Compared with
 * StringEquals and in full: with a `*` in it, other branches, tags or repositories would come in.
 */
export const ISSUER = "token.actions.githubusercontent.com";
export const AUDIENCE = "sts.amazonaws.com";

export const providerArn = ({ partition, id }: Account) => `arn:${partition}:iam::${id}:oidc-provider/${ISSUER}`;

function trustOf(account: Account, subject: string): PolicyDocument {
  return policyDocument({
    Sid: "WorkflowsOfThisRepository",
    Effect: "Allow",
    Principal: { Federated: providerArn(account) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringEquals: { [`${ISSUER}:aud`]: AUDIENCE, [`${ISSUER}:sub`]: subject } },
  });
}

/** Pull requests, whatever is in them. */
export const previewTrust = (account: Account, repository: string): PolicyDocument =>
  trustOf(account, `repo:${repository}:pull_request`);

/** What runs on one branch by the clock: its jobs have no GitHub environment, or their subject would be that. */
export const branchTrust = (account: Account, repository: string, branch: string): PolicyDocument =>
  trustOf(account, `repo:${repository}:ref:refs/heads/${branch}`);

/** Jobs of one GitHub environment: its rules say which branch they run on and who has to agree. */
export const deployTrust = (account: Account, repository: string, environment: string): PolicyDocument =>
  trustOf(account, `repo:${repository}:environment:${environment}`);
