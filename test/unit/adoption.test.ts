import { describe, expect, it } from "vitest";
import { NEVER_ROTATED } from "../../model/access/rotation";
import { notes } from "../../ops/adoption/notes";
import { adoption, obstacles, statementsOf } from "../../ops/adoption/plan";
import { Owned, Situation } from "../../ops/adoption/situation";
import { cannotSwitchOn, leftOver, switchOff, switchOn } from "../../ops/adoption/switching";
import { CheckConfig } from "../../model/outputs/check";
import { CatalogObject, CatalogRole, DefaultAcl } from "../../ops/checks/database/catalog";
import { Expected } from "../../ops/checks/database/expected";

const config = {
  application: "shop",
  masterUsername: "shop_admin",
  database: { name: "shop" },
  applications: [],
  rowLevelSecurity: [],
  schemas: ["public"],
  roles: NEVER_ROTATED,
  extensions: [],
} as unknown as CheckConfig;
const expected = new Expected(config);

const owned = (type: string, name: string, more: Partial<Owned> = {}): Owned => ({
  ...{ type, name, schema: name.includes(".") ? (name.split(".")[0] ?? null) : null },
  ...{ ofExtension: false, follows: false, definer: false, readsAsOwner: false },
  ...more,
});
const object = (kind: CatalogObject["kind"], name: string, more: Partial<CatalogObject> = {}): CatalogObject => ({
  ...{ kind, name, type: kind.toUpperCase(), schema: kind === "schema" ? name : (name.split(".")[0] ?? null) },
  ...{ owner: "shop", acl: [] },
  ...more,
});
const role = (name: string, more: Partial<CatalogRole> = {}): CatalogRole => ({
  ...{ name, superuser: false, createDb: false, createRole: false, canLogin: true, replication: false },
  ...{ bypassRls: false, connectionLimit: -1, validUntil: null },
  ...more,
});
const grant = (grantee: string, privilege: string) => ({ grantee, privilege, grantable: false });
const PUBLIC_SCHEMA = object("schema", "public", {
  owner: "pg_database_owner",
  acl: [grant("shop_migrate", "USAGE"), grant("shop_migrate", "CREATE")],
});

const situation = (more: Partial<Situation> = {}): Situation => ({
  ...{ old: "shop", me: "shop_admin", database: "shop", version: 170_011, deadlockMs: 1_000 },
  ...{ ownerExists: true, oldActsAsOwner: false, ownerActsAsOld: false, mayBecomeOld: true, inherits: true },
  ...{ owned: [], otherDatabases: [], policies: [], foreignServers: [], locks: { needed: 10, room: 6_400 } },
  ...{ objects: [PUBLIC_SCHEMA], columns: [], defaultPrivileges: [], roles: [role("shop")], memberships: [] },
  ...{ roleSettings: [], tables: [] },
  ...more,
});
const plan = (more: Partial<Situation>) => adoption(situation(more), expected);
const statements = (more: Partial<Situation>) => statementsOf(plan(more));

const ONE_TABLE = {
  owned: [owned("table", "public.orders")],
  objects: [PUBLIC_SCHEMA, object("table", "public.orders")],
};

