import { ClientBase } from "pg";
import { differencesOn, publicRights } from "../checks/database/access";
import { CatalogObject } from "../checks/database/catalog";
import { OBJECTS } from "../checks/database/catalog-sql";
import { Expected, quoted } from "../checks/database/expected";
import { OpsError } from "../shared/errors";
import { listed } from "./notes";
import { Adoption } from "./plan";
import { Owned } from "./situation";
import { BLIND_VIEWS, OWNED, RIGHTS_OF } from "./situation-sql";

/** What has to hold before any of it is kept. */

/** `relation public.orders: SELECT`, of everything that a role may do. */
export async function rightsOf(client: ClientBase, role: string): Promise<Set<string>> {
  const { rows } = await client.query<{ object: string; right: string }>(RIGHTS_OF, [role]);
  return new Set(rows.map(({ object, right }) => `${object}: ${right}`));
}

async function stillOwned(client: ClientBase, old: string, { moves }: Adoption): Promise<string[]> {
  const { rows } = await client.query<Owned>(OWNED, [old]);
  const names = new Set(rows.map(({ type, name }) => `${type} ${name}`));
  return moves.map(({ type, name }) => `${type} ${name}`).filter((name) => names.has(name));
}

/** The stack's roles and everybody, on what was moved. */
async function wrongRights(client: ClientBase, expected: Expected, { adopted }: Adoption): Promise<string[]> {
  const { rows } = await client.query<CatalogObject>(OBJECTS);
  const moved = new Set(adopted.map(({ kind, name }) => `${kind} ${name}`));
  return rows
    .filter(({ kind, name }) => moved.has(`${kind} ${name}`))
    .flatMap((object) => [
      ...differencesOn(object, expected)
        .filter(({ role }) => expected.isStackLogin(role))
        .flatMap(({ statements }) => statements),
      ...(publicRights(object) ? [`PUBLIC on ${object.name}`] : []),
    ]);
}

function refuse(what: string, found: string[]): void {
  if (found.length > 0) {
    throw new OpsError(`Everything was taken back: ${what}: ${listed(found)}`);
  }
}

/** It has a new owner, the access matrix holds, and views read what they read before. */
export async function verifyAdoption(
  client: ClientBase,
  old: string,
  expected: Expected,
  plan: Adoption,
): Promise<void> {
  refuse(`these still belong to ${old}`, await stillOwned(client, old, plan));
  refuse("the access matrix would not hold", await wrongRights(client, expected, plan));
  const { rows } = await client.query<{ view: string; reads: string; owner: string }>(BLIND_VIEWS, [
    old,
    expected.owner,
  ]);
  refuse(
    `these views would no longer be able to read what belongs to others. As the other owner`,
    rows.map(({ view, reads, owner }) => `GRANT SELECT ON ${reads} TO ${quoted(expected.owner)} (${view}, ${owner})`),
  );
}

/** The old user has lost nothing. */
export async function verifyOldUser(client: ClientBase, old: string, before: Set<string>): Promise<void> {
  const after = await rightsOf(client, old);
  refuse(
    `${old} would lose rights that it has`,
    [...before].filter((right) => !after.has(right)),
  );
}
