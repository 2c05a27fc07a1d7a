import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { boundaryPolicy } from "./boundary";
import { deployPolicies } from "./deploy-policy";
import { driftPolicies } from "./drift-policy";
import { ensureIdentityProvider } from "./identity-provider";
import { ensureKey } from "./keys";
import {
  boundaryName,
  deployRoleName,
  driftRoleName,
  Foundation,
  previewRoleName,
  Scope,
  secretsAlias,
  stateAlias,
  tagsOf,
} from "./names";
import { Progress } from "./outcome";
import { ensurePolicy } from "./policies";
import { previewPolicies } from "./preview-policy";
import { ensureRole } from "./roles";
import { ensureStateBucket } from "./state-bucket";
import { secretsKeyPolicy, stateBucketPolicy, stateKeyPolicy } from "./state-policy";
import { branchTrust, deployTrust, previewTrust } from "./trust";

/** The branch that deployments come from. */
export const MAIN_BRANCH = "main";

export interface Clients {
  iam: IAMClient;
  kms: KMSClient;
  s3: S3Client;
}

type State = Pick<Scope, "stateBucket" | "stateKeyArn" | "secretsKeyArn">;

async function ensureState({ kms, s3 }: Clients, progress: Progress, foundation: Foundation, stateBucket: string) {
  const { account, application } = foundation;
  const tags = tagsOf(foundation);
  const stateKeyArn = await ensureKey(kms, progress, {
    alias: stateAlias(application),
    description: `Pulumi's state of ${application}`,
    policy: stateKeyPolicy(account),
    tags,
  });
  const secretsKeyArn = await ensureKey(kms, progress, {
    alias: secretsAlias(application),
    description: `Secrets in Pulumi's state of ${application}`,
    policy: secretsKeyPolicy(account),
    tags,
  });
  await ensureStateBucket(s3, progress, {
    name: stateBucket,
    region: account.region,
    keyArn: stateKeyArn,
    policy: stateBucketPolicy(account, stateBucket, stateKeyArn),
    tags,
  });
  return { stateBucket, stateKeyArn, secretsKeyArn };
}

async function ensureDeployRole(
  iam: IAMClient,
  progress: Progress,
  foundation: Foundation,
  environment: string,
  state: State,
) {
  const { account, application, repository } = foundation;
  const stack = `${application}-${environment}`;
  const tags = tagsOf(foundation);
  await ensurePolicy(iam, progress, {
    account,
    name: boundaryName(application, environment),
    description: `The most that a role of ${stack} may do`,
    document: boundaryPolicy(account, stack),
    tags,
  });
  await ensureRole(iam, progress, {
    account,
    name: deployRoleName(application, environment),
    description: `Deploys ${stack} from GitHub`,
    trust: deployTrust(account, repository, environment),
    policies: deployPolicies({ account, application, environment, stack, ...state }),
    tags,
  });
}

/** All that a stack needs before its first `pulumi up`, in the order in which one needs the other. */
export async function ensureFoundation(
  clients: Clients,
  progress: Progress,
  foundation: Foundation,
  stateBucket: string,
): Promise<void> {
  const { account, application, repository, environments } = foundation;
  const state = await ensureState(clients, progress, foundation, stateBucket);
  const tags = tagsOf(foundation);
  await ensureIdentityProvider(clients.iam, progress, { account, tags });
  for (const environment of environments) {
    await ensureDeployRole(clients.iam, progress, foundation, environment, state);
  }
  const anyStack = { account, application, environment: "*", stack: `${application}-*`, ...state };
  await ensureRole(clients.iam, progress, {
    account,
    name: previewRoleName(application),
    description: `Previews the stacks of ${application} from GitHub, and changes nothing`,
    trust: previewTrust(account, repository),
    policies: previewPolicies(anyStack),
    tags,
  });
  await ensureRole(clients.iam, progress, {
    account,
    name: driftRoleName(application),
    description: `Looks every night whether the stacks of ${application} are as they should be, and changes nothing`,
    trust: branchTrust(account, repository, MAIN_BRANCH),
    policies: driftPolicies(anyStack),
    tags,
  });
}