describe("the plan of an adoption", () => {
  it("is empty for a user that owns nothing, and for one that was adopted", () => {
    expect(statements({})).toEqual([]);
    expect(statements({ roles: [role("shop", { canLogin: false })] })).toEqual([]);
  });

  it("makes the old user a member before anything changes, locks tables before it changes one, and grants last", () => {
    expect(
      statements({
        owned: [
          owned("function", "public.f()"),
          owned("table", "public.orders"),
          owned("sequence", "public.counter"),
          owned("view", "public.open_orders"),
          owned("schema", "archive"),
        ],
        objects: [PUBLIC_SCHEMA, object("table", "public.orders"), object("schema", "archive")],
      }),
    ).toEqual([
      "GRANT shop_migrate TO shop WITH INHERIT TRUE, SET TRUE",
      "ALTER SCHEMA archive OWNER TO shop_migrate",
      "ALTER VIEW public.open_orders OWNER TO shop_migrate",
      "LOCK TABLE ONLY public.orders IN ACCESS EXCLUSIVE MODE",
      "ALTER TABLE public.orders OWNER TO shop_migrate",
      "ALTER SEQUENCE public.counter OWNER TO shop_migrate",
      "ALTER FUNCTION public.f() OWNER TO shop_migrate",
      "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE public.orders TO shop_app",
      "GRANT SELECT ON TABLE public.orders TO shop_readonly",
      "GRANT SELECT ON TABLE public.orders TO shop_backup",
      "GRANT USAGE ON SCHEMA archive TO shop_backup",
      ...DEFAULTS,
    ]);
  });

  it("says nothing of options to a PostgreSQL that knows none", () => {
    expect(statements({ ...ONE_TABLE, version: 150_019 })[0]).toBe("GRANT shop_migrate TO shop");
  });

  it("takes from PUBLIC, and from the stack's roles what the matrix has not; others keep theirs and are named", () => {
    const objects = [
      PUBLIC_SCHEMA,
      object("function", "public.f()", {
        acl: [grant("PUBLIC", "EXECUTE"), grant("shop_readonly", "EXECUTE"), grant("reporting", "EXECUTE")],
      }),
    ];
    const given = { owned: [owned("function", "public.f()")], objects };
    expect(plan(given).rights.map(({ statement }) => statement)).toEqual([
      "REVOKE EXECUTE ON ROUTINE public.f() FROM PUBLIC",
      "GRANT EXECUTE ON ROUTINE public.f() TO shop_app",
      "REVOKE EXECUTE ON ROUTINE public.f() FROM shop_readonly",
    ]);
    expect(notes(situation(given), expected, plan(given))).toContainEqual(
      expect.stringMatching(/^reporting has rights on 1 of these objects/),
    );
  });

  it("leaves to their table what follows it, to an extension what is its own, and says of the rest why it stays", () => {
    const { moves, follow, remains } = plan({
      owned: [
        owned("table", "public.orders"),
        owned("sequence", "public.orders_id_seq", { follows: true }),
        owned("function", "public.similarity(text, text)", { ofExtension: true }),
        owned("extension", "pg_trgm"),
        owned("publication", "all_rows"),
        owned("something new", "x"),
        owned("table", "closed.things"),
      ],
      objects: [PUBLIC_SCHEMA, object("schema", "closed", { owner: "somebody" })],
    });
    expect(moves.map(({ name }) => name)).toEqual(["public.orders"]);
    expect(follow.map(({ name }) => name)).toEqual(["public.orders_id_seq"]);
    expect(remains.map(({ subject }) => subject)).toEqual([
      "extension pg_trgm",
      "publication all_rows",
      "something new x",
      "table closed.things",
    ]);
    expect(remains[3]?.why).toContain("may not have objects in the schema closed");
  });

  it("leaves to the master, where it is the old user, what pulumi up has made", () => {
    const master = {
      ...{ old: "shop_admin", me: "shop_admin", roles: [role("shop_admin")] },
      owned: [
        owned("schema", "extensions"),
        owned("schema", "public"),
        owned("schema", "drizzle"),
        owned("table", "drizzle.journal"),
      ],
      objects: ["extensions", "public", "drizzle"].map((name) => object("schema", name, { owner: "shop_admin" })),
    };
    expect(plan(master).moves.map(({ type, name }) => `${type} ${name}`)).toEqual([
      "schema drizzle",
      "table drizzle.journal",
    ]);
    expect(statementsOf(plan(master))[0]).toBe("GRANT shop_migrate TO shop_admin WITH INHERIT TRUE, SET TRUE");
    expect(notes(situation(master), expected, plan(master))[0]).toContain("is the master and stays it");
  });
});

const DEFAULTS = [
  "REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
  "IN SCHEMA public GRANT SELECT ON TABLES TO shop_app",
  "IN SCHEMA public GRANT INSERT ON TABLES TO shop_app",
  "IN SCHEMA public GRANT UPDATE ON TABLES TO shop_app",
  "IN SCHEMA public GRANT DELETE ON TABLES TO shop_app",
  "IN SCHEMA public GRANT USAGE ON SEQUENCES TO shop_app",
  "IN SCHEMA public GRANT SELECT ON SEQUENCES TO shop_app",
  "IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO shop_app",
  "IN SCHEMA public GRANT SELECT ON TABLES TO shop_readonly",
  "IN SCHEMA public GRANT SELECT ON SEQUENCES TO shop_readonly",
  "GRANT USAGE ON SCHEMAS TO shop_backup",
  "GRANT SELECT ON TABLES TO shop_backup",
  "GRANT SELECT ON SEQUENCES TO shop_backup",
].map((rest) => `ALTER DEFAULT PRIVILEGES FOR ROLE shop ${rest}`);

