import { rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TOOLS_DIR } from "../shared/paths";
import { aws } from "../providers/aws";
import { LocalRds, startLocalRds } from "../rds/front";
import { REGION, useAwsProvider } from "../../test/support/aws-provider";
import { temporaryFolder, ToyEngine } from "../../test/support/engine";

/** A host without a bastion and the notices of a database, as a program writes them: documents as objects, a role as itself. */
const PROGRAM = `
  const aws = require("@pulumi/aws");
  const vpc = new aws.ec2.Vpc("vpc", { cidrBlock: "10.0.0.0/16" });
  const subnet = new aws.ec2.Subnet("subnet", { vpcId: vpc.id, cidrBlock: "10.0.1.0/24" });
  const group = new aws.ec2.SecurityGroup("group", { vpcId: vpc.id });
  const key = new aws.kms.Key("key", {});
  const role = new aws.iam.Role("host", {
    namePrefix: "host-",
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" }),
  });
  const policyArn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
  new aws.iam.RolePolicyAttachment("core", { role, policyArn });
  const Statement = [{ Effect: "Allow", Action: "kms:Decrypt", Resource: key.arn }];
  new aws.iam.RolePolicy("sessions", { role: role.id, policy: { Version: "2012-10-17", Statement } });
  const profile = new aws.iam.InstanceProfile("host", { role });
  const name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";
  const host = new aws.ec2.Instance("host", {
    ami: aws.ssm.getParameterOutput({ name }).value,
    instanceType: "t4g.nano",
    subnetId: subnet.id,
    vpcSecurityGroupIds: [group.id],
    iamInstanceProfile: profile,
    associatePublicIpAddress: false,
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    rootBlockDevice: { encrypted: true, kmsKeyId: key.arn, volumeType: "gp3", volumeSize: 10, tags: { Name: "root" } },
    userData: process.env.USER_DATA,
    userDataReplaceOnChange: true,
    tags: { Name: "host" },
  });
  const content = JSON.stringify({ schemaVersion: "1.0", sessionType: "Port", inputs: {} });
  new aws.ssm.Document("session", { documentType: "Session", content });
  const topic = new aws.sns.Topic("notices", { kmsMasterKeyId: key.id });
  const Publish = { Effect: "Allow", Principal: { Service: "events.rds.amazonaws.com" }, Action: "sns:Publish" };
  new aws.sns.TopicPolicy("notices", {
    arn: topic.arn,
    policy: { Version: "2012-10-17", Statement: [{ ...Publish, Resource: topic.arn }] },
  });
  new aws.sns.TopicSubscription("team", { topic, protocol: "email", endpoint: "team@example.com" });
  const eventCategories = ["failure", "availability"];
  new aws.rds.EventSubscription("notices", { snsTopic: topic.arn, sourceType: "db-instance", eventCategories });
  exports.host = host.id;
`;

describe("the local aws provider under a real engine", () => {
  useAwsProvider();
  let dir: string;
  let front: LocalRds;
  let engine: ToyEngine;
  beforeAll(async () => {
    dir = await temporaryFolder("aws-engine");
    front = await startLocalRds({
      ...{ dataDir: path.join(dir, "rds"), tlsDir: path.join(dir, "tls"), toolsDir: TOOLS_DIR, region: REGION },
      emulatorUrl: process.env.AWS_ENDPOINT_URL as string,
      log: () => undefined,
    });
    process.env.AWS_ENDPOINT_URL_RDS = front.url;
    engine = await ToyEngine.start(aws);
  });
  afterAll(async () => {
    await engine.close();
    await front.close();
    await rm(dir, { recursive: true, force: true });
  });

  const run = (userData: string) => engine.program(PROGRAM.replace("process.env.USER_DATA", JSON.stringify(userData)));

  test("a host and its notices go up, stay quiet, change and come down", async () => {
    await run("#!/bin/sh\necho first");
    expect(await engine.up()).toContain("+ 15 created");
    expect(await engine.up("--expect-no-changes")).toContain("15 unchanged");
    // What it leaves as it is leaves no more to an update.
    expect(await engine.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes")).toContain("15 unchanged");

    const host = await engine.succeed("stack", "output", "host");
    await run("#!/bin/sh\necho second");
    expect(await engine.up()).toMatch(/\+-1 replaced|1 replaced/);
    expect(await engine.succeed("stack", "output", "host")).not.toBe(host);
    expect(await engine.succeed("destroy", "--yes", "--skip-preview")).toContain("- 15 deleted");
  });
});
