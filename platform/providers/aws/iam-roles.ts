import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListInstanceProfilesForRoleCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
} from "@aws-sdk/client-iam";
import { validArn } from "./arn";
import { AwsClients, Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import { UNKNOWN_AMAZON_POLICIES } from "./emulator-gaps";
import { retryWhile, unlessMissing } from "./errors";
import { checkName, nameOf, nameProperties } from "./names";
import { samePolicy, validPolicy } from "./policy";
import { awsResource, each, unmodelled } from "./resource";

const GONE = "NoSuchEntityException";
const NAME = /^[\w+=,.@-]*$/;
const NAME_SAYS = "must match [\\w+=,.@-]";

async function attachedPolicies({ iam }: AwsClients, RoleName: string): Promise<string[]> {
  const arns: string[] = [];
  for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName })) {
    arns.push(...(page.AttachedPolicies ?? []).map(({ PolicyArn }) => PolicyArn as string));
  }
  return arns;
}

async function inlinePolicies({ iam }: AwsClients, RoleName: string): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateListRolePolicies({ client: iam }, { RoleName })) {
    names.push(...(page.PolicyNames ?? []));
  }
  return names;
}

/** What hangs on a role and does not hinder the official provider to delete it (DeleteRole). */
async function release(clients: AwsClients, RoleName: string, withPolicies: boolean): Promise<void> {
  const { iam } = clients;
  const { InstanceProfiles = [] } = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
  for (const { InstanceProfileName } of InstanceProfiles) {
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
  }
  for (const PolicyArn of withPolicies ? await attachedPolicies(clients, RoleName) : []) {
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  }
  for (const PolicyName of withPolicies ? await inlinePolicies(clients, RoleName) : []) {
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  }
}

/** `aws_iam_role`, internal/service/iam/role.go. The deprecated arguments, for policies in it, are not modelled. */
export const role = awsResource({
  title: "IAM Role",
  global: true,
  autoName: { property: "name", maxLength: 64, unless: "namePrefix" },
  properties: {
    ...nameProperties(64, NAME, NAME_SAYS),
    path: { default: "/", forceNew: true },
    assumeRolePolicy: { required: true, json: true, same: samePolicy, validate: validPolicy("assumeRolePolicy") },
    description: {
      validate: (text: string) =>
        text.length > 1000
          ? `expected length of description to be in the range (0 - 1000), got ${text.length}`
          : /[“‘]/.test(text)
            ? "cannot contain specially formatted single or double quotes: [“‘]"
            : undefined,
    },
    maxSessionDuration: {
      default: 3600,
      validate: (seconds: number) =>
        seconds < 3600 || seconds > 43200
          ? `expected maxSessionDuration to be in the range (3600 - 43200), got ${seconds}`
          : undefined,
    },
    permissionsBoundary: { validate: validArn("permissionsBoundary") },
    forceDetachPolicies: { default: false, notRead: true },
    ...unmodelled("managedPolicyArns", "inlinePolicies"),
    ...each({ output: true }, "arn", "uniqueId", "createDate"),
  },
  check: checkName,

  tag: async ({ iam }, RoleName, { put, remove }) => {
    if (remove.length > 0) {
      await iam.send(new UntagRoleCommand({ RoleName, TagKeys: remove }));
    }
    if (Object.keys(put).length > 0) {
      await iam.send(new TagRoleCommand({ RoleName, Tags: tagList(put) }));
    }
  },

  create: async ({ iam }, inputs) => {
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: nameOf(inputs),
        Path: inputs.path,
        AssumeRolePolicyDocument: inputs.assumeRolePolicy,
        Description: inputs.description,
        MaxSessionDuration: inputs.maxSessionDuration,
        PermissionsBoundary: inputs.permissionsBoundary,
        Tags: tagList(inputs.tagsAll as Tags),
      }),
    );
    return Role?.RoleName as string;
  },

  read: async ({ iam }, RoleName) => {
    const it = (await unlessMissing(iam.send(new GetRoleCommand({ RoleName })), GONE))?.Role;
    return (
      it && {
        arn: it.Arn,
        name: it.RoleName,
        path: it.Path,
        assumeRolePolicy: decodeURIComponent(it.AssumeRolePolicyDocument ?? ""),
        description: it.Description,
        maxSessionDuration: it.MaxSessionDuration,
        permissionsBoundary: it.PermissionsBoundary?.PermissionsBoundaryArn,
        uniqueId: it.RoleId,
        createDate: it.CreateDate?.toISOString().replace(".000Z", "Z"),
        tagsAll: tagMap(it.Tags),
      }
    );
  },

  update: async ({ iam }, RoleName, _before, inputs, changed) => {
    if (changed.includes("assumeRolePolicy")) {
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: inputs.assumeRolePolicy }));
    }
    if (changed.includes("description")) {
      await iam.send(new UpdateRoleDescriptionCommand({ RoleName, Description: (inputs.description ?? "") as string }));
    }
    if (changed.includes("maxSessionDuration")) {
      await iam.send(new UpdateRoleCommand({ RoleName, MaxSessionDuration: inputs.maxSessionDuration }));
    }
    if (changed.includes("permissionsBoundary")) {
      const PermissionsBoundary = inputs.permissionsBoundary as string | undefined;
      await (PermissionsBoundary
        ? iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }))
        : iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName })));
    }
  },

  delete: async (clients, RoleName, { forceDetachPolicies }) => {
    const work = async () => {
      await release(clients, RoleName, Boolean(forceDetachPolicies));
      // What hangs on the role may be on its way out.
      await retryWhile(["DeleteConflictException"], () => clients.iam.send(new DeleteRoleCommand({ RoleName })));
    };
    await unlessMissing(work(), GONE);
  },
});

