type Json = unknown;

const LISTS = ["Action", "NotAction", "Resource", "NotResource", "Statement", "Principal", "NotPrincipal", "Condition"];

/** Lists whose order means nothing, and of which one member may stand alone. */
function canonical(value: Json, inList: boolean): Json {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item, inList));
    const sorted = inList ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
    return inList && sorted.length === 1 ? sorted[0] : sorted;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, canonical(item, inList || LISTS.includes(key))]));
  }
  // In conditions "true" and true, "5" and 5 are the same.
  return inList ? JSON.stringify(value)?.replace(/^"|"$/g, "") : value;
}

/**
 * Whether two policy documents mean the same: AWS returns them in a form of its own (Terraform:
 * verify.SuppressEquivalentPolicyDiffs, on hashicorp/awspolicyequivalence).
 */
export function samePolicy(before: unknown, after: unknown): boolean {
  try {
    const [a, b] = [before, after].map((policy) => JSON.stringify(canonical(JSON.parse(policy as string), false)));
    return a === b;
  } catch {
    return false;
  }
}

/** Validation of a policy argument (Terraform: verify.ValidIAMPolicyJSON). */
export function validPolicy(name: string) {
  return (value: string): string | undefined => {
    try {
      const parsed: unknown = JSON.parse(value);
      return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
        ? undefined
        : `"${name}" contains an invalid JSON policy: not a JSON object`;
    } catch (error) {
      return `"${name}" contains an invalid JSON policy: ${(error as Error).message}`;
    }
  };
}
