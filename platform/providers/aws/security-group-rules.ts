import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  IpPermission,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import { CheckFailure, ResourceModel, Values } from "../protocol/model";
import { AwsClients } from "./clients";
import { ec2Arn } from "./arn";
import { tagEc2, tagMap, tagSpecification } from "./ec2-tags";
import { RULES_KEEP_THEIR_GROUP } from "./emulator-gaps";
import { unlessMissing } from "./errors";
import { protocolName } from "./inline-rules";
import { awsResource, each } from "./resource";

const GONE = ["InvalidSecurityGroupRuleId.NotFound", "InvalidSecurityGroupRuleId.Malformed", "InvalidGroup.NotFound"];
const SOURCES = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"];

/** securityGroupRuleResource.ConfigValidators: one source, no more. */
function checkSources(inputs: Values): CheckFailure[] {
  const given = SOURCES.filter((name) => inputs[name] !== undefined);
  const reason =
    given.length === 0
      ? `No attribute specified when one (and only one) of [${SOURCES.join(",")}] is required`
      : `${given.length} attributes specified when one (and only one) of [${SOURCES.join(",")}] is required`;
  return given.length === 1 ? [] : [{ property: given[0] ?? "cidrIpv4", reason }];
}

function permission(inputs: Values): IpPermission {
  const Description = inputs.description as string | undefined;
  return {
    IpProtocol: protocolName(inputs.ipProtocol as string),
    FromPort: inputs.fromPort,
    ToPort: inputs.toPort,
    ...(inputs.cidrIpv4 ? { IpRanges: [{ CidrIp: inputs.cidrIpv4, Description }] } : {}),
    ...(inputs.cidrIpv6 ? { Ipv6Ranges: [{ CidrIpv6: inputs.cidrIpv6, Description }] } : {}),
    ...(inputs.prefixListId ? { PrefixListIds: [{ PrefixListId: inputs.prefixListId, Description }] } : {}),
    ...(inputs.referencedSecurityGroupId ? { UserIdGroupPairs: [{ ...groupPair(inputs), Description }] } : {}),
  };
}

/** A group of another account is written `account/group`. */
function groupPair({ referencedSecurityGroupId }: Values) {
  const parts = (referencedSecurityGroupId as string).split("/");
  return parts.length > 1 ? { UserId: parts[0], GroupId: parts[1] } : { GroupId: parts[0] };
}

function referencedGroup({ ReferencedGroupInfo: group, GroupOwnerId }: SecurityGroupRule): string | undefined {
  return !group?.UserId || group.UserId === GroupOwnerId ? group?.GroupId : `${group.UserId}/${group.GroupId}`;
}

/** `aws_vpc_security_group_{ingress,egress}_rule`, internal/service/ec2/vpc_security_group_ingress_rule.go. */
function rule(egress: boolean): ResourceModel<AwsClients> {
  const ruleId = (id: string, state: Values) => (state.securityGroupRuleId ?? id) as string;

  const authorize = async ({ ec2 }: AwsClients, inputs: Values): Promise<string> => {
    const input = {
      GroupId: inputs.securityGroupId as string,
      IpPermissions: [permission(inputs)],
      ...tagSpecification("security-group-rule", inputs.tagsAll),
    };
    const { SecurityGroupRules } = egress
      ? await ec2.send(new AuthorizeSecurityGroupEgressCommand(input))
      : await ec2.send(new AuthorizeSecurityGroupIngressCommand(input));
    return SecurityGroupRules?.[0]?.SecurityGroupRuleId as string;
  };

  const revoke = async ({ ec2 }: AwsClients, id: string, state: Values): Promise<void> => {
    const input = { GroupId: state.securityGroupId as string, SecurityGroupRuleIds: [ruleId(id, state)] };
    const call = egress
      ? ec2.send(new RevokeSecurityGroupEgressCommand(input))
      : ec2.send(new RevokeSecurityGroupIngressCommand(input));
    await unlessMissing<unknown>(call, ...GONE);
  };

  return awsResource({
    title: `VPC Security Group ${egress ? "Egress" : "Ingress"} Rule`,
    properties: {
      securityGroupId: { required: true, forceNew: true },
      ipProtocol: {
        required: true,
        same: (before, after) => protocolName(String(before)) === protocolName(String(after)),
      },
      ...each({}, ...SOURCES, "description", "fromPort", "toPort"),
      ...each({ output: true }, "arn", "securityGroupRuleId"),
    },
    tag: (clients, id, change) => tagEc2(clients, ruleId(id, change.state), change),

    check: checkSources,
    create: authorize,

    read: async (clients, id, state) => {
      const found = await unlessMissing(
        clients.ec2.send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [ruleId(id, state)] })),
        ...GONE,
      );
      const it = found?.SecurityGroupRules?.find(({ IsEgress }) => IsEgress === egress);
      if (!it) {
        return undefined;
      }
      // With all protocols EC2 returns -1 for ports that were not given.
      const port = (value: number | undefined) => (it.IpProtocol === "-1" && value === -1 ? undefined : value);
      return {
        arn: ec2Arn(clients.region, it.GroupOwnerId, `security-group-rule/${it.SecurityGroupRuleId}`),
        securityGroupRuleId: it.SecurityGroupRuleId,
        securityGroupId: it.GroupId,
        ipProtocol: it.IpProtocol,
        fromPort: port(it.FromPort),
        toPort: port(it.ToPort),
        cidrIpv4: it.CidrIpv4,
        cidrIpv6: it.CidrIpv6,
        prefixListId: it.PrefixListId,
        referencedSecurityGroupId: referencedGroup(it),
        description: it.Description,
        tagsAll: tagMap(it.Tags),
      };
    },

    update: async (clients, id, before, inputs, changed) => {
      if (RULES_KEEP_THEIR_GROUP && changed.some((name) => SOURCES.includes(name))) {
        await revoke(clients, id, before);
        const tagsAll = { ...clients.defaultTags, ...(inputs.tags as Values | undefined) };
        return { securityGroupRuleId: await authorize(clients, { ...inputs, tagsAll }) };
      }
      if (changed.some((name) => name !== "tags")) {
        const SecurityGroupRule = {
          IpProtocol: protocolName(inputs.ipProtocol as string),
          FromPort: inputs.fromPort,
          ToPort: inputs.toPort,
          CidrIpv4: inputs.cidrIpv4,
          CidrIpv6: inputs.cidrIpv6,
          PrefixListId: inputs.prefixListId,
          ReferencedGroupId: inputs.referencedSecurityGroupId,
          Description: (inputs.description ?? "") as string,
        };
        await clients.ec2.send(
          new ModifySecurityGroupRulesCommand({
            GroupId: inputs.securityGroupId,
            SecurityGroupRules: [{ SecurityGroupRuleId: ruleId(id, before), SecurityGroupRule }],
          }),
        );
      }
    },

    delete: revoke,
  });
}

export const securityGroupIngressRule = rule(false);
export const securityGroupEgressRule = rule(true);
