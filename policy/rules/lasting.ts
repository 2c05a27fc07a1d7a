import { isSet, Resource, StackRule } from "../resource";
import { BUCKETS } from "./buckets";
import { INSTANCE } from "./database";

/** What cannot be had back once Pulumi has deleted or replaced it. */
const LASTING: Record<string, string> = {
  [INSTANCE]: "the database",
  "aws:rds/cluster:Cluster": "the database",
  "aws:kms/key:Key": "the key, and what it has encrypted",
  "aws:kms/replicaKey:ReplicaKey": "the key, and what it has encrypted",
  ...Object.fromEntries(BUCKETS.map((type) => [type, "the bucket and what is in it"])),
};
const ROLE = "postgresql:index/role:Role";
const DEFAULTS = "postgresql:index/defaultPrivileges:DefaultPrivileges";

/**
 * The roles that tables will belong to: those whose future objects somebody gets rights on. While the server is not there, in
 * a stack's first preview, the engine has no properties of what is in it, and there is no owner to lose either.
 */
function owners(resources: Resource[]): Resource[] {
  const named = resources
    .filter(({ type, props }) => type === DEFAULTS && typeof props.owner === "string")
    .map(({ props }) => props.owner);
  return resources.filter(({ type, props }) => type === ROLE && named.includes(props.name));
}

/**
 * Policies see neither the steps of an update nor what there was before, and a resource that the program no longer has is
 * never shown to them. So they see to it that the engine itself refuses: of what is protected it deletes and replaces nothing.
 */
export const protectedResources: StackRule = (resources) => [
  ...resources
    .filter(({ type, props, protect }) => LASTING[type] && !protect && !isSet(props.replicateSourceDb))
    .map(({ urn, type }) => ({ urn, message: refusal(LASTING[type] as string) })),
  ...owners(resources)
    .filter(({ protect }) => !protect)
    .map(({ urn }) => ({ urn, message: refusal("the role that owns the tables") })),
];

const refusal = (what: string) =>
  `nothing keeps an update from deleting or replacing ${what}; set the resource option protect to true`;
