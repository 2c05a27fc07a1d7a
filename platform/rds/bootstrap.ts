import { randomBytes } from "node:crypto";
import { Client, escapeIdentifier, escapeLiteral } from "pg";
import { scramVerifier } from "../../model/access/scram";

export interface Master {
  username: string;
  password: string;
}

/** Rights that RDS's master has instead of being a superuser, with the version that brought them (docs: "rds_superuser"). */
const RDS_SUPERUSER_MEMBERSHIPS: [role: string, since: number][] = [
  ["pg_monitor", 10],
  ["pg_signal_backend", 10],
  ["pg_read_all_data", 14],
  ["pg_write_all_data", 14],
  ["pg_checkpoint", 15],
  ["pg_create_subscription", 16],
  ["pg_use_reserved_connections", 16],
  ["pg_maintain", 17],
];

/** Parameters that it may set for roles and databases, and others may not (AWS: "Use the pgAudit extension to audit roles"). */
const RDS_SUPERUSER_PARAMETERS = ["pgaudit.log"];
/** PostgreSQL 15: GRANT SET ON PARAMETER. */
const PARAMETER_RIGHTS_SINCE = 15;

function verifierOf(password: string): string {
  return scramVerifier(password, randomBytes(16).toString("base64"));
}

/**
 * Runs what holds a verifier. pg_stat_statements keeps the text of such statements and shows it to the master, who can
 * hand that right on: so this is done out of its sight.
 */
async function unrecorded(superuser: Client, work: () => Promise<unknown>): Promise<void> {
  await superuser.query("BEGIN");
  await superuser.query("SET LOCAL pg_stat_statements.track = 'none'");
  await work();
  await superuser.query("COMMIT");
}

/** Makes the roles that RDS makes: the master is no superuser, but a member of rds_superuser, and may make roles and databases. */
export async function createMaster(superuser: Client, majorVersion: number, master: Master): Promise<void> {
  const name = escapeIdentifier(master.username);
  await superuser.query("CREATE ROLE rds_superuser NOLOGIN");
  await adoptVersion(superuser, majorVersion);
  await superuser.query("CREATE ROLE rds_iam NOLOGIN");
  const verifier = escapeLiteral(verifierOf(master.password));
  await unrecorded(superuser, () =>
    superuser.query(`CREATE ROLE ${name} LOGIN CREATEROLE CREATEDB PASSWORD ${verifier} VALID UNTIL 'infinity'`),
  );
  await superuser.query(`GRANT rds_superuser TO ${name} WITH ADMIN OPTION`);
}

/** Gives rds_superuser what it has in a version: at the beginning, and after an upgrade. */
export async function adoptVersion(superuser: Client, majorVersion: number): Promise<void> {
  for (const [role, since] of RDS_SUPERUSER_MEMBERSHIPS) {
    if (majorVersion >= since) {
      await superuser.query(`GRANT ${role} TO rds_superuser WITH ADMIN OPTION`);
    }
  }
  if (majorVersion >= PARAMETER_RIGHTS_SINCE) {
    for (const parameter of RDS_SUPERUSER_PARAMETERS) {
      // Also where the library is not loaded: PostgreSQL takes the name for that of one which will be.
      await superuser.query(`GRANT SET ON PARAMETER ${escapeIdentifier(parameter)} TO rds_superuser`);
    }
  }
}

/**
 * pg_upgrade gives every extension of a database to the superuser. RDS lets rds_superuser alter those all the same (docs: "Upgrading
 * PostgreSQL extensions"), PostgreSQL only their owner.
 */
export async function giveExtensions(superuser: Client, master: string): Promise<void> {
  await superuser.query("SET allow_system_table_mods = on");
  await superuser.query(
    `UPDATE pg_extension SET extowner = ${escapeLiteral(escapeIdentifier(master))}::regrole WHERE extname <> 'plpgsql' AND extowner = current_user::regrole`,
  );
}

/** The database that comes with the instance belongs to the master, and so does `postgres`, which is always there. */
export async function createDatabase(superuser: Client, database: string, owner: string): Promise<void> {
  await superuser.query(`ALTER DATABASE postgres OWNER TO ${escapeIdentifier(owner)}`);
  if (database !== "postgres") {
    await superuser.query(`CREATE DATABASE ${escapeIdentifier(database)} OWNER ${escapeIdentifier(owner)}`);
  }
}

/**
 * The server gets a verifier: no log of its can hold the password. With a new password RDS gives the master back what it may, whoever
 * took it away (docs: "Master user account privileges").
 */
export async function setMasterPassword(superuser: Client, master: Master): Promise<void> {
  const name = escapeIdentifier(master.username);
  const verifier = escapeLiteral(verifierOf(master.password));
  await unrecorded(superuser, () =>
    superuser.query(`ALTER ROLE ${name} LOGIN CREATEROLE CREATEDB PASSWORD ${verifier} VALID UNTIL 'infinity'`),
  );
  await superuser.query(`GRANT rds_superuser TO ${name} WITH ADMIN OPTION`);
}
