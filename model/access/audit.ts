import { Application, isFirst, roleIn, rolesOf } from "./applications";
import { ACCESS, AccessMatrix, Audit, MASTER_AUDIT } from "./matrix";
import { cloneName } from "./rotation";

/** What a setting is to be in a login's sessions; undefined: nothing of its own, so that the server's holds. */
export interface LoginSetting {
  login: string;
  name: "pgaudit.log" | "search_path";
  value: string | undefined;
}

const PGAUDIT = "pgaudit.log" as const;

/**
 * For every login of an application, and with the first one's for the master: computed from the access matrix. Both logins of a role have
 * it, for no setting of a login is inherited. Without pgaudit nobody has one.
 */
export function auditSettings(
  application: Application,
  masterUsername: string,
  audited: boolean,
  matrix: AccessMatrix = ACCESS,
): LoginSetting[] {
  const value = (audit: Audit) => (audited && audit === "everything" ? ("all" as const) : undefined);
  const roles = rolesOf(application, matrix).flatMap((role) => {
    const base = roleIn(application, role, matrix);
    return [base, cloneName(base)].map((login) => ({ login, name: PGAUDIT, value: value(matrix[role].audit) }));
  });
  return isFirst(application)
    ? [...roles, { login: masterUsername, name: PGAUDIT, value: value(MASTER_AUDIT) }]
    : roles;
}
