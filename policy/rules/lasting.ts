import { OWNER } from "../../model/resources/lasting";
import { findLasting, ROLE } from "../lasting";
import { Resource, StackRule } from "../resource";

const DEFAULTS = "postgresql:index/defaultPrivileges:DefaultPrivileges";

/**
 * Finds the roles that own tables: those on whose future objects default privileges give rights. In a stack's first preview there is
 * no server yet, so the engine has no properties of what is in it; nor is there an owner to lose.
 */
function findOwners(resources: Resource[]): Resource[] {
  const named = resources
    .filter(({ type, props }) => type === DEFAULTS && typeof props.owner === "string")
    .map(({ props }) => props.owner);
  return resources.filter(({ type, props }) => type === ROLE && named.includes(props.name));
}

/**
 * Every resource that cannot be restored is protected, so that the engine itself refuses to delete or replace it. Policies could not:
 * they see neither the steps of an update nor the state before it, and no resource that the program no longer has.
 */
export const protectedResources: StackRule = (resources) => {
  const owning = findOwners(resources);
  return resources.flatMap(({ urn, type, props, protect }) => {
    const found = owning.some((owner) => owner.urn === urn) ? OWNER : findLasting(type, props);
    return found && !protect ? [{ urn, message: refusal(found.what) }] : [];
  });
};

const refusal = (what: string) =>
  `nothing keeps an update from deleting or replacing ${what}; set the resource option protect to true`;
