import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { Account, PolicyDocument } from "../../model/aws/account";
import { unlessMissing } from "./errors";
import { policyArn } from "./names";
import { Progress, Thing } from "./outcome";
import { ensurePolicy } from "./policies";
import { same, tagList } from "./same";

export interface Role {
  account: Account;
  name: string;
  description: string;
  trust: PolicyDocument;
  /** By their names. */
  policies: Record<string, PolicyDocument>;
  tags: Record<string, string>;
}

/** A deployment of a new stack takes a quarter of an hour; with backups to be waited for, more. */
const HOURS = 2;

async function listAttached(iam: IAMClient, RoleName: string): Promise<string[]> {
  const arns: string[] = [];
  for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName })) {
    arns.push(...(page.AttachedPolicies ?? []).map(({ PolicyArn }) => PolicyArn as string));
  }
  return arns;
}

async function inline(iam: IAMClient, RoleName: string): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateListRolePolicies({ client: iam }, { RoleName })) {
    names.push(...(page.PolicyNames ?? []));
  }
  return names;
}

async function correctTrust(iam: IAMClient, thing: Thing, { name: RoleName, trust }: Role): Promise<void> {
  const { Role: found } = await iam.send(new GetRoleCommand({ RoleName }));
  const now = JSON.parse(decodeURIComponent(found?.AssumeRolePolicyDocument ?? "{}")) as unknown;
  await thing.correct("trust", same(now, trust), () =>
    iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: JSON.stringify(trust) })),
  );
}

/** Just these: what somebody has added goes, for a role that anybody's workflow may take on is worth as much as its largest right. */
async function correctRights(iam: IAMClient, thing: Thing, { account, name: RoleName, policies }: Role): Promise<void> {
  const wanted = Object.keys(policies).map((name) => policyArn(account, name));
  const now = await listAttached(iam, RoleName);
  for (const PolicyArn of wanted) {
    await thing.correct(`without ${PolicyArn.split("/").at(-1)}`, now.includes(PolicyArn), () =>
      iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn })),
    );
  }
  for (const PolicyArn of now.filter((arn) => !wanted.includes(arn))) {
    await thing.correct(`with ${PolicyArn.split("/").at(-1)}`, false, () =>
      iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
    );
  }
  for (const PolicyName of await inline(iam, RoleName)) {
    await thing.correct(`with ${PolicyName}`, false, () =>
      iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
    );
  }
}

/** A role with its managed policies. */
export async function ensureRole(iam: IAMClient, progress: Progress, role: Role): Promise<void> {
  const { account, name: RoleName, description, trust, policies, tags } = role;
  for (const [name, document] of Object.entries(policies)) {
    await ensurePolicy(iam, progress, { account, name, description: `A part of ${RoleName}`, document, tags });
  }
  await progress.on("role", RoleName, async (thing) => {
    const found = await unlessMissing(["NoSuchEntityException"], iam.send(new GetRoleCommand({ RoleName })));
    if (!found) {
      const made = { RoleName, Description: description, MaxSessionDuration: HOURS * 3600, Tags: tagList(tags) };
      await thing.make(() =>
        iam.send(new CreateRoleCommand({ ...made, AssumeRolePolicyDocument: JSON.stringify(trust) })),
      );
    }
    if (thing.isThere) {
      await correctTrust(iam, thing, role);
      await correctRights(iam, thing, role);
    }
  });
}
