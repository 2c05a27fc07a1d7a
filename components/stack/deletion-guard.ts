import { ComponentResource, type Resource } from "@pulumi/pulumi";
import type { CheckedParts } from "../live-check/output";
import type { AdminAccess } from "../admin-access/admin-access";
import type { Stack } from "./context";

interface DeletionGuardArgs {
  /** All that must not be deleted before the guard. */
  everything: Resource[];
  /** Whether it may not be deleted at all. */
  protect: boolean;
}

/**
 * Stops a `pulumi destroy` before it has begun. Pulumi refuses to delete a protected resource when it comes to it, and by
 * then it has deleted what depended on nothing protected: secrets, grants, alarms. Its preview would tell, but pipelines
 * and the Automation API skip previews. Whatever depends on others is deleted before them, so this one, which depends on
 * all, is the first that Pulumi comes to, and the last.
 */
export class DeletionGuard extends ComponentResource {
  constructor(name: string, { everything, protect }: DeletionGuardArgs) {
    super("markenmate:components:DeletionGuard", name, {}, { dependsOn: everything, protect });
    this.registerOutputs({});
  }
}

/** Makes the guard of everything that the stack consists of. */
export function guardDeletion(
  { name, protect }: Stack,
  parts: CheckedParts & { adminAccess: AdminAccess | undefined },
): DeletionGuard {
  const { encryption, network, database, adminAccess, access, observability, backups, checkRole } = parts;
  const { notifications, logFilters, alarms, dashboard } = observability;
  const holding = [encryption, network, database, access.credentials, access.roles, ...access.further.parts];
  const watching = [backups.backup, backups.roles, notifications, logFilters, alarms, dashboard, checkRole];
  const optional = [adminAccess, backups.replica, backups.tasks].filter((part) => part !== undefined);
  return new DeletionGuard(name, { everything: [...holding, ...watching, ...optional], protect });
}
