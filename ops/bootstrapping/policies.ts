import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListPolicyVersionsCommand,
} from "@aws-sdk/client-iam";
import { Account, PolicyDocument } from "../../model/aws/account";
import { unlessMissing } from "./errors";
import { policyArn } from "./names";
import { Progress } from "./outcome";
import { same, tagList } from "./same";

export interface Policy {
  account: Account;
  name: string;
  description: string;
  document: PolicyDocument;
  tags: Record<string, string>;
}

/** IAM keeps that many versions of a policy. */
const MOST_VERSIONS = 5;

async function replace(iam: IAMClient, PolicyArn: string, document: PolicyDocument): Promise<void> {
  const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
  const others = Versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion);
  const byAge = others.sort((a, b) => Number(a.CreateDate) - Number(b.CreateDate));
  if (Versions.length >= MOST_VERSIONS) {
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: byAge[0]?.VersionId }));
  }
  const PolicyDocument = JSON.stringify(document);
  await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
}

async function inForce(iam: IAMClient, PolicyArn: string, VersionId: string | undefined): Promise<unknown> {
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  return JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? "{}"));
}

/** A managed policy by its name. */
export async function ensurePolicy(iam: IAMClient, progress: Progress, policy: Policy): Promise<void> {
  const { account, name, description, document, tags } = policy;
  const PolicyArn = policyArn(account, name);
  await progress.on("policy", name, async (thing) => {
    const found = await unlessMissing(["NoSuchEntityException"], iam.send(new GetPolicyCommand({ PolicyArn })));
    if (!found) {
      const made = { PolicyName: name, Description: description, PolicyDocument: JSON.stringify(document) };
      await thing.make(() => iam.send(new CreatePolicyCommand({ ...made, Tags: tagList(tags) })));
      return;
    }
    const now = await inForce(iam, PolicyArn, found.Policy?.DefaultVersionId);
    await thing.correct("rights", same(now, document), () => replace(iam, PolicyArn, document));
  });
}
