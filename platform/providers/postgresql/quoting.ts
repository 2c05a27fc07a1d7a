import { crc32 } from "node:zlib";

/** A name as SQL: lib/pq's QuoteIdentifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL. Backslashes are doubled although the server reads them literally: helpers.go, pqQuoteLiteral. */
export function literal(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/** Table, sequence or function in a schema. A function may bring its argument types, `f(text, int)`: helpers.go, quoteIdentifyIdent. */
function qualified(schema: string, name: string): string {
  const [bare = "", argumentTypes] = name.split("(");
  return `${identifier(schema)}.${identifier(bare)}${argumentTypes === undefined ? "" : `(${argumentTypes}`}`;
}

/** A list of objects of one schema. */
export function objectList(schema: string, names: string[]): string {
  return inSetOrder(names)
    .map((name) => qualified(schema, name))
    .join(",");
}

/** A list of column names. */
export function columnList(names: string[]): string {
  return inSetOrder(names).map(identifier).join(",");
}

/**
 * The order in which the Terraform SDK walks a set of strings: by the decimal digits of their CRC-32. It shows in the
 * SQL and in the ids.
 */
export function inSetOrder(items: string[] = []): string[] {
  const digits = new Map(items.map((item) => [item, String(crc32(item))]));
  return [...digits].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([item]) => item);
}

/** Whether two lists hold the same strings. */
export function sameSet(a: string[] = [], b: string[] = []): boolean {
  return new Set(a).size === new Set(b).size && a.every((item) => b.includes(item));
}
