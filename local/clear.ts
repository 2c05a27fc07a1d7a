import { readFile } from "node:fs/promises";
import path from "node:path";
import { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client, escapeIdentifier } from "pg";
import { Outputs } from "./outputs";
import { TRUSTED_OPTIONS } from "../lib/search-path";
import { ROOT } from "../platform/shared/paths";

/**
 * Takes away what people have added to a local stack and `pulumi destroy` stops at: backups in the bucket, and databases that
 * were restored beside the stack's own, in which its roles have rights. Right for AWS; in the way where all is to go.
 */
export async function clear(outputs: Outputs): Promise<void> {
  await emptyBucket(outputs.backupBucket);
  await dropOtherDatabases(outputs);
}

/** Older versions, too. */
async function emptyBucket(Bucket: string): Promise<void> {
  const s3 = new S3Client({ forcePathStyle: true });
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) {
      return;
    }
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects }, BypassGovernanceRetention: true }),
    );
    if (Errors.length > 0) {
      return; // what is locked for good: `pulumi destroy` says so
    }
  }
}

async function dropOtherDatabases({
  masterSecretArn,
  databaseHost,
  databasePort,
  databaseName,
  databaseCaFile,
}: Outputs) {
  const { SecretString = "" } = await new SecretsManagerClient({}).send(
    new GetSecretValueCommand({ SecretId: masterSecretArn }),
  );
  const { username: user, password } = JSON.parse(SecretString) as { username: string; password: string };
  const ca = await readFile(path.resolve(ROOT, databaseCaFile), "utf8");
  const client = new Client({
    host: databaseHost,
    port: databasePort,
    database: databaseName,
    user,
    password,
    options: TRUSTED_OPTIONS,
    ssl: { ca },
  });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "SELECT datname AS name FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', current_database())",
    );
    for (const { name } of rows) {
      await client.query(`DROP DATABASE ${escapeIdentifier(name)} WITH (FORCE)`);
    }
  } finally {
    await client.end();
  }
}
