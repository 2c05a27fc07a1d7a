import { objectsIn, toList, Resource, ResourceRule, toText, Value } from "../resource";

/** The shortest prefix that may be let in through one port, and through several, for IPv4 and IPv6. */
const LEAST_PREFIX = { onePort: { 4: 8, 6: 32 }, severalPorts: { 4: 16, 6: 48 } };

/** A range of addresses that a rule lets in, and the ports through which it does. */
interface Opening {
  cidr: Value;
  ports: string;
  several: boolean;
}

const INLINE = ["aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"];

function openings(cidrs: Value[], protocol: Value, from: Value, to: Value): Opening[] {
  const all = ["-1", "all"].includes(toText(protocol)) || ["", "-1"].includes(toText(from));
  const ports = all ? "every port" : from === to ? `port ${toText(from)}` : `ports ${toText(from)} to ${toText(to)}`;
  return cidrs.map((cidr) => ({ cidr, ports, several: all || from !== to }));
}

/** The ranges that a resource lets in. Rules stand in the security group, or are resources of an older or a newer type. */
function letIn({ type, props }: Resource): Opening[] {
  if (INLINE.includes(type)) {
    return objectsIn(props.ingress).flatMap((rule) =>
      openings(
        [...toList(rule.cidrBlocks), ...toList(rule.ipv6CidrBlocks)],
        rule.protocol,
        rule.fromPort ?? undefined,
        rule.toPort,
      ),
    );
  }
  if (type === "aws:ec2/securityGroupRule:SecurityGroupRule" && props.type === "ingress") {
    const cidrs = [...toList(props.cidrBlocks), ...toList(props.ipv6CidrBlocks)];
    return openings(cidrs, props.protocol, props.fromPort, props.toPort);
  }
  if (type === "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") {
    const cidrs = [...toList(props.cidrIpv4), ...toList(props.cidrIpv6)];
    return openings(cidrs, props.ipProtocol, props.fromPort, props.toPort);
  }
  return [];
}

function isTooWide({ cidr, several }: Opening): boolean {
  const [address = "", prefix] = toText(cidr).split("/");
  const limits = several ? LEAST_PREFIX.severalPorts : LEAST_PREFIX.onePort;
  return prefix !== undefined && Number(prefix) < limits[address.includes(":") ? 6 : 4];
}

export const openSecurityGroup: ResourceRule = (resource) =>
  letIn(resource)
    .filter(isTooWide)
    .map(
      ({ cidr, ports }) =>
        `${ports} is open to ${toText(cidr)}; name a security group, or the few addresses that need it`,
    );

const DATABASES = ["aws:rds/instance:Instance", "aws:rds/clusterInstance:ClusterInstance", "aws:rds/cluster:Cluster"];

export const publicDatabase: ResourceRule = ({ type, props }) => {
  if (DATABASES.includes(type) && (props.publiclyAccessible === true || props.publiclyAccessible === "true")) {
    return ["publiclyAccessible gives the database a public address; set it to false"];
  }
  if (type === "aws:rds/snapshot:Snapshot" && toList(props.sharedAccounts).includes("all")) {
    return ["sharedAccounts lets everybody restore the snapshot; name the accounts that need it"];
  }
  return [];
};
