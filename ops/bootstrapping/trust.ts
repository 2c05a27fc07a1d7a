import { Account, PolicyDocument, policyDocument } from "../../components/account";

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

function trustOf(account: Account, subjects: string[]): PolicyDocument {
  return policyDocument({
    Sid: "WorkflowsOfThisRepository",
    Effect: "Allow",
    Principal: { Federated: providerArn(account) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringEquals: { [`${ISSUER}:aud`]: AUDIENCE, [`${ISSUER}:sub`]: subjects } },
  });
}

/** Previews of pull requests, and what runs on the main branch by the clock. */
export const previewTrust = (account: Account, repository: string, mainBranch: string): PolicyDocument =>
  trustOf(account, [`repo:${repository}:pull_request`, `repo:${repository}:ref:refs/heads/${mainBranch}`]);

/** Jobs of one GitHub environment: its rules say which branch they run on and who has to agree. */
export const deployTrust = (account: Account, repository: string, environment: string): PolicyDocument =>
  trustOf(account, [`repo:${repository}:environment:${environment}`]);
