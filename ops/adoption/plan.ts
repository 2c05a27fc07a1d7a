import { EXTENSION_SCHEMA } from "../../model/access/matrix";
import { differencesOn, publicRights } from "../checks/database/access";
import { CatalogObject } from "../checks/database/catalog";
import { defaultsFor } from "../checks/database/default-privileges";
import { Expected, isInternal, quoted } from "../checks/database/expected";
import { isObject, movedAs, TABLES, whyItStays } from "./kinds";
import { Owned, Situation } from "./situation";

/** What an adoption does to a database, as far as its catalogs tell. No I/O in here. */

export interface Move extends Owned {
  statement: string;
}

/** What stays as it is, and why. */
export interface Remaining {
  subject: string;
  why: string;
}

export interface Adoption {
  moves: Move[];
  /** Sequences of columns and the like, which come along with what they are part of. */
  follow: Owned[];
  remains: Remaining[];
  /** What of it has rights, as it was. */
  adopted: CatalogObject[];
  /** Rights on what is moved, by the role that gets or loses them; PUBLIC is everybody. */
  rights: { role: string; object: string; statement: string }[];
  /** What lets the old user go on as before: as a member of the new owner, when it is not yet one. */
  membership: string[];
  /** What lets the roles reach what the old user makes from now on. */
  defaults: string[];
}

/** PostgreSQL 16: a membership says for itself whether its rights are had without SET ROLE. */
export const OPTIONS_SINCE = 160_000;

export function membership(role: string, member: string, version: number): string {
  const options = version >= OPTIONS_SINCE ? " WITH INHERIT TRUE, SET TRUE" : "";
  return `GRANT ${quoted(role)} TO ${quoted(member)}${options}`;
}

/** Why nothing can be done as things are. */
export function obstacles(situation: Situation, expected: Expected): string[] {
  const { old, version, locks, roles } = situation;
  const { owner } = expected;
  const role = roles.find(({ name }) => name === old);
  const [who, to] = [quoted(old), quoted(owner)];
  const found: [is: boolean, message: string][] = [
    [expected.isStackLogin(old), `--from: ${old} is one of the stack's own logins; name the one that was there before`],
    [isInternal(old) || Boolean(role?.superuser), `--from: ${old} is the server's own, and nobody can take from it`],
    [!situation.ownerExists, `There is no role ${owner} yet: run \`pulumi up\` first`],
    [
      situation.ownerActsAsOld && !expected.isStackLogin(old),
      `${owner} is a member of ${old}, and two roles cannot be members of each other: REVOKE ${who} FROM ${to}`,
    ],
    [
      version < OPTIONS_SINCE && !situation.inherits,
      `${old} does not inherit the rights of roles that it is a member of: ALTER ROLE ${who} INHERIT`,
    ],
    [
      !situation.mayBecomeOld,
      `${situation.me} may not act as ${old}. Whoever made that role can let it: GRANT ${who} TO ${quoted(situation.me)} WITH ADMIN OPTION`,
    ],
    [
      locks.needed > locks.room * MOST_LOCKS,
      `The transaction would hold ${locks.needed} locks, and the server has room for ${locks.room} of all sessions together: ` +
        "raise max_locks_per_transaction in the parameter group, and restart the server",
    ],
  ];
  return found.filter(([is]) => is).map(([, message]) => message);
}

/** Of the server's locks, at most so many for the adoption: the applications need theirs. */
const MOST_LOCKS = 0.8;

/** The schemas that are the master's on purpose, and what has to stay for its schema's sake. */
class Places {
  private readonly schemas: Map<string, CatalogObject>;

  constructor(
    private readonly situation: Situation,
    private readonly expected: Expected,
  ) {
    this.schemas = new Map(
      situation.objects.filter(({ kind }) => kind === "schema").map((object) => [object.schema ?? "", object]),
    );
  }

  /** A schema that `pulumi up` has made, or keeps the extensions in. */
  isStacks(schema: string): boolean {
    return schema === EXTENSION_SCHEMA || this.expected.config.schemas.includes(schema);
  }

  /** To whom a schema of the old user's goes; undefined when it is where it belongs. */
  schemaOwner(name: string): string | undefined {
    const { masterUsername } = this.expected.config;
    const owner = name === EXTENSION_SCHEMA ? masterUsername : this.expected.owner;
    return this.situation.old === masterUsername && this.isStacks(name) ? undefined : owner;
  }

