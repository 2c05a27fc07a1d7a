import { setTimeout as wait } from "node:timers/promises";
import { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import { Client } from "pg";
import { OpsError, Refusal } from "../shared/errors";
import { BackupsConfig } from "../../model/outputs/backups";
import { completeness } from "./completeness";
import { certificateEnd, Connection, withClient } from "../shared/connection";
import { withConnection } from "../shared/database-login";
import {
  prepareReading,
  readSnapshot,
  readDatabase,
  readRoles,
  readServer,
  relations,
  sequenceValues,
} from "./contents";
import { Manifest } from "./manifest";
import { APPLICATION_NAME, BackupName, encryptionContext, nameAt } from "./naming";
import { pgDump } from "./pg-dump";
import { findProgram } from "./postgresql-programs";
import { BackupStore, Stored } from "./store";

/** How far it is. */
export interface BackupStatus {
  /** Bytes in the bucket, and of the database on its disk, which compresses well or not. */
  written: number;
  databaseSize: number;
  dumping?: string;
  checking?: string;
  /** When the certificate ends that the server showed. */
  certificateEnds?: Date;
}

export interface BackupOptions {
  config: BackupsConfig;
  credentials?: AwsCredentialIdentityProvider;
  /** Port of this machine that is forwarded to the database. */
  forwardedPort?: number;
  signal: AbortSignal;
  status: BackupStatus;
  now?: Date;
}

export interface Backup {
  name: BackupName;
  stored: Stored;
  manifest: Manifest;
}

/** Milliseconds that a table may be locked by a migration before the backup gives up. */
const LOCK_TIMEOUT = 300_000;
const ATTEMPTS = 3;

/**
 * A snapshot in which nothing is missing, held by `client` until its transaction ends. Tables are locked before the snapshot
 * is taken: a rewriting ALTER TABLE in between would leave them empty to it (PostgreSQL: "Caveats" of "Concurrency Control").
 */
async function openSnapshot(client: Client): Promise<{ id: string; throughPolicies: boolean }> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const readable = await completeness(client);
    if (readable.problems.length > 0) {
      throw new Refusal(`The backup would not be complete, so none is made:\n  ${readable.problems.join("\n  ")}`);
    }
    const tablesNow = async () =>
      (await relations(client)).filter(({ kind }) => kind !== "sequence").map(({ name }) => name);
    const tables = await tablesNow();
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT}`);
    if (tables.length > 0) {
      await client.query(`LOCK TABLE ${tables.map((name) => `ONLY ${name}`).join(", ")} IN ACCESS SHARE MODE`);
    }
    const { rows } = await client.query<{ id: string }>("SELECT pg_export_snapshot() AS id");
    // Locked, no policy can change any more: what is found now holds for the dump.
    const { problems, throughPolicies } = await completeness(client);
    if (problems.length === 0 && (await tablesNow()).join() === tables.join()) {
      return { id: rows[0]?.id ?? "", throughPolicies };
    }
    await client.query("ROLLBACK");
    await wait(1_000);
  }
  throw new OpsError("Tables come and go while the backup begins; run it when no migration runs");
}

async function currentUser(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>("SELECT current_user::text AS name");
  return rows[0]?.name ?? "";
}

async function databaseSize(client: Client): Promise<number> {
  const { rows } = await client.query<{ size: string }>("SELECT pg_database_size(current_database())::text AS size");
  return Number(rows[0]?.size);
}

type Work<Result> = (signal: AbortSignal) => Promise<Result>;

/** Does both at once; when one fails the other ends, too, and the first failure is the one that is told. */
async function together<A, B>(signal: AbortSignal, first: Work<A>, second: Work<B>): Promise<[A, B]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const stopOthers = (error: unknown) => {
    failed.abort(error);
    throw error;
  };
  const both = [first(either).catch(stopOthers), second(either).catch(stopOthers)] as const;
  await Promise.allSettled(both);
  if (either.aborted) {
    throw either.reason;
  }
  return Promise.all(both);
}

async function backUpThrough(client: Client, connection: Connection, options: BackupOptions): Promise<Backup> {
  const { config, credentials, signal, status, now = new Date() } = options;
  const lost = new Promise<never>((_, reject) => client.on("error", reject));
  lost.catch(() => undefined);
  status.certificateEnds = certificateEnd(client);
  const server = await readServer(client);
  const program = await findProgram("pg_dump", server.majorVersion);
  status.databaseSize = await databaseSize(client);
  await prepareReading(client);
  const { id: snapshot, throughPolicies } = await openSnapshot(client);
  const database = await readDatabase(client);
  const name = nameAt(database.name, now);
  const store = new BackupStore(config, credentials);
  // A sequence goes on while the snapshot stands still: pg_dump reads it between these two.
  const before = await sequenceValues(client);
  const [stored, contents] = await together(
    signal,
    (either) => {
      const onTable = (table: string) => (status.dumping = table);
      const onBytes = (written: number) => (status.written = written);
      const source = pgDump({ program, connection, snapshot, throughPolicies, signal: either, onTable });
      return store.putDump(name, source, { expectedBytes: status.databaseSize, signal: either, onBytes });
    },
    (either) => {
      const onTable = (table: string, index: number, count: number) =>
        (status.checking = `${table} (${index + 1} of ${count})`);
      return Promise.race([readSnapshot(client, { onTable, signal: either }), lost]);
    },
  );
  const after = new Map((await sequenceValues(client)).map((sequence) => [sequence.name, sequence.next]));
  const manifest: Manifest = {
    format: 1,
    stack: config.stack,
    takenAt: name.takenAt,
    dumpedBy: await currentUser(client),
    finishedAt: new Date().toISOString(),
    server,
    database,
    dump: { ...stored, encryptionContext: encryptionContext(config.stack, name, "dump") },
    roles: await readRoles(client),
    contents: {
      ...contents,
      sequences: before.map((sequence) => ({
        name: sequence.name,
        before: sequence.next,
        after: after.get(sequence.name) ?? sequence.next,
      })),
    },
  };
  signal.throwIfAborted();
  await store.putManifest(name, manifest);
  return { name, stored, manifest };
}

/** Puts an encrypted dump of the database into the bucket, and its manifest beside it when all of it is there. */
export async function backUp(options: BackupOptions): Promise<Backup> {
  const { credentials, forwardedPort } = options;
  const { secretArn, database: name, caFile } = options.config;
  if (!secretArn) {
    throw new OpsError("secretArn is missing in BACKUPS: the login that dumps is in that secret");
  }
  const login = {
    database: { name },
    secretArn,
    caFile,
    forwardedPort,
    credentials,
    applicationName: APPLICATION_NAME,
  };
  return withConnection(login, (connection) =>
    withClient(connection, (client) => backUpThrough(client, connection, options)),
  );
}
