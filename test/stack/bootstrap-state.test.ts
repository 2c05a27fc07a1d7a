import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTlsFront, TlsFront } from "../../platform/host/tls-front";
import { ensureLocalCa } from "../../platform/rds/certificates";
import { useAwsProvider } from "../support/aws-provider";
import { ACCOUNT, bootstrap, byToken, environmentOf, githubToken, REPOSITORY } from "../support/bootstrapped";
import { temporaryFolder, ToyEngine } from "../support/engine";
import { RoleCredentials } from "../support/iam";
import { ToyService } from "../support/toy-provider";

const BUCKET = `shop-pulumi-state-${ACCOUNT}`;

/** Pulumi's own command with the bucket and the key that ops/bootstrap has made, over TLS, as the roles for GitHub. */
describe("Pulumi's state, in what ops/bootstrap has made", () => {
  useAwsProvider();
  let engine: ToyEngine;
  let front: TlsFront;
  let deploy: RoleCredentials;
  let other: RoleCredentials;
  let preview: RoleCredentials;
  let go: string;
  let tls: string;

  beforeAll(async () => {
    // A stack of the toy project is called toy, and so is its environment.
    const { code, stderr } = await bootstrap(["--application", "shop", "--environment", "toy,other"]);
    expect(code, stderr).toBe(0);
    tls = await temporaryFolder("tls");
    const ca = await ensureLocalCa(tls);
    front = await startTlsFront(process.env.AWS_ENDPOINT_URL as string, ca);
    const query = `region=eu-central-1&endpoint=${front.url}&s3ForcePathStyle=true`;
    engine = await ToyEngine.start(new ToyService().provider(), {
      environment: {
        PULUMI_BACKEND_URL: `s3://${BUCKET}?${query}`,
        PULUMI_CONFIG_PASSPHRASE: undefined,
        AWS_ENDPOINT_URL: front.url,
        AWS_CA_BUNDLE: ca.caFile,
      },
      init: ["--secrets-provider=awskms://alias/shop-pulumi-secrets?region=eu-central-1"],
    });
    go = path.join(engine.dir, "go");
    // It waits while there is a lock to be met.
    await engine.program(`
      const { existsSync } = require("node:fs");
      const until = async () => { while (!existsSync(${JSON.stringify(go)})) await new Promise((wake) => setTimeout(wake, 50)); };
      new Thing("a", { color: "red", label: until().then(() => "a"), password: pulumi.secret("not in clear") });
    `);
    deploy = await byToken("shop-toy-deploy", githubToken(`repo:${REPOSITORY}:environment:toy`));
    other = await byToken("shop-other-deploy", githubToken(`repo:${REPOSITORY}:environment:other`));
    preview = await byToken("shop-preview", githubToken(`repo:${REPOSITORY}:pull_request`));
  });
  afterAll(async () => {
    await engine.close();
    front.close();
    rmSync(tls, { recursive: true, force: true });
  });

  const keys = async () => {
    const { Contents = [] } = await new S3Client({ forcePathStyle: true }).send(
      new ListObjectsV2Command({ Bucket: BUCKET }),
    );
    return Contents.map(({ Key = "" }) => Key);
  };
  const locks = async () => (await keys()).filter((key) => key.startsWith(".pulumi/locks/"));
  const as = (credentials: RoleCredentials, ...args: string[]) =>
    engine.pulumiAs(environmentOf(credentials), ...args, "--stack", "toy");
  const up = ["up", "--yes", "--skip-preview"];

  it("has a stack whose secrets are the key's", () => {
    const file = path.join(engine.dir, "Pulumi.toy.yaml");
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, "utf8")).toMatch(
      /secretsprovider: awskms:\/\/alias\/shop-pulumi-secrets[^]*encryptedkey: \S{50}/,
    );
  });

  it("refuses a second update while one runs, by the lock that lies in the bucket", async () => {
    const first = as(deploy, ...up);
    await expect.poll(locks).toHaveLength(1);
    const second = await as(deploy, ...up);
    expect(second.code).not.toBe(0);
    expect(second.stderr).toContain("the stack is currently locked by 1 lock(s)");
    writeFileSync(go, "");
    expect(await first).toMatchObject({ code: 0 });
    expect(await locks()).toEqual([]);
    expect((await keys()).filter((key) => key === ".pulumi/stacks/toy/toy.json")).toHaveLength(1);
  });

  it("has no secret in clear", async () => {
    const { stdout } = await as(deploy, "stack", "export");
    expect(stdout).toContain('"ciphertext"');
    expect(stdout).not.toContain("not in clear");
  });

  it("is read and not written by previews, which take no lock", async () => {
    expect(await as(preview, "preview", "--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await as(preview, "refresh", "--preview-only")).toMatchObject({ code: 0 });
    const { code, stderr } = await as(preview, ...up);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/AccessDenied.*s3:PutObject/s);
  });

  it("is not written by who deploys another stack", async () => {
    const { code, stderr } = await as(other, ...up);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/AccessDenied.*s3:PutObject/s);
  });
});
