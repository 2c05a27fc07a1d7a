import { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import { Client, escapeIdentifier } from "pg";
import { OpsError } from "../shared/errors";
import { differences } from "./compare";
import { BackupsConfig } from "../../model/outputs/backups";
import { withClient } from "../shared/connection";
import { prepareReading, readContents, readRoles } from "./contents";
import { Manifest } from "./manifest";
import { BackupName } from "./naming";
import { pgRestore } from "./pg-restore";
import { findProgram } from "./postgresql-programs";
import { makeRoles } from "./restored-roles";
import { ScratchServer } from "./scratch-server";
import { BackupStore, Stored } from "./store";

export interface RestoreStatus {
  read: number;
  size: number;
  doing: string;
}

export interface VerifyOptions {
  config: BackupsConfig;
  credentials?: AwsCredentialIdentityProvider;
  /** When it was taken; left out, the newest. */
  takenAt?: string;
  signal: AbortSignal;
  status: RestoreStatus;
}

/** Milliseconds that a validation query may take. */
const VALIDATION_TIMEOUT = 600_000;

/** The named backup, or the newest. */
export async function findBackup(store: BackupStore, database: string, takenAt?: string): Promise<BackupName> {
  const backups = await store.list(database);
  const found = takenAt ? backups.find((name) => name.takenAt === takenAt) : backups[0];
  if (!found) {
    const newest = backups.slice(0, 5).map((name) => name.takenAt);
    const others = newest.length > 0 ? `; the newest are ${newest.join(", ")}` : "";
    throw new OpsError(
      takenAt ? `There is no backup ${takenAt} of ${database}${others}` : `There is no backup of ${database}`,
    );
  }
  return found;
}

/** What is wrong with a manifest before anything is restored. */
export function manifestProblems(manifest: Manifest, name: BackupName): string[] {
  const { takenAt, database, contents } = manifest;
  return [
    ...(takenAt !== name.takenAt || database.name !== name.database
      ? [`its manifest is one of ${database.name} at ${takenAt}`]
      : []),
    ...(contents.tables.length === 0 ? ["it is empty: there is no table in it"] : []),
  ];
}

/** Refuses a dump that is not, byte for byte, the one that the manifest was written beside. */
export function checkDigest({ dump }: Manifest, stored: Stored): void {
  if (stored.size !== dump.size || stored.sha256 !== dump.sha256) {
    throw new OpsError(
      `the dump in the bucket is not the one of the manifest: ${stored.size} bytes instead of ${dump.size}`,
    );
  }
}

async function failedValidations(client: Client, validations: string[]): Promise<string[]> {
  const failed: string[] = [];
  await client.query("RESET ALL");
  // As whoever wrote them tries them: names without a schema are the application's.
  await client.query('SET search_path = "$user", public');
  await client.query(`SET statement_timeout = ${VALIDATION_TIMEOUT}`);
  for (const query of validations) {
    await client.query("BEGIN READ ONLY");
    const answer = await client.query<unknown[]>({ text: query, rowMode: "array" }).then(
      ({ rows }) => (rows.length === 1 ? JSON.stringify(rows[0]?.[0]) : `${rows.length} rows`),
      (error: Error) => error.message,
    );
    await client.query("ROLLBACK");
    if (answer !== "true") {
      failed.push(`the query of the settings \`${query}\` gives ${answer} instead of true`);
    }
  }
  return failed;
}

async function restoreAndCompare(store: BackupStore, name: BackupName, manifest: Manifest, options: VerifyOptions) {
  const { config, signal, status } = options;
  const { majorVersion } = manifest.server;
  const program = await findProgram("pg_restore", majorVersion);
  status.doing = "starting a server";
  const server = await ScratchServer.start(
    majorVersion,
    manifest.contents.extensions.map((extension) => extension.name),
  );
  try {
    await withClient(server.connection("postgres"), async (client) => {
      await makeRoles(client, manifest);
      await client.query(
        `CREATE DATABASE ${escapeIdentifier(name.database)} TEMPLATE template0 ENCODING '${manifest.database.encoding}'`,
      );
    });
    const connection = server.connection(name.database);
    const { stream, stored } = await store.getDump(name, (read) => (status.read = read));
    const onItem = (item: string) => (status.doing = `restoring ${item}`);
    const check = () => checkDigest(manifest, stored());
    await pgRestore({ program, connection, dump: stream, check, signal, onItem });
    return await withClient(connection, async (client) => {
      await prepareReading(client);
      const onTable = (table: string) => (status.doing = `comparing ${table}`);
      const contents = await readContents(client, { onTable, signal });
      const roles = new Set((await readRoles(client)).map((role) => role.name));
      return [
        ...differences(manifest.contents, contents),
        ...manifest.roles.filter((role) => !roles.has(role.name)).map((role) => `role ${role.name} is missing`),
        ...(await failedValidations(client, config.validations)),
      ];
    });
  } finally {
    await server.remove();
  }
}

/** Restores a backup into a server of its own and says what is not as it was; nothing of it stays. */
export async function verify(
  options: VerifyOptions,
): Promise<{ name: BackupName; manifest?: Manifest; problems: string[] }> {
  const { config, credentials, takenAt, signal, status } = options;
  const store = new BackupStore(config, credentials);
  const name = await findBackup(store, config.database, takenAt);
  let manifest: Manifest;
  try {
    manifest = await store.getManifest(name);
  } catch (error) {
    return { name, problems: [`its manifest cannot be read: ${(error as Error).message}`] };
  }
  status.size = manifest.dump.size;
  try {
    const early = manifestProblems(manifest, name);
    const problems = early.length > 0 ? early : await restoreAndCompare(store, name, manifest, options);
    return { name, manifest, problems };
  } catch (error) {
    signal.throwIfAborted();
    return { name, manifest, problems: [(error as Error).message] };
  }
}
