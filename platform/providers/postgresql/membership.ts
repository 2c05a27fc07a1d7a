import { Session } from "./connection";
import { identifier } from "./quoting";

/**
 * Takes advisory locks on a role and its members until the transaction ends, so that two resources do not change the
 * same catalog rows at once (helpers.go, pgLockRole).
 */
export async function lockRole(session: Session, role: string): Promise<void> {
  await session.run("could not disable statement_timeout", "SET statement_timeout = 0");
  await session.run(
    `could not get advisory lock for role ${role}`,
    "SELECT pg_advisory_xact_lock(oid::bigint) FROM pg_roles WHERE rolname = $1",
    [role],
  );
  await session.run(
    `could not get advisory lock for members of role ${role}`,
    "SELECT pg_advisory_xact_lock(member::bigint) FROM pg_auth_members JOIN pg_roles ON roleid = pg_roles.oid WHERE rolname = $1",
    [role],
  );
}

/** The same for a database (helpers.go, pgLockDatabase). */
export async function lockDatabase(session: Session, database: string): Promise<void> {
  await session.run("could not disable statement_timeout", "SET statement_timeout = 0");
  await session.run(
    `could not get advisory lock for database ${database}`,
    "SELECT pg_advisory_xact_lock(oid::bigint) FROM pg_database WHERE datname = $1",
    [database],
  );
}

/** Whether `member` can become `role`. Since PostgreSQL 16 a membership may lack that right (helpers.go, isMemberOfRole). */
async function isMember(session: Session, role: string, member: string): Promise<boolean> {
  const setOption = await session.row(
    "could not read setOption column",
    "SELECT 1 FROM information_schema.columns WHERE table_name='pg_auth_members' AND column_name = 'set_option'",
  );
  const membership = await session.row(
    "could not read role membership",
    "SELECT 1 FROM pg_auth_members WHERE pg_get_userbyid(roleid) = $1 AND pg_get_userbyid(member) = $2" +
      (setOption ? " AND set_option" : ""),
    [role, member],
  );
  return membership !== undefined;
}

/** False when there was nothing to grant. */
export async function grantMembership(session: Session, role: string, member: string): Promise<boolean> {
  if (member === role || (await isMember(session, role, member))) {
    return false;
  }
  await session.run(`Error granting role ${role} to ${member}`, `GRANT ${identifier(role)} TO ${identifier(member)}`);
  return true;
}

/** False when there was nothing to revoke. */
export async function revokeMembership(session: Session, role: string, member: string): Promise<boolean> {
  if (member === role || !(await isMember(session, role, member))) {
    return false;
  }
  await session.run(
    `Error revoking role ${role} from ${member}`,
    `REVOKE ${identifier(role)} FROM ${identifier(member)}`,
  );
  return true;
}

async function isSuperuser(session: Session, role: string): Promise<boolean> {
  const failure = `could not check if role ${role} is superuser`;
  const row = await session.row(failure, "SELECT rolsuper FROM pg_roles WHERE rolname = $1", [role]);
  if (!row) {
    throw new Error(`${failure}: there is no such role`);
  }
  return row.rolsuper as boolean;
}

/** Whether the role exists. */
export async function roleExists(session: Session, role: string): Promise<boolean> {
  const row = await session.row("could not check if role exists", "SELECT 1 FROM pg_roles WHERE rolname=$1", [role]);
  return row !== undefined;
}

/**
 * Makes the connected user a member of `roles` while `work` runs, which a master that is not a superuser needs in order
 * to touch what they own. Superusers need nothing, and cannot be granted to it (helpers.go, withRolesGranted).
 */
export async function withRolesGranted(session: Session, roles: string[], work: () => Promise<void>): Promise<void> {
  if (roles.length === 0) {
    return work();
  }
  const current = await session.row("error while looking for the current user", "SELECT CURRENT_USER");
  const user = current?.current_user as string;
  if (await isSuperuser(session, user)) {
    return work();
  }
  const granted: string[] = [];
  const revoked: string[] = [];
  for (const role of roles) {
    if (await isSuperuser(session, role)) {
      continue;
    }
    // Two roles cannot be members of each other: the opposite membership has to go meanwhile.
    if (await revokeMembership(session, user, role)) {
      revoked.push(role);
    }
    if (await grantMembership(session, role, user)) {
      granted.push(role);
    }
  }
  await work();
  for (const role of granted) {
    await revokeMembership(session, role, user);
  }
  for (const role of revoked) {
    if (await roleExists(session, role)) {
      await grantMembership(session, user, role);
    }
  }
}
