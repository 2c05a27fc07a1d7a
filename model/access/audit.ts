import { Application, isFirst, roleIn, rolesOf } from "./applications";
import { ACCESS, AccessMatrix, Audit, MASTER_AUDIT } from "./matrix";
import { cloneName } from "./rotation";

/** The value of a setting in a login's sessions; undefined for none of its own, so that the server's value holds. */
export interface LoginSetting {
  login: string;
  name: "pgaudit.log" | "search_path";
  value: string | undefined;
}

const PGAUDIT = "pgaudit.log" as const;

/**
 * Computes the audit settings of an application's logins from the access matrix, and with the first application's that of the master.
 * Both logins of a role get one, for a login inherits no setting. Without pgaudit (`hasPgaudit` is false) every value is undefined.
 */
export function computeAuditSettings(
  application: Application,
  masterUsername: string,
  hasPgaudit: boolean,
  matrix: AccessMatrix = ACCESS,
): LoginSetting[] {
  const value = (audit: Audit) => (hasPgaudit && audit === "everything" ? ("all" as const) : undefined);
  const roles = rolesOf(application, matrix).flatMap((role) => {
    const base = roleIn(application, role, matrix);
    return [base, cloneName(base)].map((login) => ({ login, name: PGAUDIT, value: value(matrix[role].audit) }));
  });
  return isFirst(application)
    ? [...roles, { login: masterUsername, name: PGAUDIT, value: value(MASTER_AUDIT) }]
    : roles;
}
