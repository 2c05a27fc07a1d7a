import { ACCESS } from "../../../model/access/matrix";
import { computeDefaultPrivileges } from "../../../model/access/grants";
import { CheckResult, Problem, result } from "../finding";
import { PUBLIC } from "./access";
import { Catalog, DefaultAcl } from "./catalog";
import { Expected, quoted } from "./expected";

export const FUTURE = {
  check: "default-privileges",
  title: "What migrations will make gets the rights of the access matrix by itself",
  controls: ["guide: Database Roles & Permissions", "CIS 4.5"],
};

interface DefaultPrivilege {
  creator: string;
  schema: string | null;
  kind: string;
  grantee: string;
  privilege: string;
}

/** Whoever has a right on what is made may pass it on. */
function passedOn(acls: DefaultAcl[]): Problem[] {
  return acls.flatMap(({ creator, schema, kind, acl }) =>
    acl
      .filter(({ grantable }) => grantable)
      .map(({ grantee, privilege }) => {
        const entry = { creator, schema, kind, grantee, privilege };
        return {
          subject: inWords(entry),
          found: "granted with grant option",
          expected: "granted without",
          cure: statement("REVOKE", entry).replace("REVOKE", "REVOKE GRANT OPTION FOR"),
        };
      }),
  );
}

const keyOf = ({ creator, schema, kind, grantee, privilege }: DefaultPrivilege) =>
  [creator, schema, kind, grantee, privilege].join("|");

function statement(verb: "GRANT" | "REVOKE", { creator, schema, kind, grantee, privilege }: DefaultPrivilege): string {
  const where = schema === null ? "" : ` IN SCHEMA ${quoted(schema)}`;
  const who = grantee === PUBLIC ? PUBLIC : quoted(grantee);
  const towards = verb === "GRANT" ? "TO" : "FROM";
  return `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(creator)}${where} ${verb} ${privilege} ON ${kind.toUpperCase()}S ${towards} ${who}`;
}

const inWords = ({ creator, schema, kind, grantee, privilege }: DefaultPrivilege) =>
  `${privilege} for ${grantee} on the ${kind}s that ${creator} makes in ${schema ?? "every schema"}`;

function present(acls: DefaultAcl[]): DefaultPrivilege[] {
  return acls.flatMap(({ creator, schema, kind, acl }) =>
    acl.map(({ grantee, privilege }) => ({ creator, schema, kind, grantee, privilege })),
  );
}

/** What those should have by themselves that are made by migrations, or by somebody else who makes objects for a while. */
function wantedFrom(creator: string, expected: Expected, migrations = expected.owner): DefaultPrivilege[] {
  return expected.applications
    .flatMap((application) => computeDefaultPrivileges(ACCESS, application))
    .filter(({ owner, role }) => owner === migrations && role !== "public")
    .flatMap(({ role, schema = null, objectType, privileges }) =>
      privileges.map((privilege) => ({ creator, schema, kind: objectType, grantee: role, privilege })),
    );
}

const executedByEverybody = (creator: string): DefaultPrivilege => ({
  ...{ creator, schema: null, kind: "function", grantee: PUBLIC, privilege: "EXECUTE" },
});

/** What a creator's objects get. EXECUTE is everybody's unless there is an entry that leaves PUBLIC out. */
function given(creator: string, acls: DefaultAcl[]): DefaultPrivilege[] {
  const own = acls.filter((acl) => acl.creator === creator);
  const known = own.some(({ schema, kind }) => schema === null && kind === "function");
  return [...present(own), ...(known ? [] : [executedByEverybody(creator)])];
}

/** What makes objects of a creator's get the rights that those of migrations get. */
export function defaultsFor(creator: string, acls: DefaultAcl[], expected: Expected): string[] {
  const has = new Set(given(creator, acls).map(keyOf));
  const everybody = executedByEverybody(creator);
  return [
    ...(has.has(keyOf(everybody)) ? [statement("REVOKE", everybody)] : []),
    ...wantedFrom(creator, expected)
      .filter((entry) => !has.has(keyOf(entry)))
      .map((entry) => statement("GRANT", entry)),
  ];
}

/** What leaves to a creator's objects the rights alone that PostgreSQL gives by itself. */
export function withoutDefaults(creator: string, acls: DefaultAcl[]): string[] {
  const everybody = executedByEverybody(creator);
  const has = given(creator, acls);
  const extra = has.filter((entry) => keyOf(entry) !== keyOf(everybody));
  return [
    ...extra.map((entry) => statement("REVOKE", entry)),
    ...(has.length === extra.length ? [statement("GRANT", everybody)] : []),
  ];
}

export function checkDefaultPrivileges(
  { defaultPrivileges: acls }: Pick<Catalog, "defaultPrivileges">,
  expected: Expected,
): CheckResult {
  const owners = expected.owners(null);
  const wanted = owners.flatMap((owner) => wantedFrom(owner, expected, owner));
  const others = acls.filter(({ creator }) => !owners.includes(creator));
  const has = [...owners.flatMap((owner) => given(owner, acls)), ...present(others)];
  const [wantedKeys, hasKeys] = [new Set(wanted.map(keyOf)), new Set(has.map(keyOf))];
  const missing = wanted.filter((entry) => !hasKeys.has(keyOf(entry)));
  const extra = has.filter((entry) => !wantedKeys.has(keyOf(entry)));
  return result(FUTURE, [
    ...missing.map((entry) => ({
      subject: inWords(entry),
      found: "not granted",
      expected: "granted",
      cure: statement("GRANT", entry),
    })),
    ...extra.map((entry) => ({
      subject: inWords(entry),
      found: "granted",
      expected: "not granted",
      cure: statement("REVOKE", entry),
    })),
    ...passedOn(acls),
  ]);
}