describe("what is in the way of an adoption", () => {
  it.each<[string, Partial<Situation>, RegExp]>([
    ["one of the stack's own logins", { old: "shop_app_clone" }, /^--from: shop_app_clone is one of the stack's own/],
    ["the server's own", { old: "rds_superuser" }, /the server's own/],
    ["a superuser", { roles: [role("shop", { superuser: true })] }, /nobody can take from it/],
    ["a stack without roles", { ownerExists: false }, /run `pulumi up` first/],
    ["a membership the other way round", { ownerActsAsOld: true }, /REVOKE shop FROM shop_migrate$/],
    ["a login that inherits nothing", { version: 150_019, inherits: false }, /ALTER ROLE shop INHERIT$/],
    ["a role that is somebody else's", { mayBecomeOld: false }, /GRANT shop TO shop_admin WITH ADMIN OPTION$/],
    ["too many locks", { locks: { needed: 6_000, room: 6_400 } }, /raise max_locks_per_transaction/],
  ])("is %s", (_, more, message) => {
    const found = obstacles(situation(more), expected);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });

  it("is nothing where all is as it should be, whatever is inherited since PostgreSQL 16", () => {
    expect(obstacles(situation({ inherits: false }), expected)).toEqual([]);
  });
});

describe("what one should know", () => {
  const tables = [{ schema: "public", name: "orders", enabled: true, forced: false, policies: [] }];
  it.each<[string, Partial<Situation>, RegExp]>([
    ["whose rights a function has", { owned: [owned("function", "public.f()", { definer: true })] }, /DEFINER .*f\(\)/],
    ["who reads for a view", { owned: [owned("view", "public.v", { readsAsOwner: true })] }, /Views read .*public\.v/],
    ["that nobody reads large objects", { owned: [owned("large object", "4711")] }, /1 needs GRANT SELECT ON LARGE/],
    ["that policies begin to hold", { ...ONE_TABLE, tables }, /did not hold for shop.*public\.orders/],
    ["that policies are for the old user", { policies: ["own on public.orders"] }, /show shop_app nothing: own/],
    ["that it sees every row", { roles: [role("shop", { bypassRls: true })] }, /BYPASSRLS/],
    ["where it owns more", { otherDatabases: ["shop_test"] }, /other databases .*shop_test/],
    ["who runs migrations", { owned: [owned("schema", "drizzle")] }, /run migrations as it/],
    [
      "what stands on its login",
      { roleSettings: [{ role: "shop", database: null, name: "search_path", value: "app" }] },
      /shop_app has not: search_path = app/,
    ],
    [
      "who acts through it",
      { memberships: [{ role: "shop", member: "developer", admin: false, acts: true }] },
      /Others act through shop.*developer/,
    ],
    [
      "what is somebody else's",
      { objects: [PUBLIC_SCHEMA, object("table", "public.theirs", { owner: "other" })] },
      /left to whom they belong: public\.theirs \(other\)/,
    ],
  ])("%s", (_, more, message) => {
    const found = notes(situation(more), expected, plan(more));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });
});

describe("switching off", () => {
  const adopted: Partial<Situation> = {
    oldActsAsOwner: true,
    objects: [
      object("database", "shop", { schema: null }),
      { ...PUBLIC_SCHEMA, acl: [...PUBLIC_SCHEMA.acl, grant("shop", "CREATE")] },
      object("table", "public.orders", { owner: "shop_migrate", acl: [grant("shop", "SELECT")] }),
      object("table", "public.theirs", { owner: "other", acl: [grant("shop", "SELECT")] }),
    ],
    defaultPrivileges: [
      { creator: "shop", schema: "public", kind: "table", acl: [grant("shop_app", "SELECT")] },
      { creator: "shop", schema: null, kind: "function", acl: [] },
      { creator: "shop_migrate", schema: "public", kind: "table", acl: [grant("shop_app", "SELECT")] },
    ] as DefaultAcl[],
    memberships: [
      { role: "shop", member: "shop_admin", admin: true, acts: true },
      { role: "pg_read_all_stats", member: "shop", admin: false, acts: true },
    ],
  };
  const off = (more: Partial<Situation>) => switchOff(situation(more), expected, plan(more));

  it("takes the database, what it gives by default, its rights, its membership and its login", () => {
    expect(off(adopted)).toEqual([
      "ALTER DATABASE shop OWNER TO shop_admin",
      "ALTER DEFAULT PRIVILEGES FOR ROLE shop IN SCHEMA public REVOKE SELECT ON TABLES FROM shop_app",
      "ALTER DEFAULT PRIVILEGES FOR ROLE shop GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
      "REVOKE ALL ON SCHEMA public FROM shop",
      "REVOKE ALL ON TABLE public.orders FROM shop",
      "REVOKE shop_migrate FROM shop",
      "ALTER ROLE shop NOLOGIN",
      "REVOKE shop FROM shop_admin",
    ]);
    expect(leftOver(situation(adopted), expected)).toEqual(["REVOKE pg_read_all_stats FROM shop"]);
  });

  it("leaves the master its login and its database", () => {
    const master = {
      ...adopted,
      old: "shop_admin",
      memberships: [],
      roles: [role("shop_admin")],
      defaultPrivileges: [],
    };
    expect(off(master)).toEqual(["REVOKE shop_migrate FROM shop_admin"]);
  });

  it("is undone by what an application needs, and nobody else is switched on", () => {
    const isOff = { roles: [role("shop", { canLogin: false })] };
    expect(switchOn(situation(isOff), expected)).toEqual([
      "ALTER ROLE shop LOGIN",
      "GRANT shop_migrate TO shop WITH INHERIT TRUE, SET TRUE",
      ...DEFAULTS,
    ]);
    expect(cannotSwitchOn(situation(isOff), expected)).toBeUndefined();
    expect(cannotSwitchOn(situation({}), expected)).toContain("shop is not switched off");
  });
});