/** The two parts of an id such as `role:policy`. A role's name has neither ":" nor "/". */
function parts(id: string, separator: string): [string, string] {
  const at = id.indexOf(separator);
  if (at < 1 || at === id.length - 1) {
    throw new Error(`unexpected format of ID ("${id}"), expected <role name>${separator}<policy>`);
  }
  return [id.slice(0, at), id.slice(at + 1)];
}

/** `aws_iam_role_policy`, internal/service/iam/role_policy.go: a policy inside of a role. Its id is `role:policy`. */
export const rolePolicy = awsResource({
  title: "IAM Role Policy",
  global: true,
  autoName: { property: "name", maxLength: 128, unless: "namePrefix" },
  properties: {
    ...nameProperties(128, NAME, NAME_SAYS),
    role: {
      required: true,
      forceNew: true,
      validate: (name: string) => (name.includes(":") ? '"role" must be the role\'s name, not its ARN' : undefined),
    },
    policy: { required: true, json: true, same: samePolicy, validate: validPolicy("policy") },
  },
  check: checkName,

  create: async ({ iam }, inputs) => {
    const PolicyName = nameOf(inputs);
    const input = { RoleName: inputs.role as string, PolicyName, PolicyDocument: inputs.policy as string };
    await iam.send(new PutRolePolicyCommand(input));
    return `${inputs.role}:${PolicyName}`;
  },

  read: async ({ iam }, id) => {
    const [RoleName, PolicyName] = parts(id, ":");
    const found = await unlessMissing(iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })), GONE);
    return found && { role: RoleName, name: PolicyName, policy: decodeURIComponent(found.PolicyDocument ?? "") };
  },

  update: async ({ iam }, id, _before, { policy }) => {
    const [RoleName, PolicyName] = parts(id, ":");
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: policy as string }));
  },

  delete: ({ iam }, id) => {
    const [RoleName, PolicyName] = parts(id, ":");
    return unlessMissing(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })), GONE);
  },
});

/** IAM refuses to attach what is not there; the emulator attaches any ARN. */
async function refuseUnknown({ iam }: AwsClients, PolicyArn: string): Promise<void> {
  if (!UNKNOWN_AMAZON_POLICIES.some((name) => PolicyArn.endsWith(`:aws:policy/${name}`))) {
    await iam.send(new GetPolicyCommand({ PolicyArn }));
  }
}

/** `aws_iam_role_policy_attachment`, internal/service/iam/role_policy_attachment.go. Its id is `role/ARN`, for imports too. */
export const rolePolicyAttachment = awsResource({
  title: "IAM Role Policy Attachment",
  global: true,
  properties: {
    role: { required: true, forceNew: true },
    policyArn: { required: true, forceNew: true, validate: validArn("policyArn") },
  },

  create: async (clients, { role: RoleName, policyArn: PolicyArn }) => {
    await refuseUnknown(clients, PolicyArn as string);
    await clients.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    return `${RoleName}/${PolicyArn}`;
  },

  read: async (clients, id) => {
    const [RoleName, PolicyArn] = parts(id, "/");
    const attached = await unlessMissing(attachedPolicies(clients, RoleName), GONE);
    return attached?.includes(PolicyArn) ? { role: RoleName, policyArn: PolicyArn } : undefined;
  },

  delete: ({ iam }, id) => {
    const [RoleName, PolicyArn] = parts(id, "/");
    return unlessMissing(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })), GONE);
  },
});
