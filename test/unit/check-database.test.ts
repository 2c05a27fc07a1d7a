import { describe, expect, it } from "vitest";
import { NEVER_ROTATED } from "../../model/access/rotation";
import { CheckConfig } from "../../model/outputs/check";
import { checkGrants, checkOwnership, checkPublic } from "../../ops/checks/database/access";
import { AclEntry, Catalog, CatalogObject, CatalogRole, Setting } from "../../ops/checks/database/catalog";
import { checkTls } from "../../ops/checks/database/connection";
import { Expected, quoted } from "../../ops/checks/database/expected";
import { checkLogins, checkLoginSettings, checkMemberships } from "../../ops/checks/database/logins";
import { checkParameters } from "../../ops/checks/database/settings";
import { CheckResult } from "../../ops/checks/finding";

/** What the checks inside of the database make of a catalog; that they read it rightly a real server shows (stack/check-17). */
const expected = new Expected({
  ...{ application: "shop", masterUsername: "chief", database: { name: "shop" }, applications: [] },
  ...{ rowLevelSecurity: [], schemas: ["public"], roles: NEVER_ROTATED, extensions: [] },
  parameters: { log_connections: "1", lock_timeout: "5000" },
} as unknown as CheckConfig);
const catalog = (part: Partial<Catalog>) =>
  ({ columns: [], roles: [], memberships: [], roleSettings: [], parameterGrants: [], ...part }) as unknown as Catalog;
const found = ({ findings }: CheckResult) => findings.map(({ subject, found: is, cure }) => [subject, is, cure]);

const right = (grantee: string, privilege: string, grantable = false): AclEntry => ({ grantee, privilege, grantable });
const TABLE: CatalogObject = {
  ...{ kind: "table", type: "TABLE", schema: "public", name: "public.orders", owner: "shop_migrate" },
  acl: [
    ...["SELECT", "INSERT", "UPDATE", "DELETE"].map((privilege) => right("shop_app", privilege)),
    ...["shop_readonly", "shop_backup"].map((role) => right(role, "SELECT")),
  ],
};
const withRights = (...more: AclEntry[]) => catalog({ objects: [{ ...TABLE, acl: [...TABLE.acl, ...more] }] });

describe("rights", () => {
  it("as the access matrix has them are no finding", () => {
    expect(found(checkGrants(withRights(), expected))).toEqual([]);
    expect(found(checkPublic(withRights()))).toEqual([]);
    expect(found(checkOwnership(withRights(), expected))).toEqual([]);
  });

  it("too many, missing, or to be passed on are found, with what makes them right", () => {
    expect(found(checkGrants(withRights(right("shop_readonly", "DELETE")), expected))).toEqual([
      ["shop_readonly on table public.orders", "SELECT, DELETE", expect.stringMatching(/^REVOKE DELETE ON TABLE/)],
    ]);
    const passing = {
      ...TABLE,
      acl: TABLE.acl.map((entry) => ({ ...entry, grantable: entry.privilege === "INSERT" })),
    };
    expect(found(checkGrants(catalog({ objects: [passing] }), expected))).toEqual([
      [
        "shop_app on table public.orders",
        "SELECT, INSERT with grant option, UPDATE, DELETE",
        "REVOKE GRANT OPTION FOR INSERT ON TABLE public.orders FROM shop_app",
      ],
    ]);
    const without = { ...TABLE, acl: TABLE.acl.filter(({ grantee }) => grantee !== "shop_backup") };
    expect(found(checkGrants(catalog({ objects: [without] }), expected))).toEqual([
      ["shop_backup on table public.orders", "nothing", "GRANT SELECT ON TABLE public.orders TO shop_backup"],
    ]);
  });

  it("of everybody are found", () => {
    expect(found(checkPublic(withRights(right("PUBLIC", "SELECT"))))).toEqual([
      ["table public.orders", "SELECT", "REVOKE SELECT ON TABLE public.orders FROM PUBLIC"],
    ]);
  });

  it("of an owner that is not the migrations are found", () => {
    expect(found(checkOwnership(catalog({ objects: [{ ...TABLE, owner: "shop_app" }] }), expected))).toEqual([
      ["table public.orders", "belongs to shop_app", "ALTER TABLE public.orders OWNER TO shop_migrate"],
    ]);
  });

  it("are told with names as SQL wants them", () => {
    expect(["orders", "Orders", 'odd "name', "x; DROP TABLE y"].map(quoted)).toEqual([
      ...["orders", '"Orders"', '"odd ""name"', '"x; DROP TABLE y"'],
    ]);
  });
});

