import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { CheckConfig, checkConfig } from "../../model/outputs/check";
import { asRole, assume, readable, s3As } from "../support/iam";
import { LocalStack } from "../support/local-stack";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { KMSClient, DisableKeyCommand } from "@aws-sdk/client-kms";
import { ModifyDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";

/** ops/check as people and pipelines call it, and the role that it has in AWS. */
let stack: LocalStack;
let config: CheckConfig;

async function ops(args: string[], changes: NodeJS.ProcessEnv = {}) {
  const { cwd, env } = await stack.platform.forCommands();
  return capture(path.join(ROOT, "ops", "check"), args, { cwd, env: { ...env, ...changes } });
}
const check = (...args: string[]) => ops(["--stack", stack.name, ...args]);

beforeAll(async () => {
  stack = await LocalStack.prepared(
    {},
    {
      access: { deployers: ["deploy"], readers: { monitor: ["nightly"] } },
    },
  );
  config = checkConfig.parse((await stack.outputs()).check);
});
afterAll(() => stack.close());

interface Told {
  result: string;
  message: string;
  checks: { check: string; status: string }[];
  findings: { check: string; subject: string; cure: string }[];
}

describe("ops/check", () => {
  /** Nobody of these tests is a deployer: a role of that name takes the checker's on. */
  const asDeployer = async (args: string[]) => {
    const credentials = await asRole({ name: "deploy" }, (own) => assume(config.checkerArn as string, own));
    const { checkerArn: _, ...own } = config;
    return ops(args, {
      CHECK: JSON.stringify(own),
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    });
  };

  it("says that all is well, for people and for programs, and writes a page that loads nothing", async () => {
    const page = path.join(stack.platform.dir, "check.html");
    const { code, stdout, stderr } = await asDeployer(["--json", "--html", page]);
    expect([code, stderr], stderr).toEqual([0, expect.stringContaining(`markenmate-${stack.name}: no finding`)]);
    const told = JSON.parse(stdout) as Told;
    expect(told).toMatchObject({ result: "clean", findings: [] });
    expect(told.checks.filter(({ status }) => status === "passed").length).toBeGreaterThan(20);
    const html = await readFile(page, "utf8");
    expect(html).toContain("The access matrix: 5 roles, 16 rights, all as they should be");
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:/);
    const { password } = await stack.secret(config.secretArn);
    expect([stdout, stderr, html].some((text) => text.includes(password))).toBe(false);
  });

  it("tells findings by its exit code, with subject and cure", async () => {
    await stack.as("migrate", (client) => client.query("CREATE TABLE leaky (id int); GRANT SELECT ON leaky TO PUBLIC"));
    const { code, stdout, stderr } = await asDeployer(["--json"]);
    expect(code).toBe(1);
    const told = JSON.parse(stdout) as Told;
    expect(told).toMatchObject({ result: "findings", message: expect.stringContaining("1 finding") as string });
    expect(told.findings).toEqual([
      expect.objectContaining({
        check: "public",
        subject: "table public.leaky",
        cure: "REVOKE SELECT ON TABLE public.leaky FROM PUBLIC",
      }),
    ]);
    expect(stderr).toMatch(/found +SELECT\n +expected +nothing\n +cure +REVOKE SELECT/);
    await stack.as("migrate", (client) => client.query("DROP TABLE leaky"));
  });

  it("does not take it for a finding when it cannot look", async () => {
    const away = await asDeployer(["--forwarded-port", "1"]);
    expect([away.code, away.stderr]).toEqual([3, expect.stringContaining("ECONNREFUSED")]);
    const nobody = await check();
    expect([nobody.code, nobody.stderr]).toEqual([3, expect.stringContaining("AccessDenied")]);
    const unnamed = await ops([]);
    expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining("Name the Pulumi stack with --stack")]);
    const wrong = await ops([], { CHECK: "{}" });
    expect(wrong.code).toBe(3);
  });
});

describe("the role for looking", () => {
  const taken = (name: string) =>
    asRole({ name }, (own) => assume(config.checkerArn as string, own).catch((error: Error) => error.name));

  it("is taken on by deployers and by whoever monitors, and by nobody else", async () => {
    expect(await taken("deploy")).toHaveProperty("accessKeyId");
    expect(await taken("nightly")).toHaveProperty("accessKeyId");
    expect(await taken("somebody")).toBe("AccessDenied");
  });

  it("reads one login, and changes nothing", async () => {
    const credentials = await asRole({ name: "nightly" }, (own) => assume(config.checkerArn as string, own));
    const { secretArns, masterSecretArn } = await stack.outputs();
    expect(await readable(credentials, { ...secretArns, master: masterSecretArn })).toEqual(["monitor"]);
    const s3 = s3As(credentials);
    const object = { Bucket: config.aws.bucket, Key: "dumps/x" };
    for (const attempt of [
      () => s3.send(new GetObjectCommand(object)),
      () => s3.send(new PutObjectCommand({ ...object, Body: "x" })),
      () => new KMSClient({ credentials }).send(new DisableKeyCommand({ KeyId: config.aws.keyArns.backups })),
      () =>
        new RDSClient({ credentials }).send(
          new ModifyDBInstanceCommand({ DBInstanceIdentifier: config.aws.instanceIdentifier, MultiAZ: true }),
        ),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ name: expect.stringMatching(/AccessDenied/) as string });
    }
  });
});
