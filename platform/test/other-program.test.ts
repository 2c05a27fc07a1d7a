import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { runFolder } from "../../test/support/run-folder";
import { Platform, removePlatform } from "../host/platform";

/** A program that knows nothing of the one that the platform was made for, and has nothing in common with it. */

const STACK = "try";
let dir: string;
let platform: Platform;
const caFile = () => path.join(dir, "tls", "ca.pem");

async function pulumi(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await platform.capture([...args, "--stack", STACK, "--non-interactive"]);
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(runFolder(), "other-program-"));
  platform = await Platform.open({ dir, program: path.join(__dirname, "other-program") });
  await platform.useStack(STACK, { "aws:region": "eu-central-1", "notes:caFile": caFile() });
});
afterAll(async () => {
  await platform?.close();
  await removePlatform(dir);
});

it("comes up: its role logs in to its database by its secret, over TLS", async () => {
  await pulumi("up", "--yes", "--skip-preview");
  const { bucketName, secretArn } = (await platform.project.outputs(STACK)) as {
    bucketName: string;
    secretArn: string;
  };

  await new S3Client({}).send(new HeadBucketCommand({ Bucket: bucketName }));
  const { SecretString } = await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: secretArn }));
  const client = new Client({ connectionString: SecretString as string, ssl: { ca: readFileSync(caFile(), "utf8") } });
  await client.connect();
  const { rows } = await client.query(
    "SELECT session_user, current_database(), ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
  );
  await client.end();
  expect(rows).toEqual([{ session_user: "writer", current_database: "notes", ssl: true }]);
});

it("changes nothing the second time, with a refresh neither, and goes without a trace", async () => {
  await pulumi("up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes");
  await pulumi("destroy", "--yes", "--skip-preview");
  await expect(
    new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: "notes-writer" })),
  ).rejects.toThrow(/marked (as|for) delet/);
  expect(await platform.project.outputs(STACK)).toBeUndefined();
});
