import { output } from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { AdminAccess } from "../../components/admin-access/admin-access";
import { explainEnding, Forwarding, sessionArguments } from "../../lib/port-forwarding-session";
import { among, record, Registered } from "../support/mocks";

let all: Registered[];
let opened: Forwarding[];
let connection: unknown[];

function program(open: (forwarding: Forwarding) => Promise<void>): Promise<void> {
  const access = new AdminAccess("shop-test", {
    vpcId: output("vpc"),
    subnetId: output("subnet-isolated"),
    databaseSecurityGroupId: output("sg-database"),
    endpointSecurityGroupId: output("sg-endpoints"),
    databasePort: 6543,
    database: { host: output("db.internal"), port: output(6543) },
    diskKeyArn: output("arn:disk"),
    logsKeyArn: output("arn:logs"),
    logRetentionDays: 400,
    localPort: 15432,
    tags: { Environment: "test" },
    open,
  });
  return new Promise((known) => {
    output(access.connection).apply(({ host, port, sslmode }) => known(void connection.push(host, port, sslmode)));
  });
}

async function run(options = {}): Promise<void> {
  opened = [];
  connection = [];
  let known: Promise<void> | undefined;
  const open = (forwarding: Forwarding) => Promise.resolve(void opened.push(forwarding));
  all = await record(() => (known = program(open)), options);
  await known;
}

const { ofType, one } = among(() => all);

describe("the host for administration", () => {
  beforeAll(() => run());

  it("can be reached by nobody: no ingress, no public address, no key pair", () => {
    const group = one("aws:ec2/securityGroup:SecurityGroup");
    expect([group.inputs.ingress, group.inputs.egress]).toEqual([undefined, undefined]);
    const ingress = ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    expect(ingress.map(({ inputs }) => inputs.securityGroupId)).not.toContain(`${group.name}-id`);
    const { inputs } = one("aws:ec2/instance:Instance");
    expect(inputs).toMatchObject({ associatePublicIpAddress: false, subnetId: "subnet-isolated" });
    expect(inputs.keyName).toBeUndefined();
    expect(inputs.userData).toBeUndefined();
    expect(inputs.vpcSecurityGroupIds).toEqual(["shop-test-admin-id"]);
  });

  it("reaches the database on its port and the endpoints on 443, and nothing else", () => {
    const rules = (type: string) =>
      ofType(type)
        .map(({ inputs }) => inputs)
        .map((rule) => [
          rule.securityGroupId,
          rule.referencedSecurityGroupId,
          rule.ipProtocol,
          rule.fromPort,
          rule.toPort,
          rule.cidrIpv4,
        ]);
    expect(rules("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")).toEqual([
      ["shop-test-admin-id", "sg-database", "tcp", 6543, 6543, undefined],
      ["shop-test-admin-id", "sg-endpoints", "tcp", 443, 443, undefined],
    ]);
    expect(rules("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")).toEqual([
      ["sg-database", "shop-test-admin-id", "tcp", 6543, 6543, undefined],
      ["sg-endpoints", "shop-test-admin-id", "tcp", 443, 443, undefined],
    ]);
  });

  it("wants tokens for its metadata, and encrypts its disk with the stack's key", () => {
    expect(one("aws:ec2/instance:Instance").inputs).toMatchObject({
      metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
      rootBlockDevice: { encrypted: true, kmsKeyId: "arn:disk" },
      instanceType: "t4g.nano",
    });
  });

  it("takes the newest image when it is made, and keeps it", () => {
    const host = one("aws:ec2/instance:Instance");
    expect(host.inputs.ami).toBe("ami-newest");
    expect(host.ignoreChanges).toEqual(["ami"]);
  });

  it("is made after, and destroyed before, whatever its sessions need", () => {
    expect(one("aws:ec2/instance:Instance").dependencies.map((urn) => urn.split("::").at(-1))).toEqual(
      expect.arrayContaining([
        "shop-test-admin-to-database",
        "shop-test-database-from-admin",
        "shop-test-admin-to-endpoints",
        "shop-test-endpoints-from-admin",
        "shop-test-admin",
        "shop-test-admin-sessions",
      ]),
    );
  });

  it("may be managed and may write its sessions, no more", () => {
    expect(one("aws:iam/rolePolicyAttachment:RolePolicyAttachment").inputs.policyArn).toBe(
      "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
    );
    const { Statement } = JSON.parse(one("aws:iam/rolePolicy:RolePolicy").inputs.policy as string) as {
      Statement: { Effect: string; Action: string | string[]; Resource: string | string[] }[];
    };
    const logs = "arn:aws:logs:eu-central-1:123456789012:log-group:";
    expect(Statement.map(({ Effect, Action, Resource }) => [Effect, Action, Resource])).toEqual([
      [
        "Allow",
        ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        [`${logs}/shop/sessions`, `${logs}/shop/sessions:*`],
      ],
      ["Allow", "logs:DescribeLogGroups", `${logs}*`],
    ]);
    const { Statement: trust } = JSON.parse(one("aws:iam/role:Role").inputs.assumeRolePolicy as string) as {
      Statement: unknown;
    };
    expect(trust).toEqual([{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }]);
  });

  it("logs shell sessions into an encrypted group, and will not start one that cannot be logged so", () => {
    expect(one("aws:cloudwatch/logGroup:LogGroup").inputs).toMatchObject({
      kmsKeyId: "arn:logs",
      retentionInDays: 400,
    });
    const { documentType, content } = one("aws:ssm/document:Document").inputs;
    expect(documentType).toBe("Session");
    expect(JSON.parse(content as string)).toMatchObject({
      sessionType: "Standard_Stream",
      inputs: {
        cloudWatchLogGroupName: "/shop-test/admin-sessions",
        cloudWatchEncryptionEnabled: true,
        cloudWatchStreamingEnabled: true,
        idleSessionTimeout: "15",
      },
    });
  });

  it("opens one session in an update, and tells the way through it", () => {
    expect(opened).toEqual([
      {
        instanceId: "shop-test-admin-id",
        region: "eu-central-1",
        host: "db.internal",
        port: 6543,
        localPort: 15432,
        profile: undefined,
      },
    ]);
    expect(connection).toEqual(["127.0.0.1", 15432, "verify-ca"]);
  });

  it("opens nothing in a preview, which sees the same connection", async () => {
    await run({ preview: true });
    expect(opened).toEqual([]);
    expect(connection).toEqual(["127.0.0.1", 15432, "verify-ca"]);
  });
});

