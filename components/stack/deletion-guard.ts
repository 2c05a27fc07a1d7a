import { ComponentResource, Resource } from "@pulumi/pulumi";

export interface DeletionGuardArgs {
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
