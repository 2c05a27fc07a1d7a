/**
 * A list of AWS's query protocol, e.g. SourceIds.SourceId.1. An SDK sends an empty one as the name alone; when there is
 * none at all it is `otherwise`.
 */
export function listOf(form: URLSearchParams, name: string, otherwise: string[] = []): string[] {
  const items = [...form].filter(([key]) => new RegExp(`^${name}\\.\\w+\\.\\d+$`).test(key)).map(([, value]) => value);
  return items.length > 0 || form.has(name) ? items : otherwise;
}

/** The tags of a request that makes something. */
export function tagsOf(form: URLSearchParams): { Key: string; Value: string }[] {
  const keys = [...form].filter(([key]) => /^Tags\.\w+\.\d+\.Key$/.test(key));
  return keys.map(([key, Key]) => ({ Key, Value: form.get(key.replace(/Key$/, "Value")) ?? "" }));
}