describe("a session", () => {
  const forwarding = { instanceId: "i-1", region: "eu-central-1", host: "db", port: 5432, localPort: 15432 };

  it("takes the provider's profile along", () => {
    expect(sessionArguments(forwarding).join(" ")).toBe(
      "ssm start-session --target i-1 --document-name AWS-StartPortForwardingSessionToRemoteHost " +
        '--parameters {"host":["db"],"portNumber":["5432"],"localPortNumber":["15432"]} --region eu-central-1',
    );
    expect(sessionArguments({ ...forwarding, profile: "shop" }).slice(-2)).toEqual(["--profile", "shop"]);
  });

  it.each([
    ["An error occurred (TargetNotConnected) when calling the StartSession operation: i-1 is not connected.", "host"],
    ["An error occurred (AccessDeniedException) when calling the StartSession operation: User: x", "final"],
    ["User: x is not authorized to perform: ssm:StartSession", "final"],
    ["SessionManagerPlugin is not found. Please refer to SessionManager Documentation", "final"],
    ["Unable to locate credentials. You can configure credentials by running aws configure", "final"],
    ["An error occurred (ExpiredTokenException) when calling the StartSession operation", "final"],
    ["An error occurred (ThrottlingException) when calling the StartSession operation: Rate exceeded", "passing"],
    ["", "passing"],
  ])("that ends with %j is %s", (said, kind) => {
    const ending = explainEnding(said, { code: 254 }, forwarding);
    expect(ending.kind).toBe(kind);
    expect(ending.text).not.toContain("undefined");
  });
});
