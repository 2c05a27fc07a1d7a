import { ComponentResource, type Resource } from "@pulumi/pulumi";
import type { CheckedParts } from "../live-check/output";
import type { AdminAccess } from "../admin-access/admin-access";
import type { Stack } from "./context";

interface DeletionGuardArgs {
  /** The resources that must not be deleted before the guard. */
  everything: Resource[];
  /** Whether Pulumi refuses to delete the guard. */
  protect: boolean;
}

/**
 * A protected component that stops a `pulumi destroy` before it deletes anything. Pulumi refuses to delete a protected resource only
 * when it reaches it, and has by then deleted whatever nothing protected depends on: secrets, grants, alarms. Its preview would say
 * so, but pipelines and the Automation API skip previews. Dependents are deleted first, so the guard, which depends on everything,
 * is the first resource that Pulumi reaches, and the last.
 */
export class DeletionGuard extends ComponentResource {
  constructor(name: string, { everything, protect }: DeletionGuardArgs) {
    super("markenmate:components:DeletionGuard", name, {}, { dependsOn: everything, protect });
    this.registerOutputs({});
  }
}

/** Makes the guard, which depends on every part of the stack. */
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
