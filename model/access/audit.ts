import { Application, isFirst, roleIn, rolesOf } from "./applications";
import { ACCESS, AccessMatrix, Audit, MASTER_AUDIT } from "./matrix";
import { cloneName } from "./rotation";

/** What `pgaudit.log` is to be for a login; undefined: nothing of its own, so that the server's holds. */
export interface AuditSetting {
  login: string;
  value: "all" | undefined;
}

/**
 * For every login of an application, and with the first one's for the master: computed from the access matrix. Both logins of a role have
 * it, for no setting of a login is inherited. Without pgaudit nobody has one.
 */
export function computeAuditSettings(
  application: Application,
  masterUsername: string,
  audited: boolean,
  matrix: AccessMatrix = ACCESS,
): AuditSetting[] {
  const value = (audit: Audit) => (audited && audit === "everything" ? ("all" as const) : undefined);
  const roles = rolesOf(application, matrix).flatMap((role) => {
    const base = roleIn(application, role, matrix);
    return [base, cloneName(base)].map((login) => ({ login, value: value(matrix[role].audit) }));
  });
  return isFirst(application) ? [...roles, { login: masterUsername, value: value(MASTER_AUDIT) }] : roles;
}