describe("logins", () => {
  const role = (name: string, more: Partial<CatalogRole> = {}): CatalogRole => ({
    ...{ name, superuser: false, createDb: false, createRole: false, canLogin: true, replication: false },
    ...{ bypassRls: false, connectionLimit: -1, validUntil: null },
    ...more,
  });
  const ours = [...expected.logins.map(({ login, canLogin }) => role(login, { canLogin })), role("chief")];

  it("of the stack are no finding, others are", () => {
    expect(found(checkLogins(catalog({ roles: ours }), expected))).toEqual([]);
    const unknown = [role("backdoor"), role("group", { canLogin: false })];
    expect(found(checkLogins(catalog({ roles: [...ours, ...unknown] }), expected)).map(([subject]) => subject)).toEqual(
      ["backdoor"],
    );
  });

  it("act as nobody else: of the master an ADMIN OPTION alone is none", () => {
    const memberships = (acts: boolean) => [{ role: "shop_migrate", member: "chief", admin: true, acts }];
    const subjects = (acts: boolean) =>
      found(checkMemberships(catalog({ memberships: memberships(acts) }), expected)).map(([subject]) => subject);
    expect([subjects(false), subjects(true)]).toEqual([[], ["chief in shop_migrate"]]);
  });

  it("have the settings of the stack, and no other", () => {
    const setting = (name: string, value: string) => ({ role: "shop_app", database: null, name, value });
    const limits = [setting("statement_timeout", "30000"), setting("idle_in_transaction_session_timeout", "60000")];
    const settings = (...more: ReturnType<typeof setting>[]) =>
      found(checkLoginSettings(catalog({ roles: [role("shop_app")], roleSettings: [...limits, ...more] }), expected));
    expect(settings()).toEqual([]);
    expect(settings(setting("log_statement", "none"))).toEqual([
      ["shop_app: log_statement", "none", "ALTER ROLE shop_app RESET log_statement"],
    ]);
  });
});

describe("the server", () => {
  const now = new Date("2026-11-25T12:00:00Z");
  const connection = { ssl: true, version: "TLSv1.3", cipher: "c", bits: 256, serverVersion: 170_000 };
  const tls = (days: number, withoutTls: "refused" | "let in") => {
    const certificateEnds = new Date(now.getTime() + days * 86_400_000);
    return found(checkTls(catalog({ connection, unencrypted: [] }), { certificateEnds, withoutTls }, now));
  };

  it("takes no connection without TLS, and its certificate is good for a month", () => {
    expect(tls(30, "refused")).toEqual([]);
    expect(tls(29, "refused").map(([subject]) => subject)).toEqual(["the server's certificate"]);
    expect(tls(30, "let in").map(([subject]) => subject)).toEqual(["a connection without TLS"]);
  });

  const setting = (name: string, value: string, more: Partial<Setting> = {}): Setting => ({
    ...{ name, setting: value, unit: null, vartype: "integer", source: "configuration file", sourcefile: "/p.conf" },
    ...{ pendingRestart: false, ...more },
  });
  const parameters = (connections: string, more: Partial<Setting> = {}) =>
    found(
      checkParameters(
        catalog({
          settings: [
            setting("log_connections", connections, { vartype: "bool" }),
            setting("lock_timeout", "5000", more),
          ],
        }),
        expected,
      ),
    ).map(([subject, is]) => `${subject}: ${is}`);

  it("runs with the stack's parameters, and none waits for a restart", () => {
    expect(parameters("on")).toEqual([]);
    expect(parameters("off")).toEqual(["log_connections: off, from /p.conf"]);
    expect(parameters("on", { setting: "0" })).toEqual(["lock_timeout: 0, from /p.conf"]);
    expect(parameters("on", { pendingRestart: true })).toEqual(["lock_timeout: 5000 until a restart"]);
  });
});
