import { describe, expect, it } from "vitest";
import { rowLevelSecurityProblems, TablePolicy, TableSecurity } from "../../ops/checks/row-level-security";
import { parseSettings } from "../../model/settings";

const ROLES = { app: "shop_app", backup: "shop_backup" };
const ME = "(user_id = ( SELECT NULLIF(current_setting('app.user_id'::text, true), ''::text) AS \"nullif\"))";

const policy = (changes: Partial<TablePolicy> = {}): TablePolicy => ({
  ...{ name: "own", roles: [ROLES.app], command: "ALL", permissive: true, using: ME, check: null },
  ...changes,
});
const BACKUPS = policy({ name: "backups", roles: [ROLES.backup], command: "SELECT", using: "true" });
const table = (changes: Partial<TableSecurity> = {}): TableSecurity => ({
  ...{ schema: "public", name: "session", enabled: true, forced: true, policies: [policy(), BACKUPS] },
  ...changes,
});
const withPolicies = (...policies: TablePolicy[]) => table({ policies: [...policies, BACKUPS] });
const check = (...tables: TableSecurity[]) => rowLevelSecurityProblems(["session"], tables, ROLES);
const found = (...tables: TableSecurity[]) => check(...tables).map((problem) => problem.found);

describe("tables that must have row-level security", () => {
  it("are in order, in any schema; what is not wanted does not count", () => {
    const sales = table({ schema: "sales", name: "Order" });
    const other = table({ name: "other", enabled: false, policies: [] });
    expect(rowLevelSecurityProblems(["public.session", "sales.Order"], [table(), sales, other], ROLES)).toEqual([]);
    expect(rowLevelSecurityProblems([], [other], ROLES)).toEqual([]);
  });

  it("must be there, in the schema that is meant", () => {
    expect(check(table({ schema: "sales" }))).toEqual([
      {
        table: "public.session",
        found: "there is no such table",
        expected: "a table with row-level security",
        cure: "run the migration that makes it, or take it out of the setting rowLevelSecurity",
      },
    ]);
  });

  it("must have it enabled and forced", () => {
    expect(check(table({ enabled: false }))).toEqual([
      {
        table: "public.session",
        found: "row-level security is off: everybody sees every row, whatever the policies say",
        expected: "ENABLE ROW LEVEL SECURITY",
        cure: 'ALTER TABLE "public"."session" ENABLE ROW LEVEL SECURITY',
      },
    ]);
    expect(check(table({ forced: false }))).toEqual([
      {
        table: "public.session",
        found: "the owner is not held to the policies, nor is any view or function of the owner's",
        expected: "FORCE ROW LEVEL SECURITY",
        cure: 'ALTER TABLE "public"."session" FORCE ROW LEVEL SECURITY',
      },
    ]);
  });

  it("must have a policy; what follows from having none is not told as well", () => {
    expect(found(table({ policies: [] }))).toEqual(["there is no policy: nobody sees anything"]);
  });

  it.each([
    ["for everybody", policy({ roles: ["public"], using: "true" }), "the policy own is true for public"],
    ["for the application", policy({ using: "true" }), "the policy own is true for shop_app"],
    ["for what is written", policy({ command: "INSERT", using: null, check: "true" }), "the policy own is true"],
  ])("must not let every row pass, %s", (_, wrong, message) => {
    expect(found(withPolicies(wrong))).toEqual([expect.stringContaining(message)]);
  });

  it("may let every row pass for another role, or restrict nothing", () => {
    expect(check(withPolicies(policy(), policy({ roles: ["shop_readonly"], using: "true" })))).toEqual([]);
    expect(check(withPolicies(policy(), policy({ permissive: false, using: "true" })))).toEqual([]);
  });

  it.each(["CURRENT_USER", "SESSION_USER", "CURRENT_ROLE", "USER"])("must not ask for %s", (who) => {
    expect(found(withPolicies(policy({ using: `(user_id = ${who})` })))).toEqual([
      "the policy own asks for the database's user, and all users of the application share one",
    ]);
    expect(found(withPolicies(policy({ check: `(user_id = (${who})::text)` })))).toHaveLength(1);
  });

  it("may have a column, a table or a text of that name", () => {
    for (const using of [`("USER" = 'x'::text)`, "(kind = 'CURRENT_USER'::text)", '("user".id = 1)', "(user_id = 1)"]) {
      expect(check(withPolicies(policy({ using }))), using).toEqual([]);
    }
  });

  it.each([
    "(EXISTS ( SELECT 1\n   FROM session session_1\n  WHERE (session_1.id = 1)))",
    "(EXISTS ( SELECT 1\n   FROM public.session s))",
    "(EXISTS ( SELECT 1\n   FROM (orders o\n     JOIN session s ON ((s.id = o.id)))))",
    "(EXISTS ( SELECT 1\n   FROM orders o,\n    session s))",
    "(EXISTS ( SELECT 1\n   FROM ONLY session s))",
    '(EXISTS ( SELECT 1\n   FROM "public"."session" s))',
  ])("must not look anything up in themselves: %s", (using) => {
    expect(found(withPolicies(policy({ using })))).toEqual([
      "the policy own selects from its own table: every query fails with infinite recursion",
    ]);
    expect(found(withPolicies(policy({ command: "INSERT", using: null, check: using })))).toHaveLength(1);
  });

  it.each([
    "(EXISTS ( SELECT 1\n   FROM sessions s))",
    "(EXISTS ( SELECT 1\n   FROM sales.session s))",
    "(EXISTS ( SELECT 1\n   FROM session.users s))",
    "(EXISTS ( SELECT 1\n   FROM session(1) s))",
    "(EXISTS ( SELECT 1\n   FROM logs WHERE (logs.text = ' FROM session '::text)))",
  ])("may look it up elsewhere: %s", (using) => {
    expect(check(withPolicies(policy({ using })))).toEqual([]);
  });

  it("must not come back to themselves by way of another table's policy", () => {
    const asks = (name: string) => policy({ name: `asks_${name}`, using: `(id IN ( SELECT x.id FROM ${name} x))` });
    const other = (to: string, enabled = true) => table({ name: "other", enabled, policies: [asks(to)] });
    expect(
      found(withPolicies(asks("other")), other("third"), table({ name: "third", policies: [asks("session")] })),
    ).toEqual([
      "the policy asks_other selects from its own table by way of public.other: every query fails with infinite recursion",
    ]);
    expect(found(withPolicies(asks("other")), other("session"))).toHaveLength(1);
    expect(found(withPolicies(asks("other")), other("session", false))).toEqual([]);
    expect(found(withPolicies(asks("other")), other("other"))).toEqual([]);
  });

  it("must show backups every row", () => {
    const cure = 'CREATE POLICY every_row_for_backups ON "public"."session" FOR SELECT TO "shop_backup" USING (true)';
    const missing = { found: "no policy shows shop_backup every row: no backup is made", cure };
    expect(check(table({ policies: [policy()] }))).toMatchObject([missing]);
    for (const not of [
      { roles: ["shop_app_2"] },
      { command: "INSERT" as const },
      { using: ME },
      { permissive: false },
    ]) {
      const almost = { ...BACKUPS, ...not };
      expect(check(table({ policies: [policy(), almost] })), JSON.stringify(not)).toMatchObject([missing]);
    }
    expect(check(table({ policies: [policy(), { ...BACKUPS, command: "ALL" }] }))).toEqual([]);
  });

  it.each([ROLES.backup, "public"])("must not hold rows back from backups with a restriction for %s", (role) => {
    const restriction = policy({ name: "not_all", permissive: false, roles: [role], using: "(id < 20)" });
    expect(found(withPolicies(policy(), restriction))).toEqual([
      "the restrictive policy not_all holds rows back from shop_backup: no backup is made",
    ]);
    expect(found(withPolicies(policy(), { ...restriction, command: "UPDATE" }))).toEqual([]);
  });
});

