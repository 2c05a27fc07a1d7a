import { IpPermission } from "@aws-sdk/client-ec2";
import { isEmpty } from "../protocol/values";

/** A rule inside a security group's arguments: many sources for one range of ports. */
export interface InlineRule {
  protocol: string;
  fromPort: number;
  toPort: number;
  description?: string;
  cidrBlocks?: string[];
  ipv6CidrBlocks?: string[];
  prefixListIds?: string[];
  securityGroups?: string[];
  self?: boolean;
}

/** One source only, the form in which two sets of rules can be compared. */
interface SingleRule {
  protocol: string;
  fromPort: number;
  toPort: number;
  description: string;
  kind: "cidrBlocks" | "ipv6CidrBlocks" | "prefixListIds" | "securityGroups" | "self";
  source: string;
}

const KINDS = ["cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups"] as const;
const PROTOCOLS: Record<string, string> = { "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", all: "-1" };

/** AWS's name of a protocol, which may be given by number or as "all" (ProtocolForValue). */
export function protocolName(protocol: string): string {
  return PROTOCOLS[protocol.toLowerCase()] ?? protocol.toLowerCase();
}

/** Rules with one source each. Ports mean nothing where all protocols are meant. */
export function singleRules(rules: unknown, groupId = ""): SingleRule[] {
  return ((rules ?? []) as InlineRule[]).flatMap((rule) => {
    const protocol = protocolName(rule.protocol);
    const common = {
      protocol,
      fromPort: protocol === "-1" ? 0 : rule.fromPort,
      toPort: protocol === "-1" ? 0 : rule.toPort,
      description: rule.description ?? "",
    };
    const listed = KINDS.flatMap((kind) => (rule[kind] ?? []).map((source) => ({ ...common, kind, source })));
    return rule.self ? [...listed, { ...common, kind: "self" as const, source: groupId }] : listed;
  });
}

/** What makes a rule: equal for equal rules, sorted. */
export function ruleKeys(rules: SingleRule[]): string[] {
  return rules
    .map((r) => [r.protocol, r.fromPort, r.toPort, r.kind, r.kind === "self" ? "" : r.source, r.description].join("|"))
    .sort();
}

/** A rule as EC2 takes it. */
export function permissionOf({ protocol, fromPort, toPort, description, kind, source }: SingleRule): IpPermission {
  const Description = description || undefined;
  return {
    IpProtocol: protocol,
    ...(protocol === "-1" ? {} : { FromPort: fromPort, ToPort: toPort }),
    ...(kind === "cidrBlocks" ? { IpRanges: [{ CidrIp: source, Description }] } : {}),
    ...(kind === "ipv6CidrBlocks" ? { Ipv6Ranges: [{ CidrIpv6: source, Description }] } : {}),
    ...(kind === "prefixListIds" ? { PrefixListIds: [{ PrefixListId: source, Description }] } : {}),
    ...(kind === "securityGroups" || kind === "self" ? { UserIdGroupPairs: [{ GroupId: source, Description }] } : {}),
  };
}

/** Rules as EC2 returns them, in the form of the arguments: one for each range of ports and description. */
export function inlineRules(permissions: IpPermission[] | undefined, groupId: string): InlineRule[] {
  const rules = new Map<string, InlineRule>();
  for (const permission of permissions ?? []) {
    const protocol = protocolName(permission.IpProtocol ?? "-1");
    const [fromPort, toPort] = protocol === "-1" ? [0, 0] : [permission.FromPort ?? 0, permission.ToPort ?? 0];
    const rule = (description = ""): InlineRule => {
      const key = [protocol, fromPort, toPort, description].join("|");
      const known = rules.get(key) ?? { protocol, fromPort, toPort, ...(description ? { description } : {}) };
      rules.set(key, known);
      return known;
    };
    const add = (kind: (typeof KINDS)[number], source = "", description?: string) => {
      const target = rule(description);
      target[kind] = [...(target[kind] ?? []), source];
    };
    permission.IpRanges?.forEach((range) => add("cidrBlocks", range.CidrIp, range.Description));
    permission.Ipv6Ranges?.forEach((range) => add("ipv6CidrBlocks", range.CidrIpv6, range.Description));
    permission.PrefixListIds?.forEach((list) => add("prefixListIds", list.PrefixListId, list.Description));
    for (const { GroupId, Description } of permission.UserIdGroupPairs ?? []) {
      if (GroupId === groupId) {
        rule(Description).self = true;
      } else {
        add("securityGroups", GroupId, Description);
      }
    }
  }
  return [...rules.values()].filter((rule) => !isEmpty(rule));
}
