import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  ListPolicyVersionsCommand,
  TagPolicyCommand,
  UntagPolicyCommand,
} from "@aws-sdk/client-iam";
import { AwsClients, Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import { unlessMissing } from "./errors";
import { samePolicy, validPolicy } from "./policy";
import { awsResource, each, unmodelled } from "./resource";

/** AWS keeps no more. */
const MOST_VERSIONS = 5;

async function oldVersions({ iam }: AwsClients, PolicyArn: string): Promise<string[]> {
  const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
  return Versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion)
    .sort((a, b) => Number(a.CreateDate) - Number(b.CreateDate))
    .map(({ VersionId }) => VersionId as string);
}

/** `aws_iam_policy`, internal/service/iam/policy.go. A new text is a new version; the oldest makes room. */
export const policy = awsResource({
  title: "IAM Policy",
  global: true,
  autoName: { property: "name", maxLength: 128 },
  properties: {
    name: {
      computed: true,
      forceNew: true,
      validate: (name: string) =>
        /^[\w+=,.@-]{1,128}$/.test(name) ? undefined : "invalid value for name (must match [\\w+=,.@-])",
    },
    namePrefix: { computed: true, forceNew: true, notRead: true },
    path: { default: "/", forceNew: true },
    description: { forceNew: true },
    policy: { required: true, json: true, same: samePolicy, validate: validPolicy("policy") },
    ...unmodelled("delayAfterPolicyCreationInMs"),
    ...each({ output: true }, "arn", "attachmentCount", "policyId"),
  },

  tag: async ({ iam }, PolicyArn, { put, remove }) => {
    if (remove.length > 0) {
      await iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys: remove }));
    }
    if (Object.keys(put).length > 0) {
      await iam.send(new TagPolicyCommand({ PolicyArn, Tags: tagList(put) }));
    }
  },

  create: async ({ iam }, inputs) => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({
        PolicyName: inputs.name,
        Path: inputs.path,
        Description: inputs.description,
        PolicyDocument: inputs.policy,
        Tags: tagList(inputs.tagsAll as Tags),
      }),
    );
    return Policy?.Arn as string;
  },

  read: async ({ iam }, PolicyArn) => {
    const it = (await unlessMissing(iam.send(new GetPolicyCommand({ PolicyArn })), "NoSuchEntityException"))?.Policy;
    if (!it) {
      return undefined;
    }
    const VersionId = it.DefaultVersionId;
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
    return {
      arn: it.Arn,
      name: it.PolicyName,
      path: it.Path,
      description: it.Description,
      policyId: it.PolicyId,
      attachmentCount: it.AttachmentCount,
      policy: decodeURIComponent(PolicyVersion?.Document ?? ""),
      tagsAll: tagMap(it.Tags),
    };
  },

  update: async (clients, PolicyArn, _before, inputs, changed) => {
    if (changed.includes("policy")) {
      const old = await oldVersions(clients, PolicyArn);
      for (const VersionId of old.slice(0, Math.max(0, old.length + 2 - MOST_VERSIONS))) {
        await clients.iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
      }
      const input = { PolicyArn, PolicyDocument: inputs.policy as string, SetAsDefault: true };
      await clients.iam.send(new CreatePolicyVersionCommand(input));
    }
  },

  delete: async (clients, PolicyArn) => {
    for (const VersionId of (await unlessMissing(oldVersions(clients, PolicyArn), "NoSuchEntityException")) ?? []) {
      await clients.iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    }
    await unlessMissing(clients.iam.send(new DeletePolicyCommand({ PolicyArn })), "NoSuchEntityException");
  },
});
