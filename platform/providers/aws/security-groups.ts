import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { Property, Values } from "../protocol/model";
import { ec2Arn } from "./arn";
import { AwsClients } from "./clients";
import { tagEc2, tagMap, tagSpecification } from "./ec2-tags";
import { retryWhile, unlessMissing } from "./errors";
import { inlineRules, permissionOf, ruleKeys, singleRules } from "./inline-rules";
import { awsResource, each } from "./resource";

const GONE = ["InvalidGroup.NotFound", "InvalidGroupId.Malformed", "InvalidSecurityGroupID.NotFound"];

/** Takes away every rule of one direction or of both (forceRevokeSecurityGroupRules). */
async function revokeAll({ ec2 }: AwsClients, GroupId: string, only?: "egress"): Promise<void> {
  const filters = [{ Name: "group-id", Values: [GroupId] }];
  const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: filters }));
  const ids = (egress: boolean) => [
    ...new Set(SecurityGroupRules.filter((r) => r.IsEgress === egress).map((r) => r.SecurityGroupRuleId as string)),
  ];
  const [ingress, egress] = [ids(false), ids(true)];
  if (egress.length > 0) {
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, SecurityGroupRuleIds: egress }));
  }
  if (ingress.length > 0 && only !== "egress") {
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: ingress }));
  }
}

/** Brings the rules given inline from `before` to `after`: first what goes, then what comes. */
async function setRules({ ec2 }: AwsClients, GroupId: string, before: Values, after: Values): Promise<void> {
  const change = (direction: "ingress" | "egress") => {
    const [old, wanted] = [singleRules(before[direction], GroupId), singleRules(after[direction], GroupId)];
    const [oldKeys, wantedKeys] = [ruleKeys(old), ruleKeys(wanted)];
    return {
      revoke: old.filter((rule) => !wantedKeys.includes(ruleKeys([rule])[0] as string)).map(permissionOf),
      authorize: wanted.filter((rule) => !oldKeys.includes(ruleKeys([rule])[0] as string)).map(permissionOf),
    };
  };
  const [ingress, egress] = [change("ingress"), change("egress")];
  if (ingress.revoke.length > 0) {
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: ingress.revoke }));
  }
  if (ingress.authorize.length > 0) {
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: ingress.authorize }));
  }
  if (egress.revoke.length > 0) {
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: egress.revoke }));
  }
  if (egress.authorize.length > 0) {
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: egress.authorize }));
  }
}

async function update(clients: AwsClients, id: string, before: Values, inputs: Values, changed: string[]) {
  const names = ["ingress", "egress"].filter((name) => changed.includes(name));
  const only = (values: Values) => Object.fromEntries(names.map((name) => [name, values[name]]));
  await setRules(clients, id, only(before), only(inputs));
}

async function read(clients: AwsClients, id: string): Promise<Values | undefined> {
  const found = await unlessMissing(clients.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] })), ...GONE);
  const it = found?.SecurityGroups?.[0];
  return (
    it && {
      arn: ec2Arn(clients.region, it.OwnerId, `security-group/${id}`),
      name: it.GroupName,
      description: it.Description,
      vpcId: it.VpcId,
      ownerId: it.OwnerId,
      ingress: inlineRules(it.IpPermissions, id),
      egress: inlineRules(it.IpPermissionsEgress, id),
      tagsAll: tagMap(it.Tags),
    }
  );
}

/** Optional and computed: a group without inline rules leaves its rules to resources of their own. */
const rules: Property = {
  computed: true,
  set: true,
  same: (before, after) => ruleKeys(singleRules(before)).join() === ruleKeys(singleRules(after)).join(),
};

/** `aws_security_group`, internal/service/ec2/vpc_security_group.go. */
export const securityGroup = awsResource({
  title: "Security Group",
  autoName: { property: "name", maxLength: 255 },
  properties: {
    name: {
      computed: true,
      forceNew: true,
      validate: (name: string) => (/^sg-/.test(name) ? 'invalid value for name (cannot begin with "sg-")' : undefined),
    },
    namePrefix: { computed: true, forceNew: true, notRead: true },
    description: {
      forceNew: true,
      default: "Managed by Pulumi",
      validate: (text: string) =>
        text.length > 255 ? "expected length of description to be in the range (0 - 255)" : undefined,
    },
    vpcId: { computed: true, forceNew: true },
    ingress: rules,
    egress: rules,
    revokeRulesOnDelete: { default: false, notRead: true },
    ...each({ output: true }, "arn", "ownerId"),
  },
  tag: tagEc2,

  create: async ({ ec2 }, inputs) => {
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: inputs.name,
        Description: inputs.description,
        VpcId: inputs.vpcId,
        ...tagSpecification("security-group", inputs.tagsAll),
      }),
    );
    return GroupId as string;
  },

  complete: async (clients, id, inputs) => {
    // AWS lets a new group connect to everywhere; the official provider takes that away.
    await revokeAll(clients, id, "egress");
    await setRules(clients, id, {}, inputs);
  },

  read,
  update,

  delete: async (clients, id, state) => {
    if (state.revokeRulesOnDelete) {
      await unlessMissing(revokeAll(clients, id), ...GONE);
    }
    // Other groups' rules that name this one go in the same update.
    const codes = ["DependencyViolation", "InvalidGroup.InUse"];
    const remove = () => clients.ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }));
    await unlessMissing(retryWhile(codes, remove), ...GONE);
  },
});

/**
 * `aws_default_security_group`, internal/service/ec2/vpc_default_security_group.go: takes over the group that every VPC
 * has, and empties it. Deleting the resource leaves the group as it is.
 */
export const defaultSecurityGroup = awsResource({
  title: "Default Security Group",
  properties: {
    vpcId: { computed: true, forceNew: true },
    ingress: rules,
    egress: rules,
    revokeRulesOnDelete: { default: false, notRead: true },
    ...each({ output: true }, "arn", "description", "name", "namePrefix", "ownerId"),
  },
  tag: tagEc2,

  create: async (clients, inputs) => {
    const where = inputs.vpcId
      ? { Name: "vpc-id", Values: [inputs.vpcId as string] }
      : { Name: "description", Values: ["default group"] };
    const { SecurityGroups } = await clients.ec2.send(
      new DescribeSecurityGroupsCommand({ Filters: [{ Name: "group-name", Values: ["default"] }, where] }),
    );
    const group = SecurityGroups?.[0];
    if (!group?.GroupId) {
      throw new Error("couldn't find resource");
    }
    const wanted = inputs.tagsAll as Record<string, string>;
    const remove = Object.keys(tagMap(group.Tags)).filter((key) => !(key in wanted));
    await tagEc2(clients, group.GroupId, { state: {}, all: wanted, put: wanted, remove });
    return group.GroupId;
  },

  complete: async (clients, id, inputs) => {
    await revokeAll(clients, id);
    await setRules(clients, id, {}, inputs);
  },

  read,
  update,
  delete: () => Promise.resolve(),
});
