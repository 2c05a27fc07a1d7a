import { ClientBase } from "pg";
import { Catalog } from "../checks/database/catalog";
import * as catalog from "../checks/database/catalog-sql";
import { TABLE_SECURITY } from "../checks/row-level-security";
import { Refusal } from "../shared/errors";
import { printable } from "../../lib/printable";
import * as sql from "./situation-sql";

/** Something that belongs to the old user, as pg_identify_object() names it. */
export interface Owned {
  type: string;
  schema: string | null;
  name: string;
  ofExtension: boolean;
  /** Sequences of columns follow their table, multiranges their range. */
  follows: boolean;
  /** A function that runs with its owner's rights. */
  definer: boolean;
  /** A view that reads with its owner's rights. */
  readsAsOwner: boolean;
}

export interface Standing {
  /** Who is logged in. */
  me: string;
  database: string;
  /** 170011: PostgreSQL's server_version_num. */
  version: number;
  deadlockMs: number;
  ownerExists: boolean;
  oldActsAsOwner: boolean;
  ownerActsAsOld: boolean;
  mayBecomeOld: boolean;
  /** Before PostgreSQL 16 a login without INHERIT has none of the rights of the roles that it is a member of. */
  inherits: boolean;
}

/** What the live check reads too. */
type Shared = "objects" | "columns" | "defaultPrivileges" | "roles" | "memberships" | "roleSettings" | "tables";

/** What the catalogs say of the old user and what it owns. */
export interface Situation extends Standing, Pick<Catalog, Shared> {
  old: string;
  owned: Owned[];
  otherDatabases: string[];
  policies: string[];
  foreignServers: string[];
  locks: { needed: number; room: number };
}

/** Reads all of it in the transaction that is under way. */
export async function readSituation(client: ClientBase, old: string, owner: string): Promise<Situation> {
  const rows = async <Row extends object>(text: string, values: string[] = []) =>
    (await client.query<Row>(text, values)).rows;
  const names = async (text: string) => (await rows<{ name: string }>(text, [old])).map(({ name }) => name);
  const [standing] = await rows<Standing>(sql.STANDING, [old, owner]);
  if (!standing) {
    const owners = await rows<{ name: string; objects: number }>(sql.OWNERS);
    const list = owners.map(({ name, objects }) => `${printable(name)} (${objects})`).join(", ");
    throw new Refusal(
      `--from: there is no role ${printable(old)}. Objects in this database belong to ${list || "nobody"}`,
    );
  }
  return {
    ...standing,
    old,
    owned: await rows(sql.OWNED, [old]),
    otherDatabases: await names(sql.OTHER_DATABASES),
    policies: await names(sql.POLICIES_FOR_OLD),
    foreignServers: await names(sql.FOREIGN_SERVERS),
    locks: (await rows<Situation["locks"]>(sql.LOCKS, [old]))[0] ?? { needed: 0, room: 0 },
    objects: await rows(catalog.OBJECTS),
    columns: await rows(catalog.COLUMNS),
    defaultPrivileges: await rows(catalog.DEFAULT_PRIVILEGES),
    roles: await rows(catalog.ROLES),
    memberships: await rows(catalog.MEMBERSHIPS),
    roleSettings: await rows(catalog.ROLE_SETTINGS),
    tables: await rows(TABLE_SECURITY),
  };
}
