import { Client, escapeIdentifier as quoted, escapeLiteral } from "pg";
import { OpsError, Refusal } from "../shared/errors";
import { differences } from "./compare";
import { Connection, withClient } from "../shared/connection";
import { prepareReading, readContents, readServer } from "./contents";
import { Manifest } from "./manifest";
import { BackupName } from "./naming";
import { pgRestore } from "./pg-restore";
import { findProgram } from "./postgresql-programs";
import { partsOf, rolesNamed } from "./restored-roles";
import { BackupStore } from "./store";
import { checkDigest, manifestProblems, RestoreStatus } from "./verify";

export interface RestoreOptions {
  store: BackupStore;
  name: BackupName;
  /** As the master; every database of the server. */
  server: Connection;
  /** Name of the database to restore into. */
  into: string;
  /** Whether one that has the name already is put aside for it. */
  overwrite: boolean;
  signal: AbortSignal;
  status: RestoreStatus;
}

export interface Restored {
  tables: number;
  /** What the database of before is called now. */
  putAside?: string;
}

/** The database that every server has, to be connected to while others are renamed. */
const MAINTENANCE = "postgres";
const IS_THERE = "SELECT datname FROM pg_database WHERE datname = $1";

/** Those of these roles that are there and that the master cannot act as. */
async function rolesToJoin(client: Client, names: Iterable<string | null>): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT rolname::text AS name FROM pg_roles
     WHERE rolname = ANY ($1) AND rolname !~ '^pg_' AND NOT pg_has_role(oid, 'USAGE')`,
    [[...new Set(names)]],
  );
  return rows.map(({ name }) => name);
}

async function refuseUnfit(
  { into, overwrite, name }: RestoreOptions,
  client: Client,
  manifest: Manifest,
): Promise<void> {
  const early = manifestProblems(manifest, name);
  if (early.length > 0) {
    throw new OpsError(`The backup ${name.takenAt} cannot be restored: ${early.join("; ")}`);
  }
  const { rowCount } = await client.query(IS_THERE, [into]);
  if (rowCount && !overwrite) {
    throw new Refusal(
      `The database ${into} is there. Name another one with --into; or, to put this one aside for what is restored, ` +
        `say so twice: --overwrite --confirm ${into}`,
    );
  }
  const { majorVersion } = await readServer(client);
  if (majorVersion < manifest.server.majorVersion) {
    throw new Refusal(
      `The server is PostgreSQL ${majorVersion}, the dump one of ${manifest.server.majorVersion}; restore it into a server of ` +
        `that version or a later one`,
    );
  }
  const { rows } = await client.query<{ name: string }>(
    "SELECT name FROM unnest($1::text[]) name WHERE name NOT IN (SELECT rolname FROM pg_roles)",
    [rolesNamed(manifest)],
  );
  if (rows.length > 0) {
    throw new Refusal(
      `The server lacks the roles ${rows.map((row) => row.name).join(", ")}, which own or may use what is in the dump. ` +
        "`pulumi up` of a stack with the same `application` makes the stack's own; make the others by hand",
    );
  }
}

async function makeDatabase(client: Client, database: string, { database: was }: Manifest): Promise<void> {
  const { encoding, collate, ctype } = was;
  await client.query(
    `CREATE DATABASE ${quoted(database)} TEMPLATE template0 ENCODING ${escapeLiteral(encoding)} ` +
      `LC_COLLATE ${escapeLiteral(collate)} LC_CTYPE ${escapeLiteral(ctype)}`,
  );
  await client.query(`REVOKE ALL ON DATABASE ${quoted(database)} FROM PUBLIC`);
  for (const { grantee, privilege } of was.grants.map(partsOf).filter((grant) => grant.grantee !== "PUBLIC")) {
    await client.query(`GRANT ${privilege} ON DATABASE ${quoted(database)} TO ${quoted(grantee)}`);
  }
}

/**
 * A dump gives its objects away before it grants anything, and who gets one has to be allowed to create in its schema. A
 * superuser need not care; the master must, and lends that right for as long.
 */
async function lendCreate(client: Client, owners: string[]): Promise<() => Promise<void>> {
  if (owners.length === 0) {
    return () => Promise.resolve();
  }
  const names = owners.map(quoted).join(", ");
  await client.query(`ALTER DEFAULT PRIVILEGES GRANT USAGE, CREATE ON SCHEMAS TO ${names}`);
  await client.query(`GRANT USAGE, CREATE ON SCHEMA public TO ${names}`);
  return async () => {
    await client.query(`ALTER DEFAULT PRIVILEGES REVOKE USAGE, CREATE ON SCHEMAS FROM ${names}`);
  };
}

/** Takes back what was lent: of each schema, the rights that it did not have. */
async function takeBack(client: Client, { contents }: Manifest): Promise<void> {
  const now = await grantsOnSchemas(client);
  for (const { name, grants } of now) {
    const was = contents.objects.find((object) => object.kind === "schema" && object.name === name)?.grants ?? [];
    for (const { grantee, privilege } of grants.filter((it) => !was.includes(it)).map(partsOf)) {
      await client.query(
        `REVOKE ${privilege} ON SCHEMA ${name} FROM ${grantee === "PUBLIC" ? grantee : quoted(grantee)}`,
      );
    }
  }
}

async function grantsOnSchemas(client: Client): Promise<{ name: string; grants: string[] }[]> {
  const { rows } = await client.query<{ name: string; grants: string[] }>(
    `SELECT quote_ident(nspname) AS name, ARRAY(
       SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END || '=' || privilege_type
       FROM aclexplode(nspacl)) AS grants
     FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`,
  );
  return rows;
}

async function fill(database: string, joined: string[], manifest: Manifest, options: RestoreOptions): Promise<void> {
  const { store, name, server, signal, status } = options;
  const connection = { ...server, database };
  await withClient(connection, async (client) => {
    const program = await findProgram("pg_restore", (await readServer(client)).majorVersion);
    const done = await lendCreate(
      client,
      joined.filter((role) => role !== manifest.dumpedBy),
    );
    const { stream, stored } = await store.getDump(name, (read) => (status.read = read));
    const onItem = (item: string) => (status.doing = `restoring ${item}`);
    await pgRestore({
      program,
      connection,
      dump: stream,
      check: () => checkDigest(manifest, stored()),
      signal,
      onItem,
    });
    await done();
    await takeBack(client, manifest);
    await prepareReading(client);
    if (joined.includes(manifest.dumpedBy)) {
      // Row-level security may hide rows even from who owns them, and never from the role that dumped them.
      await client.query(`SET ROLE ${quoted(manifest.dumpedBy)}`);
    }
    const onTable = (table: string) => (status.doing = `comparing ${table}`);
    const problems = differences(manifest.contents, await readContents(client, { onTable, signal }));
    if (problems.length > 0) {
      throw new OpsError(`What was restored is not what was dumped:\n  ${problems.join("\n  ")}`);
    }
  });
}

/** Two names change in one transaction. The database of before keeps its data, and lets nobody in any more. */
async function exchange(client: Client, into: string, restored: string, aside: string): Promise<void> {
  await client.query(`ALTER DATABASE ${quoted(into)} ALLOW_CONNECTIONS false`);
  try {
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_roles ON oid = usesysid WHERE datname = $1 AND NOT rolsuper`,
      [into],
    );
    await client.query("BEGIN");
    await client.query(`ALTER DATABASE ${quoted(into)} RENAME TO ${quoted(aside)}`);
    await client.query(`ALTER DATABASE ${quoted(restored)} RENAME TO ${quoted(into)}`);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    await client.query(`ALTER DATABASE ${quoted(into)} ALLOW_CONNECTIONS true`);
    throw error;
  }
}