  /** Whether the new owner may have objects there, which takes CREATE. */
  opens(schema: string | null): boolean {
    const found = this.schemas.get(schema ?? "");
    if (schema === null || !found) {
      return true;
    }
    const { owner } = this.expected;
    const becomes = found.owner === this.situation.old ? (this.schemaOwner(schema) ?? found.owner) : found.owner;
    const granted = found.acl.some(
      ({ grantee, privilege }) => privilege === "CREATE" && [owner, "PUBLIC"].includes(grantee),
    );
    return becomes === owner || granted;
  }
}

function move(object: Owned, owner: string): Move {
  const alter = movedAs(object.type)?.alter ?? "";
  return { ...object, statement: `ALTER ${alter} ${object.name} OWNER TO ${quoted(owner)}` };
}

const orderOf = ({ type }: Owned) => movedAs(type)?.order ?? 0;

/** Rights on what is moved are those that it would have had if migrations had made it. */
function rightsOn(objects: CatalogObject[], expected: Expected): Adoption["rights"] {
  return objects.flatMap((object) => {
    const moved = { ...object, owner: expected.owner };
    const everybody = publicRights(moved);
    const ofStack = differencesOn(moved, expected).filter(
      ({ role }) => expected.isStackLogin(role) && role !== expected.owner,
    );
    const name = `${object.type.toLowerCase()} ${object.name}`;
    return [
      ...(everybody ? [{ role: "PUBLIC", object: name, statement: everybody.statement }] : []),
      ...ofStack.flatMap(({ role, statements }) => statements.map((statement) => ({ role, object: name, statement }))),
    ];
  });
}

export function adoption(situation: Situation, expected: Expected): Adoption {
  const { old, owned, objects, version, defaultPrivileges } = situation;
  const { owner } = expected;
  const places = new Places(situation, expected);
  const moves: Move[] = [];
  const follow: Owned[] = [];
  const remains: Remaining[] = [];
  for (const object of owned.filter(({ type, ofExtension }) => isObject(type) && !ofExtension)) {
    const subject = `${object.type} ${object.name}`;
    const to = object.type === "schema" ? places.schemaOwner(object.name) : owner;
    if (object.follows) {
      follow.push(object);
    } else if (to === undefined) {
      continue; // the master's own, as pulumi up has made it
    } else if (!movedAs(object.type)) {
      remains.push({ subject, why: whyItStays(object.type) });
    } else if (object.type !== "schema" && !places.opens(object.schema)) {
      remains.push({
        subject,
        why: `${owner} may not have objects in the schema ${object.schema ?? ""}; name it in \`schemas\``,
      });
    } else {
      moves.push(move(object, to));
    }
  }
  moves.sort((one, other) => orderOf(one) - orderOf(other));
  const adopted = objects.filter(
    ({ kind, schema, owner: of }) =>
      of === old &&
      kind !== "database" &&
      (kind === "schema" ? places.schemaOwner(schema ?? "") === owner : places.opens(schema)),
  );
  const goesOn = moves.length > 0 || (situation.oldActsAsOwner && old !== owner);
  return {
    moves,
    follow,
    remains,
    adopted,
    rights: rightsOn(adopted, expected),
    membership: goesOn && !situation.oldActsAsOwner ? [membership(owner, old, version)] : [],
    defaults: goesOn ? defaultsFor(old, defaultPrivileges, expected) : [],
  };
}

const alters = (changes: { statement: string }[]) => changes.map(({ statement }) => statement);

/**
 * All of it, in an order in which it succeeds: schemas before what is in them, and every table locked before the first one is
 * changed, for that is what may have to wait.
 */
export function statementsOf({ moves, rights, membership: first, defaults }: Adoption): string[] {
  const before = moves.filter((object) => orderOf(object) < TABLES);
  const after = moves.filter((object) => orderOf(object) >= TABLES);
  const locks = after
    .filter(({ type }) => type === "table")
    .map(({ name }) => `LOCK TABLE ONLY ${name} IN ACCESS EXCLUSIVE MODE`);
  return [...first, ...alters(before), ...locks, ...alters(after), ...alters(rights), ...defaults];
}
