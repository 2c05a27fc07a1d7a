import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
} from "@aws-sdk/client-ec2";
import { beforeAll, describe, expect, test } from "vitest";
import { REGION, useAwsProvider } from "../../test/support/aws-provider";

describe("the local aws provider: network", () => {
  const on = useAwsProvider();
  let vpcId: string;
  let ec2: EC2Client;
  beforeAll(async () => {
    ec2 = new EC2Client({});
    vpcId = (await on.create("ec2.Vpc", { cidrBlock: "10.9.0.0/16" })).id;
  });

  test("Vpc", async () => {
    const vpc = await on.create("ec2.Vpc", { cidrBlock: "10.1.0.0/16", enableDnsHostnames: true, tags: { a: "1" } });
    expect(vpc.state).toMatchObject({
      arn: expect.stringMatching(/^arn:aws:ec2:eu-central-1:000000000000:vpc\/vpc-/) as string,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tagsAll: { a: "1" },
      defaultSecurityGroupId: expect.stringMatching(/^sg-/) as string,
      mainRouteTableId: expect.stringMatching(/^rtb-/) as string,
      defaultNetworkAclId: expect.stringMatching(/^acl-/) as string,
      region: "eu-central-1",
    });
    expect(await vpc.drift()).toEqual([]);
    const changed = { cidrBlock: "10.1.0.0/16", enableDnsHostnames: false, tags: { b: "2" } };
    expect(vpc.plan(changed)).toEqual({ changes: ["enableDnsHostnames", "tags"], replaces: [] });
    await vpc.update(changed);
    expect(vpc.state).toMatchObject({ enableDnsHostnames: false, tags: { b: "2" }, tagsAll: { b: "2" } });
    expect(await vpc.drift()).toEqual([]);
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId: vpc.id, EnableDnsHostnames: { Value: true } }));
    expect(await vpc.drift()).toEqual(["enableDnsHostnames"]);
    expect(vpc.plan({ cidrBlock: "10.2.0.0/16" }).replaces).toEqual(["cidrBlock"]);
    expect(await vpc.imported()).toMatchObject({ cidrBlock: "10.1.0.0/16", tags: { b: "2" } });
    await vpc.delete();
  });

  test("a resource may name another region than the provider's", async () => {
    const vpc = await on.create("ec2.Vpc", { cidrBlock: "10.4.0.0/16", region: "eu-west-1" });
    expect(vpc.state).toMatchObject({ region: "eu-west-1", arn: `arn:aws:ec2:eu-west-1:000000000000:vpc/${vpc.id}` });
    expect(await vpc.drift()).toEqual([]);
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}));
    expect(Vpcs.map(({ VpcId }) => VpcId)).not.toContain(vpc.id);
    await vpc.delete();
  });

  test("Subnet", async () => {
    const input = { vpcId, cidrBlock: "10.9.1.0/24", availabilityZone: "eu-central-1b", tags: { Name: "one" } };
    const subnet = await on.create("ec2.Subnet", { ...input, enableResourceNameDnsARecordOnLaunch: true });
    expect(subnet.state).toMatchObject({
      availabilityZone: "eu-central-1b",
      mapPublicIpOnLaunch: false,
      enableResourceNameDnsARecordOnLaunch: true,
    });
    expect(await subnet.drift()).toEqual([]);
    await subnet.update({ ...input, mapPublicIpOnLaunch: true });
    expect(subnet.state).toMatchObject({ mapPublicIpOnLaunch: true, enableResourceNameDnsARecordOnLaunch: false });
    expect(await subnet.drift()).toEqual([]);
    expect(subnet.plan({ ...input, availabilityZone: "eu-central-1c" }).replaces).toEqual(["availabilityZone"]);
    expect(subnet.failures({ ...input, outpostArn: "arn" })[0]?.reason).toContain("has no model of this argument");
    await subnet.delete();
  });

  test("RouteTable and RouteTableAssociation", async () => {
    const subnet = await on.create("ec2.Subnet", { vpcId, cidrBlock: "10.9.2.0/24" });
    const table = await on.create("ec2.RouteTable", { vpcId, tags: { Name: "isolated" } });
    expect(table.state.routes).toEqual([]);
    expect(await table.drift()).toEqual([]);
    const routes = [
      { cidrBlock: "0.0.0.0/0", gatewayId: "igw-1" },
      { cidrBlock: "10.8.0.0/16", gatewayId: "igw-2" },
    ];
    await table.update({ vpcId, routes });
    expect(await table.drift()).toEqual([]);
    await table.update({ vpcId, routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-3", natGatewayId: "" }] });
    expect(table.state.routes).toEqual([{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-3" }]);
    expect(await table.drift()).toEqual([]);

    const association = await on.create("ec2.RouteTableAssociation", { subnetId: subnet.id, routeTableId: table.id });
    expect(await association.drift()).toEqual([]);
    const other = await on.create("ec2.RouteTable", { vpcId });
    await association.update({ subnetId: subnet.id, routeTableId: other.id });
    expect(association.state.routeTableId).toBe(other.id);
    expect(await association.drift()).toEqual([]);
    expect(await association.imported(`${subnet.id}/${other.id}`)).toMatchObject({ routeTableId: other.id });
    await association.delete();
    await table.delete();
    await other.delete();
    await subnet.delete();
  });

  test("SecurityGroup lets nothing out by itself", async () => {
    const group = await on.create("ec2.SecurityGroup", { name: "one", vpcId, description: "First", tags: { a: "1" } });
    expect(group.state).toMatchObject({ ingress: [], egress: [], description: "First" });
    expect(await group.drift()).toEqual([]);
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [group.id] }));
    expect(SecurityGroups?.[0]).toMatchObject({ GroupName: "one", VpcId: vpcId, IpPermissionsEgress: [] });
    expect(group.plan({ name: "one", vpcId, description: "Second" }).replaces).toEqual(["description"]);
    expect(group.failures({ name: "sg-1" })[0]?.reason).toContain('cannot begin with "sg-"');
    await group.delete();
  });

  test("SecurityGroup with inline rules", async () => {
    const https = { protocol: "6", fromPort: 443, toPort: 443, cidrBlocks: ["10.0.0.0/8", "192.168.0.0/16"] };
    const itself = { protocol: "-1", fromPort: 0, toPort: 0, self: true, description: "Members" };
    const group = await on.create("ec2.SecurityGroup", { vpcId, ingress: [itself, https] });
    expect(group.state.name).toMatch(/^test-[0-9a-f]{7}$/);
    expect(await group.drift()).toEqual([]);
    await group.update({ vpcId, ingress: [{ ...https, cidrBlocks: ["10.0.0.0/8"] }] });
    expect(group.state.ingress).toEqual([{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["10.0.0.0/8"] }]);
    expect(await group.drift()).toEqual([]);
    await group.delete();
  });

  test("SecurityGroupIngressRule and SecurityGroupEgressRule", async () => {
    const [group, peer, another] = await Promise.all(
      ["rules", "peer", "another"].map((name) => on.create("ec2.SecurityGroup", { name, vpcId })),
    );
    const input = {
      securityGroupId: group?.id,
      referencedSecurityGroupId: peer?.id,
      ipProtocol: "tcp",
      fromPort: 5432,
      toPort: 5432,
      description: "PostgreSQL",
    };
    for (const type of ["vpc.SecurityGroupIngressRule", "vpc.SecurityGroupEgressRule"]) {
      const rule = await on.create(type, { ...input, tags: { a: "1" } });
      expect(rule.state).toMatchObject({ ...input, securityGroupRuleId: rule.id, tagsAll: { a: "1" } });
      expect(await rule.drift()).toEqual([]);
      await rule.update({ ...input, description: "Database", fromPort: 5433, toPort: 5433, tags: { a: "2" } });
      expect(rule.state).toMatchObject({ description: "Database", fromPort: 5433, tags: { a: "2" } });
      expect(await rule.drift()).toEqual([]);
      await rule.update({ ...input, referencedSecurityGroupId: another?.id, tags: { a: "2" } });
      expect(rule.state).toMatchObject({ referencedSecurityGroupId: another?.id, tags: { a: "2" } });
      expect(await rule.drift()).toEqual([]);
      expect(rule.plan({ ...input, securityGroupId: peer?.id }).replaces).toEqual(["securityGroupId"]);
      await rule.delete();
    }
    const open = { securityGroupId: group?.id, ipProtocol: "-1", cidrIpv4: "10.0.0.0/8" };
    const everything = await on.create("vpc.SecurityGroupEgressRule", open);
    expect(await everything.drift()).toEqual([]);
    expect(everything.failures({ ...open, cidrIpv6: "::/0" })[0]?.reason).toContain("one (and only one)");
    const { id: prefixListId, cidrBlocks } = await on.call("aws:ec2/getPrefixList:getPrefixList", {
      name: `com.amazonaws.${REGION}.s3`,
    });
    expect(cidrBlocks).not.toEqual([]);
    const toS3 = { ...input, referencedSecurityGroupId: undefined, prefixListId, fromPort: 443, toPort: 443 };
    const list = await on.create("vpc.SecurityGroupEgressRule", toS3);
    expect(list.state).toMatchObject({ prefixListId, description: "PostgreSQL" });
    expect(await list.drift()).toEqual([]);
    await list.delete();
    await Promise.all([everything.delete(), another?.delete()]);
    await group?.delete();
    await peer?.delete();
  });

  test("DefaultSecurityGroup empties what AWS made, and leaves it when it goes", async () => {
    const vpc = await on.create("ec2.Vpc", { cidrBlock: "10.3.0.0/16" });
    const GroupId = vpc.state.defaultSecurityGroupId as string;
    const IpPermissions = [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId }] }];
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    const group = await on.create("ec2.DefaultSecurityGroup", { vpcId: vpc.id, tags: { empty: "yes" } });
    expect(group.id).toBe(GroupId);
    expect(group.state).toMatchObject({ name: "default", ingress: [], egress: [], tagsAll: { empty: "yes" } });
    expect(await group.drift()).toEqual([]);
    const Filters = [{ Name: "group-id", Values: [GroupId] }];
    const { SecurityGroupRules } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
    expect(SecurityGroupRules).toEqual([]);
    await group.model.delete(on.clients, group.id, group.state);
    expect(await group.read()).toBeDefined();
    await vpc.delete();
  });

  test("what cannot be completed is taken back", async () => {
    const { ec2: client } = on.clients;
    client.middlewareStack.add(
      (next, { commandName }) =>
        commandName === "CreateRouteCommand" ? () => Promise.reject(new Error("no more routes")) : next,
      { step: "initialize", name: "fails" },
    );
    try {
      const routes = [{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-1" }];
      const failing = on.create("ec2.RouteTable", { vpcId, routes, tags: { half: "made" } });
      await expect(failing).rejects.toThrow(/^creating EC2 Route Table \(rtb-[^)]+\): no more routes$/);
    } finally {
      client.middlewareStack.remove("fails");
    }
    const Filters = [{ Name: "tag:half", Values: ["made"] }];
    expect((await ec2.send(new DescribeRouteTablesCommand({ Filters }))).RouteTables).toEqual([]);
  });

  test("functions", async () => {
    expect(await on.call("aws:index/getCallerIdentity:getCallerIdentity")).toMatchObject({ accountId: "000000000000" });
    expect(await on.call("aws:index/getRegion:getRegion")).toMatchObject({
      region: "eu-central-1",
      description: "Europe (Frankfurt)",
    });
    expect(await on.call("aws:index/getPartition:getPartition")).toEqual({
      id: "aws",
      partition: "aws",
      dnsSuffix: "amazonaws.com",
      reverseDnsPrefix: "com.amazonaws",
    });
    const zones = await on.call("aws:index/getAvailabilityZones:getAvailabilityZones", {
      state: "available",
      excludeNames: ["eu-central-1b"],
    });
    expect(zones).toMatchObject({ id: "eu-central-1", names: ["eu-central-1a", "eu-central-1c"] });
  });
});
