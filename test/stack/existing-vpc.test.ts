import {
  CreateRouteCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { DescribeDBSubnetGroupsCommand, RDSClient } from "@aws-sdk/client-rds";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../platform/shared/ports";
import { ExistingVpc, makeVpc } from "../support/existing-vpc";
import { LocalStack } from "../support/local-stack";
import { SessionManager } from "../support/session-manager";

/** A stack in a VPC that is somebody else's: nothing of it may be made, changed or deleted. */
describe("an existing VPC", () => {
  let stack: LocalStack;
  let sessions: SessionManager;
  let vpc: ExistingVpc;
  let other: ExistingVpc;
  const ec2 = () => new EC2Client({});

  beforeAll(async () => {
    sessions = await SessionManager.start();
    sessions.behave({});
    stack = await LocalStack.open("adopted");
    vpc = await makeVpc("10.40");
    other = await makeVpc("10.41");
  });
  afterAll(async () => {
    await stack.close();
    sessions.stop();
  });

  const inVpc = (databaseSubnetIds: string[], more = {}) =>
    stack.configure({}, { network: { vpcId: vpc.vpcId, databaseSubnetIds }, ...more });
  /** What a person reads; an update must not have begun. */
  const refusal = async () => {
    const { code, stdout } = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(code).not.toBe(0);
    expect(stdout).not.toMatch(/ (aws|random|postgresql):\S/);
    return /Diagnostics:[^]*?error: (network\.[^]*?)\n\n/.exec(stdout)?.[1]?.split(/\n\s*/);
  };
  const leadsOutside = (subnetId: string) =>
    `network.databaseSubnetIds: ${subnetId} has a route to the internet gateway ${vpc.internetGatewayId}; ` +
    "name private subnets, or take the route out of its table";
  const subnetsNow = async () => {
    const { Subnets = [] } = await ec2().send(new DescribeSubnetsCommand({}));
    return Subnets.filter(({ VpcId }) => VpcId === vpc.vpcId).map(({ SubnetId }) => SubnetId);
  };
  const ingressOfEndpoints = async () => {
    const GroupIds = [vpc.endpointSecurityGroupId];
    const { SecurityGroups } = await ec2().send(new DescribeSecurityGroupsCommand({ GroupIds }));
    return SecurityGroups?.[0]?.IpPermissions ?? [];
  };

  it("is refused before anything is made, when a subnet leads outside or belongs to another VPC", async () => {
    const foreign = other.privateSubnetIds[0] as string;
    // One without a table of its own follows the VPC's main table.
    const { RouteTables = [] } = await ec2().send(new DescribeRouteTablesCommand({}));
    const main = RouteTables.find(
      ({ VpcId, Associations = [] }) => VpcId === vpc.vpcId && Associations.some(({ Main }) => Main),
    );
    const route = { GatewayId: vpc.internetGatewayId, DestinationCidrBlock: "0.0.0.0/0" };
    await ec2().send(new CreateRouteCommand({ RouteTableId: main?.RouteTableId, ...route }));
    await inVpc([vpc.publicSubnetId, foreign, vpc.plainSubnetId]);
    expect((await refusal())?.sort()).toEqual(
      [
        leadsOutside(vpc.publicSubnetId),
        leadsOutside(vpc.plainSubnetId),
        `network.databaseSubnetIds: ${foreign} belongs to ${other.vpcId}, not to network.vpcId ${vpc.vpcId}; ` +
          "name subnets of one VPC",
      ].sort(),
    );
  });

  it("gets nothing but security groups", async () => {
    await inVpc(vpc.privateSubnetIds);
    const { steps } = await stack.preview();
    const types = steps.map(({ urn }) => urn.split("::")[2]?.split("$").pop() ?? "");
    expect([...new Set(types.filter((type) => /^aws:(ec2|vpc)\//.test(type)))].sort()).toEqual([
      "aws:ec2/securityGroup:SecurityGroup",
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ]);
  });

  it("is built in, and can have the admin host too, with the endpoints that are there", async () => {
    await stack.configure(
      {},
      {
        network: {
          vpcId: vpc.vpcId,
          databaseSubnetIds: vpc.privateSubnetIds,
          endpointSecurityGroupId: vpc.endpointSecurityGroupId,
        },
        access: { mode: "ssm", localPort: await freePort() },
      },
    );
    await stack.up();
    expect((await ingressOfEndpoints()).map(({ FromPort, ToPort }) => [FromPort, ToPort])).toEqual([[443, 443]]);
    expect(sessions.calls().length).toBeGreaterThan(0);
    const { DBSubnetGroups = [] } = await new RDSClient({}).send(
      new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: "markenmate-adopted" }),
    );
    expect(DBSubnetGroups[0]?.Subnets?.map(({ SubnetIdentifier }) => SubnetIdentifier)).toEqual(vpc.privateSubnetIds);
    const { rows } = await stack.as("app", (client) => client.query("SELECT session_user"));
    expect(rows).toEqual([{ session_user: "markenmate_app" }]);
  });

  it("can give the host up again, and is left as it was", async () => {
    const before = await subnetsNow();
    await inVpc(vpc.privateSubnetIds);
    await stack.up();
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
    await stack.succeed("destroy", "--yes", "--skip-preview");
    expect(await subnetsNow()).toEqual(before);
    expect(await ingressOfEndpoints()).toEqual([]);
    const left = await stack.leftovers();
    expect(left.sort()).toEqual(
      [
        ...[vpc, other].map(({ vpcId }) => `VPC: ${vpcId}`),
        ...["security group: endpoints", "security group: endpoints"],
      ].sort(),
    );
  });
});
