import { describe, expect, it } from "vitest";
import { onlyApplication } from "../../model/access/applications";
import { ACCESS, AccessMatrix, mayUse, ownerRole, ROLE_NAMES } from "../../model/access/matrix";
import { computeDefaultPrivileges, computeGrants } from "../../model/access/grants";

const changed = (change: (matrix: AccessMatrix) => void): AccessMatrix => {
  const matrix = structuredClone(ACCESS);
  change(matrix);
  return matrix;
};

describe("access matrix", () => {
  it("has one owner", () => {
    expect(ownerRole()).toBe("migrate");
    expect(() => ownerRole(changed((matrix) => (matrix.migrate.ownsObjects = false)))).toThrowError("exactly one role");
    expect(() => ownerRole(changed((matrix) => (matrix.app.ownsObjects = true)))).toThrowError("exactly one role");
  });

  it("gives an owner every right, and others what stands in it", () => {
    expect(mayUse(ACCESS, "app", "table", "DELETE")).toBe(true);
    expect(mayUse(ACCESS, "app", "table", "TRUNCATE")).toBe(false);
    expect(mayUse(ACCESS, "migrate", "table", "TRUNCATE")).toBe(false);
    expect(mayUse(ACCESS, "migrate", "table", "TRUNCATE", true)).toBe(true);
  });
});

describe("what the guide gives", () => {
  // Written out on purpose: whatever changes in here changes who may do what.
  it.each([
    ["table", ["SELECT, INSERT, UPDATE, DELETE", "SELECT", "", "SELECT", ""]],
    ["sequence", ["USAGE, SELECT", "SELECT", "", "SELECT", ""]],
    ["function", ["EXECUTE", "", "", "", ""]],
    ["schema", ["USAGE", "USAGE", "USAGE, CREATE", "USAGE", ""]],
    ["database", ["CONNECT", "CONNECT", "CONNECT, CREATE, TEMPORARY", "CONNECT", "CONNECT"]],
  ] as const)("on a %s to app, readonly, migrate, backup and monitor", (kind, rights) => {
    expect(ROLE_NAMES.map((role) => ACCESS[role].grants[kind].join(", "))).toEqual(rights);
  });
});

describe("grants", () => {
  const list = computeGrants(ACCESS, onlyApplication("shop", ["public", "sales"]));

  it("takes PUBLIC's rights away before it gives the roles theirs", () => {
    const lastOfPublic = list.findLastIndex(({ role }) => role === "public");
    expect(
      list.slice(0, lastOfPublic + 1).every(({ role, privileges }) => role === "public" && privileges.length === 0),
    ).toBe(true);
    expect(list.slice(lastOfPublic + 1).some(({ role }) => role === "public")).toBe(false);
    expect(list.slice(0, lastOfPublic + 1).map(({ objectType, schema = "" }) => `${objectType} ${schema}`)).toEqual([
      ...["database ", "schema public", "function public", "schema sales", "function sales"],
    ]);
  });

  it("has one entry for each role, schema and kind of object", () => {
    const keys = list.map(({ role, schema, objectType }) => [role, schema, objectType].join());
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
  });

  it("says for every schema what the guide says for public", () => {
    for (const schema of ["public", "sales"]) {
      expect(list).toContainEqual({
        name: `app-${schema}-table`,
        role: "shop_app",
        schema,
        objectType: "table",
        privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"],
      });
    }
  });

  it("gives monitoring a way to the extensions' views, and to nothing of the application's", () => {
    expect(
      list.filter(({ role }) => role === "shop_monitor").map(({ name, privileges }) => [name, privileges]),
    ).toEqual([
      ["monitor-database", ["CONNECT"]],
      ["monitor-extensions-schema", ["USAGE"]],
    ]);
  });

  it("follows the matrix", () => {
    const without = computeGrants(
      changed((matrix) => (matrix.readonly.grants.table = [])),
      onlyApplication("shop", ["public"]),
    );
    expect(without.find(({ name }) => name === "readonly-public-table")).toBeUndefined();
  });
});

describe("default privileges", () => {
  const list = computeDefaultPrivileges(ACCESS, onlyApplication("shop", ["public"]));

  it("binds to what the owner creates, never to whoever runs the statement", () => {
    expect(list.every(({ owner }) => owner === "shop_migrate")).toBe(true);
  });

  it("takes EXECUTE on new functions from PUBLIC, in all schemas", () => {
    expect(list[0]).toEqual({
      name: "public-function",
      owner: "shop_migrate",
      role: "public",
      objectType: "function",
      privileges: [],
    });
  });

  it("gives on new objects what is granted on present ones", () => {
    const inSchema = list.filter(({ schema }) => schema);
    expect(inSchema.length).toBeGreaterThan(0);
    for (const { role, schema, objectType, privileges } of inSchema) {
      expect(computeGrants(ACCESS, onlyApplication("shop", ["public"]))).toContainEqual(
        expect.objectContaining({ role, schema, objectType, privileges }),
      );
    }
  });

  it("gives backups what they read in every schema, those that migrations make included", () => {
    const everywhere = list.filter(({ role, schema }) => role !== "public" && !schema);
    expect(everywhere.map(({ role, objectType, privileges }) => [role, objectType, privileges])).toEqual([
      ["shop_backup", "schema", ["USAGE"]],
      ["shop_backup", "table", ["SELECT"]],
      ["shop_backup", "sequence", ["SELECT"]],
    ]);
  });
});
