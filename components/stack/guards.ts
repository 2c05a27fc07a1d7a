import * as aws from "@pulumi/aws";
import { getOrganization, getProject, getStack, runtime } from "@pulumi/pulumi";
import { Account } from "../../model/aws/account";
import { Deployed, DeployedBefore, findRefusals } from "../../model/deployed";
import { UserError } from "../../lib/user-error";
import { NEVER_ROTATED } from "../../model/access/rotation";

/** Finds the account and region that the credentials belong to. */
export async function findAccount(): Promise<Account> {
  const [{ accountId }, { partition }, { region }] = await Promise.all([
    aws.getCallerIdentity(),
    aws.getPartition(),
    aws.getRegion(),
  ]);
  return { id: accountId, partition, region };
}

/**
 * Gives every IAM role of the stack a permissions boundary, the most that it may ever do. The deployer may be allowed to make roles
 * only with that boundary (docs/bootstrap.md): otherwise it could make one with every right.
 */
export function limitRoles({ partition, id }: Account, boundary: string | undefined): void {
  if (boundary === undefined) {
    return;
  }
  const permissionsBoundary = `arn:${partition}:iam::${id}:policy/${boundary}`;
  runtime.registerStackTransformation(({ type, props, opts }) =>
    type === "aws:iam/role:Role" ? { props: { ...(props as object), permissionsBoundary }, opts } : undefined,
  );
}

/** Refuses copies of backups in the stack's own region: they would be lost with the originals. */
export function refuseReplicaAtHome(replicaRegion: string | undefined, { region }: Account): void {
  if (replicaRegion === region) {
    throw new UserError(
      `backup.replicaRegion: ${region} is the stack's own region, and whatever takes the backups takes copies there as well; ` +
        "set another region, or leave the setting out",
    );
  }
}

/**
 * The facts that older programs left out of the output `deployed`, with what those programs did. A stack from before passwords were
 * counted has never rotated them.
 */
const DEFAULTS_OF_OLDER_PROGRAMS = {
  roles: NEVER_ROTATED,
  applications: {},
  deletionProtection: true,
  applyImmediately: false,
  readReplica: false,
};
type AddedLater = keyof typeof DEFAULTS_OF_OLDER_PROGRAMS;

/**
 * Reads what the last update left in the stack's output `deployed`; undefined before the first update. It calls the function that a
 * StackReference calls: the resource itself would show all outputs as a change in every preview.
 */
export async function readDeployed(): Promise<DeployedBefore | undefined> {
  const name = `${getOrganization()}/${getProject()}/${getStack()}`;
  const { outputs } = (await runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
    outputs?: { deployed?: Omit<DeployedBefore, AddedLater> & Partial<DeployedBefore> };
  };
  const { deployed } = outputs ?? {};
  return deployed && { ...DEFAULTS_OF_OLDER_PROGRAMS, ...deployed };
}

/**
 * Refuses settings that would replace what must not be replaced, in previews too.
 *
 * @throws UserError with every such setting and what to do instead
 */
export function refuseReplacements(before: DeployedBefore | undefined, after: Deployed): void {
  const problems = before ? findRefusals(before, after) : [];
  if (problems.length > 0) {
    throw new UserError(`The stack ${getStack()} cannot be changed like this:\n  ${problems.join("\n  ")}`);
  }
}
