import { findLasting, OWNER, ROLE } from "../lasting";
import { Resource, StackRule } from "../resource";

const DEFAULTS = "postgresql:index/defaultPrivileges:DefaultPrivileges";

/**
 * The roles that tables will belong to: those whose future objects somebody gets rights on. While the server is not there, in
 * a stack's first preview, the engine has no properties of what is in it, and there is no owner to lose either.
 */
function findOwners(resources: Resource[]): Resource[] {
  const named = resources
    .filter(({ type, props }) => type === DEFAULTS && typeof props.owner === "string")
    .map(({ props }) => props.owner);
  return resources.filter(({ type, props }) => type === ROLE && named.includes(props.name));
}

/**
 * Policies see neither the steps of an update nor what there was before, and a resource that the program no longer has is
 * never shown to them. So they see to it that the engine itself refuses: of what is protected it deletes and replaces nothing.
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
