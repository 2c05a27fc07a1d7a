/**
 * Whether two policies, or other structures of AWS's, say the same: AWS gives lists back in another order, and a list of one as that
 * one.
 */
export const same = (one: unknown, other: unknown) =>
  JSON.stringify(putInOrder(one)) === JSON.stringify(putInOrder(other));

function putInOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    const parts = value.map(putInOrder);
    return parts.length === 1 ? parts[0] : parts.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, putInOrder(part)] as const),
  );
}

/** Tags as AWS writes them, of which those that are wanted are all there. */
export function hasTags(tags: { Key?: string; Value?: string }[], wanted: Record<string, string>): boolean {
  const found = new Map(tags.map(({ Key, Value }) => [Key, Value]));
  return Object.entries(wanted).every(([key, value]) => found.get(key) === value);
}

export const tagList = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
