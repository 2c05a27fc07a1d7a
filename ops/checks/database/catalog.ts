import { Client } from "pg";
import { ObjectKind } from "../../../model/access/matrix";
import { TABLE_SECURITY, TableSecurity } from "../row-level-security";
import * as sql from "./catalog-sql";

export interface AclEntry {
  /** A role, or PUBLIC. */
  grantee: string;
  privilege: string;
  grantable: boolean;
}

/** Names are written as SQL wants them: with their schema, and quoted where that is needed. */
export interface CatalogObject {
  kind: ObjectKind;
  /** As GRANT and ALTER call it. */
  type: string;
  schema: string | null;
  name: string;
  owner: string;
  acl: AclEntry[];
}

export interface ColumnGrant {
  column: string;
  table: string;
  name: string;
  privilege: string;
  grantee: string;
}

export interface DefaultAcl {
  creator: string;
  schema: string | null;
  kind: ObjectKind | "type";
  acl: AclEntry[];
}

export interface CatalogRole {
  name: string;
  superuser: boolean;
  createDb: boolean;
  createRole: boolean;
  canLogin: boolean;
  replication: boolean;
  bypassRls: boolean;
  connectionLimit: number;
  validUntil: string | null;
}

export interface Membership {
  role: string;
  member: string;
  admin: boolean;
  /** Whether it has the role's rights or can become it; a membership with ADMIN alone does neither. */
  acts: boolean;
}

export interface RoleSetting {
  /** None: for everybody in the database. */
  role: string | null;
  database: string | null;
  name: string;
  value: string;
}

export interface Setting {
  name: string;
  setting: string;
  unit: string | null;
  vartype: string;
  source: string;
  sourcefile: string | null;
  pendingRestart: boolean;
}

export interface OwnConnection {
  ssl: boolean;
  version: string | null;
  cipher: string | null;
  bits: number | null;
  serverVersion: number;
}

/** What the server says of itself at one moment. */
export interface Catalog {
  objects: CatalogObject[];
  columns: ColumnGrant[];
  defaultPrivileges: DefaultAcl[];
  roles: CatalogRole[];
  memberships: Membership[];
  roleSettings: RoleSetting[];
  settings: Setting[];
  parameterGrants: { name: string; privilege: string; grantee: string }[];
  extensions: { name: string; schema: string; version: string; newest: string | null }[];
  languages: { name: string }[];
  definerFunctions: { name: string; type: string; pinned: boolean }[];
  slots: { name: string; active: boolean; walStatus: string }[];
  publications: { name: string }[];
  prepared: { gid: string; ageSeconds: number }[];
  unencrypted: { pid: number; login: string; address: string }[];
  tables: TableSecurity[];
  connection: OwnConnection;
  /** `scram-sha-256`; undefined before PostgreSQL 16. */
  loginMethod?: string;
  /** Which hash each login's password has; undefined where nobody but a superuser is told. */
  passwords?: { role: string; encryption: string }[];
}

/** system_user exists since this version. */
const TELLS_METHOD = 160_000;

/** Reads all of it in one transaction, as a login that can change nothing. */
export async function readCatalog(client: Client): Promise<Catalog> {
  const rows = async <Row extends object>(text: string) => (await client.query<Row>(text)).rows;
  await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = pg_catalog");
  try {
    const [connection] = await rows<OwnConnection>(sql.OWN_CONNECTION);
    if (!connection) {
      throw new Error("pg_stat_ssl has nothing about this session");
    }
    return {
      connection,
      objects: await rows(sql.OBJECTS),
      columns: await rows(sql.COLUMNS),
      defaultPrivileges: await rows(sql.DEFAULT_PRIVILEGES),
      roles: await rows(sql.ROLES),
      memberships: await rows(sql.MEMBERSHIPS),
      roleSettings: await rows(sql.ROLE_SETTINGS),
      settings: await rows(sql.SETTINGS),
      parameterGrants: await rows(sql.PARAMETER_GRANTS),
      extensions: await rows(sql.EXTENSIONS),
      languages: await rows(sql.LANGUAGES),
      definerFunctions: await rows(sql.DEFINER_FUNCTIONS),
      slots: await rows(sql.SLOTS),
      publications: await rows(sql.PUBLICATIONS),
      prepared: await rows(sql.PREPARED),
      unencrypted: await rows(sql.UNENCRYPTED),
      tables: await rows(TABLE_SECURITY),
      loginMethod:
        connection.serverVersion >= TELLS_METHOD
          ? (await rows<{ method: string }>(sql.OWN_METHOD))[0]?.method
          : undefined,
      passwords: await readPasswords(client),
    };
  } finally {
    await client.query("ROLLBACK");
  }
}

/** RDS shows the kind of each login's hash, and not the hash (docs: "Using SCRAM for PostgreSQL password encryption"). */
async function readPasswords(client: Client): Promise<Catalog["passwords"]> {
  const { rows } = await client.query<{ usable: boolean | null }>(
    `SELECT has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE') AS usable
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = 'rds_tools' AND p.proname = 'role_password_encryption_type'`,
  );
  if (!rows[0]?.usable) {
    return undefined;
  }
  const told = await client.query<{ role: string; encryption: string }>(
    "SELECT rolname::text AS role, encryption_type::text AS encryption FROM rds_tools.role_password_encryption_type()",
  );
  return told.rows;
}