/**
 * Restores a backup into a database of its own on a running server, compares it with what was dumped, and only then gives it
 * the name of one that is there already. When anything fails, the server is as it was.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { store, name, server, into, status } = options;
  const manifest = await store.getManifest(name);
  status.size = manifest.dump.size;
  return withClient({ ...server, database: MAINTENANCE }, async (client) => {
    await refuseUnfit(options, client, manifest);
    const suffix = new Date().toISOString().slice(0, 19).replace(/\D/g, "");
    const replaces = Boolean((await client.query(IS_THERE, [into])).rowCount);
    const database = replaces ? `${into}_restoring_${suffix}` : into;
    const joined: string[] = [];
    await makeDatabase(client, database, manifest);
    try {
      const owners = manifest.contents.objects.map(({ owner }) => owner);
      for (const role of await rolesToJoin(client, [...owners, manifest.dumpedBy])) {
        await client.query(`GRANT ${quoted(role)} TO CURRENT_USER`);
        joined.push(role);
      }
      await fill(database, joined, manifest, options);
      const putAside = replaces ? `${into}_before_${suffix}` : undefined;
      if (putAside) {
        await exchange(client, into, database, putAside);
      }
      return { tables: manifest.contents.tables.length, putAside };
    } catch (error) {
      const left = await client.query(`DROP DATABASE ${quoted(database)} WITH (FORCE)`).then(
        () => "the server is as it was",
        () => `the database ${database} could not be deleted again`,
      );
      throw new OpsError(`Nothing was restored, and ${left}: ${(error as Error).message}`);
    } finally {
      for (const role of joined) {
        await client.query(`REVOKE ${quoted(role)} FROM CURRENT_USER`);
      }
    }
  });
}
