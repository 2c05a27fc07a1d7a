import * as aws from "@pulumi/aws";
import { getOrganization, getProject, getStack, StackReference } from "@pulumi/pulumi";
import { Account } from "./account";
import { Deployed, refusals } from "./deployed";
import { ProgramError } from "./program-error";

/** Where the credentials lead. */
export async function findAccount(): Promise<Account> {
  const [{ accountId }, { partition }, { region }] = await Promise.all([
    aws.getCallerIdentity(),
    aws.getPartition(),
    aws.getRegion(),
  ]);
  return { id: accountId, partition, region };
}

/**
 * Compares with what the last update left in the stack's output `deployed`, in previews too. Throws an error with every
 * setting that would replace what must not be replaced, and the way round it.
 */
export async function refuseReplacements(deployed: Deployed): Promise<void> {
  const self = new StackReference(`${getOrganization()}/${getProject()}/${getStack()}`);
  const { value } = await self.getOutputDetails("deployed");
  const problems = value ? refusals(value as Deployed, deployed) : [];
  if (problems.length > 0) {
    throw new ProgramError(`The stack ${getStack()} cannot be changed like this:\n  ${problems.join("\n  ")}`);
  }
}