describe("the setting rowLevelSecurity", () => {
  const set = (rowLevelSecurity: unknown) => () => parseSettings("dev", { rowLevelSecurity }).rowLevelSecurity;

  it("demands nothing by default, and means public where no schema is named", () => {
    expect(parseSettings("dev", {}).rowLevelSecurity).toEqual([]);
    expect(set(["user", "sales.Order_items", "public.session"])()).toEqual([
      "public.user",
      "sales.Order_items",
      "public.session",
    ]);
  });

  it.each([
    [["us er"], 'rowLevelSecurity[0]: "us er" is no table\'s name; write schema.table, e.g. public.session'],
    [['"user"'], "without quotes or wildcards"],
    [["public.*"], "is no table's name"],
    [["a.b.c"], "is no table's name"],
    [[""], 'rowLevelSecurity[0]: "" is no table\'s name'],
    [[7], "rowLevelSecurity[0]: 7 must be text: a table's name, e.g. public.session"],
    [["ok", "t".repeat(64)], "is longer than the 63 bytes that PostgreSQL allows a name; look the name up"],
    [["user", "public.user"], 'rowLevelSecurity: ["user","public.user"] names a table twice; name each once'],
    ["user", 'rowLevelSecurity: "user" must be a list, e.g. [one, two]'],
  ])("refuses %j", (value, message) => {
    expect(set(value)).toThrow(message);
  });
});
