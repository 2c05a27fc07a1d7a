import { Contents, DatabaseObject } from "./manifest";

/** What of a restored database is not as it was, in words; nothing when all is. No I/O in here. */
export function differences(expected: Contents, found: Contents): string[] {
  return [
    ...compareBy(expected.tables, found.tables, "table", (was, is) =>
      was.rows !== is.rows
        ? `has ${is.rows} rows instead of ${was.rows}`
        : was.checksum !== is.checksum && "has other values in its rows",
    ),
    ...compareBy(expected.sequences, found.sequences, "sequence", ({ before, after }, { before: next }) => {
      const [low, high] = [BigInt(before), BigInt(after)].sort((a, b) => (a < b ? -1 : 1)) as [bigint, bigint];
      const wanted = low === high ? `${low}` : `${low} to ${high}`;
      return (BigInt(next) < low || BigInt(next) > high) && `goes on with ${next} instead of ${wanted}`;
    }),
    // Its version is the restoring server's.
    ...compareBy(expected.extensions, found.extensions, "extension", () => false),
    ...compareBy(named(expected.objects), named(found.objects), "", objectDifference),
  ];
}

const named = (objects: DatabaseObject[]) =>
  objects.map((object) => ({ ...object, name: `${object.kind} ${object.name}` }));

function objectDifference(was: DatabaseObject, is: DatabaseObject): string | false {
  const parts = [
    was.owner !== is.owner && `belongs to ${is.owner} instead of ${was.owner}`,
    ...grantDifference(was.grants, is.grants),
    was.comment !== is.comment && "has another comment",
    was.definition !== is.definition && "is defined differently",
  ].filter(Boolean);
  return parts.length > 0 && parts.join(", ");
}

function grantDifference(was: string[], is: string[]): string[] {
  const lost = was.filter((grant) => !is.includes(grant));
  const extra = is.filter((grant) => !was.includes(grant));
  return [
    ...(lost.length > 0 ? [`lacks the rights ${lost.join(", ")}`] : []),
    ...(extra.length > 0 ? [`has the rights ${extra.join(", ")} besides`] : []),
  ];
}

function compareBy<Item extends { name: string }>(
  expected: Item[],
  found: Item[],
  kind: string,
  difference: (was: Item, is: Item) => string | false,
): string[] {
  const label = (name: string) => `${kind} ${name}`.trim();
  const known = new Map(expected.map((item) => [item.name, item]));
  const there = new Map(found.map((item) => [item.name, item]));
  return [
    ...expected.flatMap((was) => {
      const is = there.get(was.name);
      const text = is ? difference(was, is) : "is missing";
      return text ? [`${label(was.name)} ${text}`] : [];
    }),
    ...found.filter(({ name }) => !known.has(name)).map(({ name }) => `${label(name)} was not there`),
  ];
}
