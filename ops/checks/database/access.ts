import { OBJECT_KINDS, PRIVILEGES, ROLE_NAMES } from "../../../model/access/matrix";
import { roleIn } from "../../../model/access/applications";
import { CheckResult, Problem, result } from "../finding";
import { AclEntry, Catalog, CatalogObject } from "./catalog";
import { Expected, quoted } from "./expected";

const VERIFICATION = "guide: Permission Verification";
const list = (privileges: string[]) => privileges.join(", ") || "nothing";

/** Functions and procedures alike: GRANT takes ROUTINE for both. TABLE is GRANT's word for views, too. */
const grantType = ({ kind }: CatalogObject) => (kind === "function" ? "ROUTINE" : kind.toUpperCase());

/** What the catalog's rows call everybody. */
export const PUBLIC = "PUBLIC";

export const GRANTS = {
  check: "grants",
  title: "Every role has the rights of the access matrix on every object, no more and no less",
  controls: [VERIFICATION, "CIS 4.5", "OWASP: least privilege"],
};

/** The rights of roles, in a given object's list. */
function grantsOf(acl: AclEntry[]): Map<string, AclEntry[]> {
  const of = new Map<string, AclEntry[]>();
  for (const entry of acl.filter(({ grantee }) => grantee !== PUBLIC)) {
    of.set(entry.grantee, [...(of.get(entry.grantee) ?? []), entry]);
  }
  return of;
}

/** A role that has other rights on an object than it should. */
export interface Difference {
  role: string;
  has: AclEntry[];
  should: string[];
  /** What makes it right. */
  statements: string[];
}

/** Privileges that came with a later version of PostgreSQL (MAINTAIN in 17) count as too many as well. */
export function differencesOn(object: CatalogObject, expected: Expected): Difference[] {
  const { name, acl } = object;
  const wanted = expected.rights(object);
  const found = grantsOf(acl);
  const on = `${grantType(object)} ${name}`;
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((role) => {
    // The master has every right that it wants, as the one who makes roles.
    if (role === expected.config.masterUsername) {
      return [];
    }
    const should = wanted.get(role) ?? [];
    const entries = found.get(role) ?? [];
    const has = entries.map(({ privilege }) => privilege);
    const missing = role === object.owner ? [] : should.filter((privilege) => !has.includes(privilege));
    const extra = has.filter((privilege) => !should.includes(privilege));
    const passedOn = entries.filter(({ grantable }) => grantable).map(({ privilege }) => privilege);
    const who = quoted(role);
    const statements = [
      missing.length > 0 && `GRANT ${missing.join(", ")} ON ${on} TO ${who}`,
      extra.length > 0 && `REVOKE ${extra.join(", ")} ON ${on} FROM ${who}`,
      passedOn.length > 0 && `REVOKE GRANT OPTION FOR ${passedOn.join(", ")} ON ${on} FROM ${who}`,
    ].filter((cure) => cure !== false);
    return statements.length === 0 ? [] : [{ role, has: entries, should, statements }];
  });
}

const problemsOf = (object: CatalogObject, expected: Expected): Problem[] =>
  differencesOn(object, expected).map(({ role, has, should, statements }) => ({
    subject: `${role} on ${object.type.toLowerCase()} ${object.name}`,
    found: list(has.map(({ privilege, grantable }) => privilege + (grantable ? " with grant option" : ""))),
    expected: list(should),
    cure: statements.join("; "),
  }));

export function checkGrants(
  { objects, columns }: Pick<Catalog, "objects" | "columns">,
  expected: Expected,
): CheckResult {
  const ofColumns = columns
    .filter(({ grantee }) => grantee !== PUBLIC && grantee !== expected.config.masterUsername)
    .map(({ column, table, name, privilege, grantee }) => ({
      subject: `${grantee} on column ${column}`,
      found: privilege,
      expected: "rights on whole tables alone",
      cure: `REVOKE ${privilege} (${name}) ON ${table} FROM ${quoted(grantee)}`,
    }));
  return result(GRANTS, [...objects.flatMap((object) => problemsOf(object, expected)), ...ofColumns]);
}

export const PUBLIC_RIGHTS = {
  check: "public",
  title: "PUBLIC, which is everybody, has no right on the database, its schemas and what is in them",
  controls: ["guide: Automated Security Checks", "CIS 4.6", "CIS 4.7"],
};

