import { CloudWatchLogsClient, PutRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  AssociateRouteTableCommand,
  CreateNetworkAclEntryCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { beforeAll, describe, expect, test } from "vitest";
import { useAwsProvider } from "../../test/support/aws-provider";

/** Network ACLs, endpoints, logs, and the functions that look a network up. */
describe("the local aws provider: inside a VPC", () => {
  const on = useAwsProvider();
  let vpcId: string;
  let subnetId: string;
  let ec2: EC2Client;
  beforeAll(async () => {
    ec2 = new EC2Client({});
    vpcId = (await on.create("ec2.Vpc", { cidrBlock: "10.9.0.0/16", tags: { Name: "looked up" } })).id;
    subnetId = (await on.create("ec2.Subnet", { vpcId, cidrBlock: "10.9.1.0/24" })).id;
  });

  test("NetworkAcl and NetworkAclRule", async () => {
    const acl = await on.create("ec2.NetworkAcl", { vpcId, subnetIds: [subnetId], tags: { Name: "one" } });
    expect(acl.state).toMatchObject({ subnetIds: [subnetId], tags: { Name: "one" } });
    expect(await acl.drift()).toEqual([]);
    expect(acl.plan({ vpcId, subnetIds: [] }).changes).toEqual(["subnetIds", "tags"]);
    expect(acl.plan({ vpcId: "vpc-1", subnetIds: [subnetId] }).replaces).toEqual(["vpcId"]);
    expect(acl.failures({ vpcId, ingress: [] })[0]?.reason).toContain("has no model of this argument");

    const input = { networkAclId: acl.id, ruleNumber: 100, protocol: "tcp", ruleAction: "allow" };
    const rule = await on.create("ec2.NetworkAclRule", {
      ...input,
      cidrBlock: "10.9.0.0/16",
      fromPort: 1024,
      toPort: 65535,
    });
    expect(rule.id).toBe(`${acl.id}:100:6:false`);
    expect(await rule.drift()).toEqual([]);
    const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [acl.id] }));
    expect(NetworkAcls?.[0]?.Entries).toMatchObject([
      { RuleNumber: 100, Protocol: "6", RuleAction: "allow", Egress: false, CidrBlock: "10.9.0.0/16" },
    ]);
    const ports = { cidrBlock: "10.9.0.0/16", fromPort: 1024, toPort: 65535 };
    expect(rule.plan({ ...input, ...ports, protocol: "6" })).toEqual({ changes: [], replaces: [] });
    expect(rule.plan({ ...input, ...ports, cidrBlock: "10.8.0.0/16" }).replaces).toEqual(["cidrBlock"]);
    expect(rule.failures(input)[0]?.reason).toContain("one of cidrBlock,ipv6CidrBlock must be specified");
    await expect(on.create("ec2.NetworkAclRule", { ...input, ...ports })).rejects.toThrowError(
      "NetworkAclEntryAlreadyExists",
    );

    const [number, entry] = [{ NetworkAclId: acl.id, RuleNumber: 100, Egress: false }, { Protocol: "6" }];
    await ec2.send(new DeleteNetworkAclEntryCommand(number));
    await ec2.send(
      new CreateNetworkAclEntryCommand({ ...number, ...entry, RuleAction: "deny", CidrBlock: "10.9.0.0/16" }),
    );
    expect(await rule.drift()).toEqual(["ruleAction", "fromPort", "toPort"]);
    await rule.delete();
    await acl.delete();
  });

  test("VpcEndpoint of S3, a route", async () => {
    const table = await on.create("ec2.RouteTable", { vpcId });
    const input = { vpcId, serviceName: "com.amazonaws.eu-central-1.s3", tags: { Name: "s3" } };
    const endpoint = await on.create("ec2.VpcEndpoint", { ...input, routeTableIds: [table.id] });
    expect(endpoint.state).toMatchObject({ vpcEndpointType: "Gateway", routeTableIds: [table.id], state: "available" });
    expect(await endpoint.drift()).toEqual([]);
    await endpoint.update({ ...input, routeTableIds: [] });
    expect(endpoint.state.routeTableIds).toEqual([]);
    expect(await table.drift()).toEqual([]);
    await endpoint.delete();
  });

  test("VpcEndpoint of a service, in subnets", async () => {
    const statement = { Effect: "Allow", Principal: "*", Action: "*", Resource: "*" };
    const input = {
      ...{ vpcId, serviceName: "com.amazonaws.eu-central-1.logs", vpcEndpointType: "Interface" },
      ...{ subnetIds: [subnetId], securityGroupIds: ["sg-1"], privateDnsEnabled: true },
      policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
    };
    const endpoint = await on.create("ec2.VpcEndpoint", input);
    expect(await endpoint.drift()).toEqual([]);
    const same = JSON.stringify({ Statement: { ...statement, Action: ["*"] }, Version: "2012-10-17" });
    expect(endpoint.plan({ ...input, policy: same }).changes).toEqual([]);
    expect(endpoint.plan({ ...input, serviceName: "com.amazonaws.eu-central-1.kms" }).replaces).toEqual([
      "serviceName",
    ]);
    const other = (await on.create("ec2.Subnet", { vpcId, cidrBlock: "10.9.2.0/24" })).id;
    await endpoint.update({ ...input, subnetIds: [other] });
    expect(endpoint.state.subnetIds).toEqual([other]);
    expect(await endpoint.drift()).toEqual([]);
    await endpoint.delete();
  });

  test("LogGroup and FlowLog", async () => {
    const input = { name: "/aws/vpc/flow-logs/one", retentionInDays: 30, kmsKeyId: "arn:aws:kms:r:1:key/k" };
    const group = await on.create("cloudwatch.LogGroup", { ...input, tags: { a: "1" } });
    expect(group.state).toMatchObject({
      ...input,
      arn: "arn:aws:logs:eu-central-1:000000000000:log-group:/aws/vpc/flow-logs/one",
      logGroupClass: "STANDARD",
      tagsAll: { a: "1" },
    });
    expect(await group.drift()).toEqual([]);
    expect(group.failures({ ...input, retentionInDays: 31 })[0]?.reason).toContain("expected retention_in_days");
    await group.update({ ...input, retentionInDays: 60, tags: { b: "2" } });
    expect(group.state).toMatchObject({ retentionInDays: 60, tagsAll: { b: "2" } });
    await new CloudWatchLogsClient({}).send(
      new PutRetentionPolicyCommand({ logGroupName: input.name, retentionInDays: 1 }),
    );
    expect(await group.drift()).toEqual(["retentionInDays"]);
    expect(group.plan({ ...input, name: "other" }).replaces).toEqual(["name"]);

    const flow = { vpcId, trafficType: "ALL", logDestination: group.state.arn as string, iamRoleArn: "arn:role" };
    const log = await on.create("ec2.FlowLog", { ...flow, tags: { a: "1" } });
    expect(log.state).toMatchObject({ logDestinationType: "cloud-watch-logs", maxAggregationInterval: 600 });
    expect(await log.drift()).toEqual([]);
    expect(log.plan({ ...flow, trafficType: "REJECT" }).replaces).toEqual(["trafficType"]);
    await log.update({ ...flow, tags: { a: "2" } });
    expect(log.state.tagsAll).toEqual({ a: "2" });
    expect(log.failures({ ...flow, subnetId })[0]?.reason).toContain("one of subnetId,vpcId must be specified");
    await log.delete();
    await group.delete();
  });

  test("getVpc, getSubnet, getRouteTables and getRouteTable", async () => {
    expect(await on.call("aws:ec2/getVpc:getVpc", { id: vpcId })).toMatchObject({
      cidrBlock: "10.9.0.0/16",
      tags: { Name: "looked up" },
    });
    expect(await on.call("aws:ec2/getSubnet:getSubnet", { id: subnetId })).toMatchObject({ vpcId });
    const routes = [{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-1" }];
    const table = await on.create("ec2.RouteTable", { vpcId, routes });
    await ec2.send(new AssociateRouteTableCommand({ SubnetId: subnetId, RouteTableId: table.id }));
    const bySubnet = { vpcId, filters: [{ name: "association.subnet-id", values: [subnetId] }] };
    expect((await on.call("aws:ec2/getRouteTables:getRouteTables", bySubnet)).ids).toEqual([table.id]);
    const main = { vpcId, filters: [{ name: "association.main", values: ["true"] }] };
    expect((await on.call("aws:ec2/getRouteTables:getRouteTables", main)).ids).toHaveLength(1);
    const { routes: found } = await on.call("aws:ec2/getRouteTable:getRouteTable", { routeTableId: table.id });
    expect(found).toMatchObject([{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-1", natGatewayId: "" }]);
    await expect(on.call("aws:ec2/getVpc:getVpc", { id: "vpc-0a1b2c3d" })).rejects.toThrowError();
  });
});
