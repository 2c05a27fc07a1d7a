import { Statement } from "../../model/aws/account";
import { Scope } from "./names";

/**
 * What a deployment does in EC2. No AWS client in here.
 *
 * EC2 names its resources itself, so that only their tags tell whose they are: what is made must carry the stack's tags, and what is
 * changed or deleted must carry them already. Source: Service Authorization Reference, "Amazon EC2".
 */
type Type =
  | "instance"
  | "network-acl"
  | "route-table"
  | "security-group"
  | "subnet"
  | "vpc"
  | "vpc-endpoint"
  | "volume"
  | "vpc-flow-log";

/** AWS has no resource to name for these. */
const LOOKS = [
  ...["AvailabilityZones", "FlowLogs", "IamInstanceProfileAssociations", "Images", "InstanceAttribute", "Instances"],
  ...["NetworkAcls", "PrefixLists", "RouteTables", "SecurityGroupRules", "SecurityGroups", "Subnets", "Volumes"],
  ...["VpcAttribute", "VpcEndpoints", "Vpcs"],
].map((what) => `ec2:Describe${what}`);

const ec2 = (...actions: string[]) => actions.map((action) => `ec2:${action}`);

export function networkStatements({ account, application, environment }: Scope): Statement[] {
  const { partition, region, id } = account;
  const of = (...types: Type[]) => types.map((type) => `arn:${partition}:ec2:${region}:${id}:${type}/*`);
  const tags = (of: "RequestTag" | "ResourceTag") => ({
    [`aws:${of}/Application`]: application,
    [`aws:${of}/Environment`]: environment,
  });
  const allow = (Sid: string, Action: string[], Resource: string | string[], conditions?: Statement["Condition"]) => ({
    ...({ Sid, Effect: "Allow", Action, Resource } satisfies Statement),
    ...(conditions && { Condition: conditions }),
  });
  const anything = `arn:${partition}:ec2:${region}:${id}:*/*`;
  const making = { StringEquals: tags("RequestTag") };
  const ours = { StringEquals: tags("ResourceTag") };
  return [
    allow("See", LOOKS, "*"),
    allow("MakeVpc", ec2("CreateVpc"), of("vpc"), making),
    allow(
      "Make",
      ec2(
        "CreateFlowLogs",
        "CreateNetworkAcl",
        "CreateRouteTable",
        "CreateSecurityGroup",
        "CreateSubnet",
        "CreateVpcEndpoint",
      ),
      of("vpc-flow-log", "network-acl", "route-table", "security-group", "subnet", "vpc-endpoint"),
      making,
    ),
    allow(
      "MakeWithinItsOwn",
      ec2("CreateFlowLogs", "CreateNetworkAcl", "CreateRouteTable", "CreateSubnet", "CreateVpcEndpoint"),
      of("route-table", "security-group", "subnet", "vpc"),
      ours,
    ),
    // The VPC, and the admin host's subnet, may be somebody else's (network.vpcId), without the stack's tags.
    allow("MakeInAnyVpc", ec2("CreateSecurityGroup"), of("vpc")),
    allow("MakeInstance", ec2("RunInstances"), of("instance"), making),
    allow("MakeInstanceOf", ec2("RunInstances"), [
      `arn:${partition}:ec2:${region}::image/*`,
      ...["network-interface", "security-group", "subnet", "volume"].map(
        (type) => `arn:${partition}:ec2:${region}:${id}:${type}/*`,
      ),
    ]),
    allow("TagWhatIsMade", ec2("CreateTags"), anything, {
      StringEquals: tags("RequestTag"),
      StringLike: { "ec2:CreateAction": "*" },
    }),
    allow("TagItsOwn", ec2("CreateTags", "DeleteTags"), anything, ours),
    allow(
      "Change",
      ec2(
        ...["AssociateRouteTable", "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"],
        ...["CreateNetworkAclEntry", "DeleteFlowLogs", "DeleteNetworkAcl", "DeleteNetworkAclEntry", "DeleteRouteTable"],
        ...["DeleteSecurityGroup", "DeleteSubnet", "DeleteVpc", "DeleteVpcEndpoints", "DisassociateRouteTable"],
        ...["ModifyInstanceAttribute", "ModifyInstanceMetadataOptions", "ModifySecurityGroupRules"],
        ...["ModifySubnetAttribute", "ModifyVpcAttribute", "ModifyVpcEndpoint", "ReplaceNetworkAclEntry"],
        ...["ReplaceNetworkAclAssociation", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"],
        ...["StartInstances", "StopInstances", "TerminateInstances"],
      ),
      anything,
      ours,
    ),
    ...bornWithTheRest(allow, of, tags("RequestTag")),
  ];
}

/**
 * A VPC comes with a default security group and a default network ACL, without tags, and an instance with a volume: the stack empties
 * the group and tags it and the volume, and subnets go back to the ACL when their own is deleted. What carries anybody's `Application`
 * is left alone.
 */
function bornWithTheRest(
  allow: (Sid: string, Action: string[], Resource: string[], conditions: Statement["Condition"]) => Statement,
  of: (...types: Type[]) => string[],
  making: Record<string, string>,
): Statement[] {
  const untagged = { Null: { "aws:ResourceTag/Application": "true" } };
  return [
    allow(
      "EmptyTheDefaultGroup",
      ec2("RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"),
      of("security-group"),
      untagged,
    ),
    allow("TagThem", ec2("CreateTags"), of("security-group", "volume"), { ...untagged, StringEquals: making }),
    allow("GoBackToTheDefaultAcl", ec2("ReplaceNetworkAclAssociation"), of("network-acl"), untagged),
  ];
}