/** What PUBLIC has on an object, and the statement that takes it away. */
export function publicRights(object: CatalogObject): { rights: string[]; statement: string } | undefined {
  const rights = object.acl.filter(({ grantee }) => grantee === PUBLIC).map(({ privilege }) => privilege);
  const statement = `REVOKE ${rights.join(", ")} ON ${grantType(object)} ${object.name} FROM PUBLIC`;
  return rights.length === 0 ? undefined : { rights, statement };
}

export function checkPublic({ objects, columns }: Pick<Catalog, "objects" | "columns">): CheckResult {
  const onObjects = objects.flatMap((object) => {
    const has = publicRights(object);
    return has === undefined
      ? []
      : [
          {
            subject: `${object.type.toLowerCase()} ${object.name}`,
            found: list(has.rights),
            expected: "nothing",
            cure: has.statement,
          },
        ];
  });
  const onColumns = columns
    .filter(({ grantee }) => grantee === PUBLIC)
    .map(({ column, table, name, privilege }) => ({
      subject: `column ${column}`,
      found: privilege,
      expected: "nothing",
      cure: `REVOKE ${privilege} (${name}) ON ${table} FROM PUBLIC`,
    }));
  return result(PUBLIC_RIGHTS, [...onObjects, ...onColumns]);
}

export const OWNERSHIP = {
  check: "ownership",
  title: "Migrations own every object, and the master the database and the stack's schemas",
  controls: ["CIS 4.3", "CIS 4.4", "guide: Database Roles & Permissions"],
};

/** PostgreSQL 15 and later: whoever owns the database owns the schema public through this role. */
const DATABASE_OWNER = "pg_database_owner";

export function checkOwnership({ objects }: Pick<Catalog, "objects">, expected: Expected): CheckResult {
  const { masterUsername } = expected.config;
  const owners = ({ kind, schema }: CatalogObject) =>
    kind === "database"
      ? [masterUsername]
      : kind === "schema"
        ? [masterUsername, DATABASE_OWNER, ...expected.owners(schema)]
        : expected.owners(schema);
  const wrong = objects.filter((object) => !owners(object).includes(object.owner));
  return result(
    OWNERSHIP,
    wrong.map((object) => {
      const [owner = masterUsername] = owners(object);
      const type = object.kind === "function" ? "ROUTINE" : object.type;
      return {
        subject: `${object.type.toLowerCase()} ${object.name}`,
        found: `belongs to ${object.owner}`,
        expected: `belongs to ${owner}`,
        cure: `ALTER ${type} ${object.name} OWNER TO ${quoted(owner)}`,
      };
    }),
  );
}

/** For the picture of the matrix: what each role has of each right, over all objects of a kind. */
export interface MatrixCell {
  role: string;
  kind: (typeof OBJECT_KINDS)[number];
  privilege: string;
  wanted: boolean;
  /** Objects on which it is as wanted, and on which it is not. */
  right: number;
  wrong: number;
}

export function matrixOf({ objects }: Catalog, expected: Expected): MatrixCell[] {
  return expected.applications.flatMap((application) => {
    const [sample = null] = application.schemas;
    const these = (kind: MatrixCell["kind"]) =>
      objects.filter(
        (one) => one.kind === kind && (kind === "database" || application.schemas.includes(one.schema ?? "")),
      );
    return ROLE_NAMES.flatMap((role) => {
      const name = roleIn(application, role);
      const cell = (kind: MatrixCell["kind"], privilege: string): MatrixCell => {
        const rights = expected.rights({ kind, schema: kind === "database" ? null : sample, owner: "" });
        const wanted = (rights.get(name) ?? []).includes(privilege);
        const has = ({ owner, acl }: CatalogObject) =>
          // An owner has every right; that is no cell of the matrix.
          owner === name ? wanted : acl.some((entry) => entry.grantee === name && entry.privilege === privilege);
        const right = these(kind).filter((object) => has(object) === wanted).length;
        return { role: name, kind, privilege, wanted, right, wrong: these(kind).length - right };
      };
      return OBJECT_KINDS.flatMap((kind) => PRIVILEGES[kind].map((privilege) => cell(kind, privilege)));
    });
  });
}

/** One cell for each role and right, whatever application and database it was counted for. */
export function together(cells: MatrixCell[]): MatrixCell[] {
  const merged = new Map<string, MatrixCell>();
  for (const cell of cells) {
    const key = [cell.role, cell.kind, cell.privilege].join();
    const before = merged.get(key);
    merged.set(key, before ? { ...cell, right: before.right + cell.right, wrong: before.wrong + cell.wrong } : cell);
  }
  return [...merged.values()];
}
