import { Pool } from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { Values } from "../providers/protocol/model";
import { MASTER, useProvider } from "../../test/support/postgresql-provider";

describe.each([15, 17] as const)("the local postgresql provider, on PostgreSQL %i", (major) => {
  const on = useProvider(major);

  describe("DefaultPrivileges", () => {
    const input = (more: Values = {}) => ({
      ...{ role: "d_reader", database: "app", owner: "d_owner", schema: "public", objectType: "table" },
      ...{ privileges: ["SELECT"], ...more },
    });
    beforeAll(async () => {
      await on.role("d_owner");
      await on.role("d_reader");
    });

    test("are granted for the role that will own the objects", async () => {
      const privileges = on.managed("DefaultPrivileges");
      const changes = await on.changesDuring(() => privileges.create(input({ privileges: ["SELECT", "INSERT"] })));
      expect(changes).toEqual([
        'GRANT "d_owner" TO "master"',
        'ALTER DEFAULT PRIVILEGES FOR ROLE "d_owner" IN SCHEMA "public" REVOKE ALL ON TABLES FROM "d_reader"',
        'ALTER DEFAULT PRIVILEGES FOR ROLE "d_owner" IN SCHEMA "public" GRANT SELECT,INSERT ON TABLES TO "d_reader"',
        'REVOKE "d_owner" FROM "master"',
      ]);
      expect(privileges.id).toBe("d_reader_app_public_d_owner_table");
      expect(await privileges.drift()).toEqual([]);
      await privileges.update(input());
      expect(await privileges.drift()).toEqual([]);
      await on.byHand("ALTER DEFAULT PRIVILEGES FOR ROLE d_owner IN SCHEMA public GRANT DELETE ON TABLES TO d_reader");
      expect(await privileges.drift()).toEqual(["privileges"]);
      await privileges.refresh();
      await privileges.update(input());
      await privileges.delete();
    });

    test("PUBLIC's EXECUTE on new functions is taken away without a schema", async () => {
      const none = on.managed("DefaultPrivileges");
      const everywhere = input({ role: "public", schema: undefined, objectType: "function", privileges: [] });
      const changes = await on.changesDuring(() => none.create(everywhere));
      expect(changes).toContain('ALTER DEFAULT PRIVILEGES FOR ROLE "d_owner"  REVOKE ALL ON FUNCTIONS FROM "public"');
      expect(none.id).toBe("public_app_noschema_d_owner_function");
      expect(await none.drift()).toEqual([]);
      await on.byHand("ALTER DEFAULT PRIVILEGES FOR ROLE d_owner GRANT EXECUTE ON FUNCTIONS TO public");
    });

    test("a schema for schemas, and options for public, are refused", async () => {
      await expect(
        on.managed("DefaultPrivileges").create(input({ objectType: "schema", privileges: ["USAGE"] })),
      ).rejects.toThrow("cannot specify `schema` when `object_type` is `schema`");
      await expect(
        on.managed("DefaultPrivileges").create(input({ role: "public", withGrantOption: true })),
      ).rejects.toThrow("with_grant_option cannot be true for role 'public'");
    });
  });

  test("GrantRole", async () => {
    await on.role("m_group");
    await on.role("m_member");
    const membership = on.managed("GrantRole");
    const changes = await on.changesDuring(() =>
      membership.create({ role: "m_member", grantRole: "m_group", withAdminOption: true }),
    );
    expect(changes).toEqual(['REVOKE "m_group" FROM "m_member"', 'GRANT "m_group" TO "m_member" WITH ADMIN OPTION']);
    expect(membership.id).toBe("m_member_m_group_true");
    expect(await membership.drift()).toEqual([]);
    await membership.delete();
  });

  test("Extension", async () => {
    const trigrams = on.managed("Extension");
    const sent = await on.sentDuring(() => trigrams.create({ name: "pg_trgm", schema: "public" }));
    expect(sent.filter((statement) => statement.includes("EXTENSION"))).toEqual([
      'CREATE EXTENSION IF NOT EXISTS "pg_trgm" SCHEMA "public"',
    ]);
    expect(trigrams.id).toBe("app.pg_trgm");
    expect(trigrams.state).toMatchObject({ database: "app", schema: "public", version: "1.6" });
    expect(await trigrams.drift()).toEqual([]);
    expect(await trigrams.model.read(on.context, "app.pg_trgm", {})).toMatchObject({
      name: "pg_trgm",
      database: "app",
    });
    await trigrams.delete();
    // Only a superuser may create this one; where one has done so, it is there for all.
    await expect(on.managed("Extension").create({ name: "pageinspect" })).rejects.toThrow("permission denied");
    await on.byHand("CREATE EXTENSION pageinspect");
    expect(await (await on.managed("Extension").create({ name: "pageinspect" })).drift()).toEqual([]);
  });

  test("Schema", async () => {
    await on.role("s_owner");
    const schema = on.managed("Schema");
    const input = {
      name: "s_one",
      owner: "s_owner",
      policies: [
        { role: "s_owner", usage: true },
        { createWithGrant: true, role: "master" },
      ],
    };
    const changes = await on.changesDuring(() => schema.create(input));
    expect(changes).toEqual([
      'GRANT "s_owner" TO "master"',
      'CREATE SCHEMA IF NOT EXISTS "s_one" AUTHORIZATION "s_owner"',
      'GRANT USAGE ON SCHEMA "s_one" TO "s_owner"',
      'GRANT CREATE ON SCHEMA "s_one" TO "master" WITH GRANT OPTION',
      'REVOKE "s_owner" FROM "master"',
    ]);
    expect(schema.id).toBe("app.s_one");
    expect(await schema.drift()).toEqual([]);
    await on.byHand("ALTER SCHEMA s_one OWNER TO master");
    expect(await schema.drift()).toEqual(["owner"]);
    await schema.refresh();
    await schema.delete();
  });

  test("Database", async () => {
    await on.role("b_owner");
    const database = on.managed("Database");
    const create = await on.changesDuring(() =>
      database.create({ name: "b_one", owner: "b_owner", connectionLimit: 4 }),
    );
    expect(create).toEqual([
      'GRANT "b_owner" TO "master"',
      `CREATE DATABASE "b_one" OWNER "b_owner" TEMPLATE template0 ENCODING 'UTF8' ALLOW_CONNECTIONS true CONNECTION LIMIT 4 IS_TEMPLATE false`,
      'REVOKE "b_owner" FROM "master"',
    ]);
    expect(await database.drift()).toEqual([]);
    await on.byHand("ALTER DATABASE b_one CONNECTION LIMIT 9");
    expect(await database.drift()).toEqual(["connectionLimit"]);
    // A grant has just used a connection to it.
    await on.managed("Grant").create({
      ...{ role: "b_owner", database: "b_one", schema: "public", objectType: "schema", privileges: ["USAGE"] },
    });
    expect(await on.changesDuring(() => database.delete())).toContain('DROP DATABASE "b_one" WITH ( FORCE )');
  });

  describe("connections", () => {
    test("a failure names host, port, database and user, never the password", async () => {
      for (const wrong of [{ password: "not-the-password" }, { port: 1 }, { database: "nowhere" }]) {
        const broken = on.configured({ ...wrong });
        const where = { port: on.server.port, database: "app", ...wrong };
        const failure = broken.direct((session) => session.rows("", "SELECT 1")).catch((error: Error) => error.message);
        expect(await failure).toContain(
          `Error connecting to PostgreSQL server 127.0.0.1:${where.port} (database ${where.database}, user master): `,
        );
        expect(await failure).not.toMatch(/not-the-password|password-of-the-master/);
        await broken.close();
      }
    });

    test("nothing stays connected for long", async () => {
      // A pool of pg's keeps its connections for ten seconds by itself.
      const { host, port, superuser } = on.server;
      const usual = new Pool({ host, port, database: "app", ...superuser, application_name: "usual" });
      usual.on("error", () => undefined); // the server may end before its last connection has
      await usual.query("SELECT");
      await on.context.reading(undefined, (session) => session.rows("", "SELECT 1"));
      const connected = `SELECT usename FROM pg_stat_activity WHERE usename = '${MASTER}' OR application_name = 'usual'`;
      await expect.poll(() => on.byHand(connected)).toEqual([{ usename: superuser.user }]);
      await usual.end();
    });

    test.each([
      [{ scheme: "awspostgres" }, 'scheme "awspostgres" is not supported'],
      [{ awsRdsIamAuth: "true" }, "awsRdsIamAuth is not supported"],
      [{ sslmode: "prefer" }, 'unsupported sslmode "prefer"'],
      [{ port: "many" }, 'port must be a whole number, got "many"'],
      [{ superuser: "perhaps" }, 'superuser must be true or false, got "perhaps"'],
    ])("configuration %j is refused", (wrong, message) => {
      expect(() => on.configured(wrong)).toThrow(message);
    });
  });
});
