import { beforeAll, describe, expect, test } from "vitest";
import { check } from "../providers/protocol/check";
import { Values } from "../providers/protocol/model";
import { READS, useProvider } from "../../test/support/postgresql-provider";

describe.each([15, 17] as const)("grants of the local postgresql provider, on PostgreSQL %i", (major) => {
  const on = useProvider(major);

  describe("Grant", () => {
    beforeAll(async () => {
      await on.role("g_owner");
      await on.role("g_reader");
      await on.byHand("CREATE SCHEMA shop AUTHORIZATION g_owner");
      await on.byHand(
        "SET ROLE g_owner; CREATE TABLE shop.b (id serial, name text); CREATE TABLE shop.a (); RESET ROLE",
      );
    });

    const tables = (more: Values = {}) => ({
      ...{ role: "g_reader", database: "app", schema: "shop", objectType: "table", privileges: ["SELECT"], ...more },
    });

    test("on all tables: joins the owner, revokes, grants, leaves again, in one transaction", async () => {
      const grant = on.managed("Grant");
      const sent = await on.sentDuring(() => grant.create(tables({ privileges: ["SELECT", "INSERT", "DELETE"] })));
      expect(grant.id).toBe("g_reader_app_shop_table");
      expect(sent.filter((statement) => !/^SELECT (1|rolsuper|CURRENT)/.test(statement)).slice(0, 11)).toEqual([
        "BEGIN",
        "SET statement_timeout = 0",
        "SELECT pg_advisory_xact_lock(oid::bigint) FROM pg_roles WHERE rolname = $1",
        "SELECT pg_advisory_xact_lock(member::bigint) FROM pg_auth_members JOIN pg_roles ON roleid = pg_roles.oid WHERE rolname = $1",
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = $1",
        "SELECT rolname FROM pg_namespace JOIN pg_roles ON nspowner = pg_roles.oid WHERE nspname = $1",
        'GRANT "g_owner" TO "master"',
        'REVOKE ALL PRIVILEGES ON ALL TABLES IN SCHEMA "shop" FROM "g_reader"',
        'GRANT SELECT,DELETE,INSERT ON ALL TABLES IN SCHEMA "shop" TO "g_reader"',
        'REVOKE "g_owner" FROM "master"',
        "COMMIT",
      ]);
      expect(await grant.drift()).toEqual([]);
      await grant.update(tables({ privileges: ["SELECT"] }));
      expect(await grant.drift()).toEqual([]);

      await on.byHand("GRANT UPDATE ON shop.b TO g_reader");
      expect(await grant.drift()).toEqual(["privileges"]);
      await grant.refresh();
      await grant.update(tables({ privileges: ["SELECT"] }));
      expect(await grant.drift()).toEqual([]);
      await on.byHand("REVOKE SELECT ON shop.a FROM g_reader");
      expect(await grant.drift()).toEqual(["privileges"]);

      await grant.model.delete(on.context, grant.id, grant.state);
      expect(await on.byHand("SELECT has_table_privilege('g_reader', 'shop.b', 'SELECT') AS readable")).toEqual([
        { readable: false },
      ]);
    });

    test("on named objects: only what was granted is revoked", async () => {
      const grant = on.managed("Grant");
      const create = await on.changesDuring(() =>
        grant.create(tables({ objects: ["b", "a"], privileges: ["SELECT"] })),
      );
      expect(create).toContain('REVOKE SELECT ON TABLE "shop"."b","shop"."a" FROM "g_reader"');
      expect(create).toContain('GRANT SELECT ON TABLE "shop"."b","shop"."a" TO "g_reader"');
      expect(grant.id).toBe("g_reader_app_shop_table_b_a");
      expect(await grant.drift()).toEqual([]);
      const update = await on.changesDuring(() =>
        grant.update(tables({ objects: ["a", "b"], privileges: ["DELETE"] })),
      );
      expect(update).toContain('REVOKE SELECT ON TABLE "shop"."b","shop"."a" FROM "g_reader"');
      expect(update).toContain('GRANT DELETE ON TABLE "shop"."b","shop"."a" TO "g_reader"');
      expect(await grant.drift()).toEqual([]);
      await grant.model.delete(on.context, grant.id, grant.state);
    });

    test("ALL is read back as ALL, but not on tables of PostgreSQL 17, which the official plugin does not know", async () => {
      const grant = await on.managed("Grant").create(tables({ privileges: ["ALL"] }));
      expect(await grant.drift()).toEqual(major >= 17 ? ["privileges"] : []);
      await grant.model.delete(on.context, grant.id, grant.state);
      const sequences = await on.managed("Grant").create(tables({ objectType: "sequence", privileges: ["ALL"] }));
      expect(await sequences.drift()).toEqual([]);
      await sequences.model.delete(on.context, sequences.id, sequences.state);
    });

    test("on database and schema", async () => {
      const connect = on.managed("Grant");
      const input = { role: "g_reader", database: "app", objectType: "database", privileges: ["CONNECT"] };
      const changes = await on.sentDuring(() => connect.create(input));
      expect(changes).toContain("SELECT pg_advisory_xact_lock(oid::bigint) FROM pg_database WHERE datname = $1");
      expect(changes.filter((statement) => !READS.test(statement))).toEqual([
        'REVOKE ALL PRIVILEGES ON DATABASE "app" FROM "g_reader"',
        'GRANT CONNECT ON DATABASE "app" TO "g_reader"',
      ]);
      expect(connect.id).toBe("g_reader_app_database");
      expect(await connect.drift()).toEqual([]);
      await on.byHand("GRANT CREATE ON DATABASE app TO g_reader");
      expect(await connect.drift()).toEqual(["privileges"]);
      await connect.model.delete(on.context, connect.id, connect.state);

      const usage = await on.managed("Grant").create(tables({ objectType: "schema", privileges: ["USAGE"] }));
      expect(await usage.drift()).toEqual([]);
      await on.byHand("SET ROLE g_owner; REVOKE USAGE ON SCHEMA shop FROM g_reader; RESET ROLE");
      expect(await usage.drift()).toEqual(["privileges"]);
    });

    test("public with no privileges takes PUBLIC's rights, and destroying gives nothing back", async () => {
      const database = { role: "public", database: "app", objectType: "database", privileges: [] };
      const revoked = on.managed("Grant");
      expect(await on.changesDuring(() => revoked.create(database))).toEqual([
        'REVOKE ALL PRIVILEGES ON DATABASE "app" FROM "public"',
      ]);
      expect(await revoked.drift()).toEqual([]);
      const connects = async () =>
        (await on.byHand("SELECT has_database_privilege('g_reader', 'app', 'CONNECT') AS may"))[0];
      expect(await connects()).toEqual({ may: false });
      await revoked.model.delete(on.context, revoked.id, revoked.state);
      expect(await connects()).toEqual({ may: false });

      const schema = await on.managed("Grant").create({
        ...{ role: "public", database: "app", schema: "public", objectType: "schema", privileges: [] },
      });
      expect(schema.id).toBe("public_app_public_schema");
      expect(await schema.drift()).toEqual([]);
      await on.byHand("GRANT USAGE ON SCHEMA public TO public");
      expect(await schema.drift()).toEqual(["privileges"]);
    });

    test("on columns and functions", async () => {
      const column = tables({ objectType: "column", objects: ["b"], columns: ["id", "name"] });
      const columns = on.managed("Grant");
      expect(await on.changesDuring(() => columns.create(column))).toContain(
        'GRANT SELECT ("name","id") ON TABLE "shop"."b" TO "g_reader"',
      );
      expect(await columns.drift()).toEqual([]);
      await on.byHand("SET ROLE g_owner; REVOKE SELECT (id) ON shop.b FROM g_reader; RESET ROLE");
      expect(await columns.drift()).toEqual(["columns"]);
      await columns.model.delete(on.context, columns.id, columns.state);

      await on.byHand(
        "SET ROLE g_owner; CREATE FUNCTION shop.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; RESET ROLE",
      );
      const input = tables({ objectType: "function", objects: ["f(int)"], privileges: ["EXECUTE"] });
      const execute = on.managed("Grant");
      expect(await on.changesDuring(() => execute.create(input))).toContain(
        'GRANT EXECUTE ON FUNCTION "shop"."f"(int) TO "g_reader"',
      );
      expect(await execute.drift()).toEqual([]);
    });

    test.each([
      [{ objectType: "table", schema: undefined }, "parameter 'schema' is mandatory for postgresql_grant resource"],
      [
        { objectType: "schema", objects: ["a"] },
        "cannot specify `objects` when `object_type` is `database` or `schema`",
      ],
      [{ columns: ["a"] }, "cannot specify `columns` when `object_type` is not `column`"],
      [{ objectType: "column", objects: ["a"] }, "must specify `columns` when `object_type` is `column`"],
      [{ privileges: ["USAGE"] }, "USAGE is not an allowed privilege for object type table"],
      [{ privileges: ["MAINTAIN"] }, "MAINTAIN is not an allowed privilege for object type table"],
      [{ schema: "nowhere" }, "could not find schema 'nowhere' while looking for owner"],
    ])("refuses %j", async (wrong, message) => {
      await expect(on.managed("Grant").create(tables(wrong))).rejects.toThrow(message);
    });

    test("an unknown type of object fails the check", () => {
      const news = tables({ objectType: "view" });
      const { failures } = check(on.managed("Grant").model, {
        name: "g",
        olds: {},
        news,
        randomSeed: new Uint8Array(),
      });
      expect(failures[0]?.reason).toMatch(/^expected object_type to be one of \["database" .*, got view$/);
    });

    test("is gone with its role, schema or database", async () => {
      await on.role("g_temporary");
      const grant = await on.managed("Grant").create(tables({ role: "g_temporary" }));
      await on.byHand("DROP OWNED BY g_temporary; DROP ROLE g_temporary");
      expect(await grant.model.read(on.context, grant.id, grant.state)).toBeUndefined();
      expect(await grant.model.read(on.context, "x", { ...grant.state, database: "nowhere" })).toBeUndefined();
    });
  });
});
