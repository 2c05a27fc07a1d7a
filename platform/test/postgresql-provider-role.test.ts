import { describe, expect, test } from "vitest";
import { check } from "../providers/protocol/check";
import { Managed, MASTER, useProvider } from "../../test/support/postgresql-provider";

describe.each([15, 17] as const)("roles of the local postgresql provider, on PostgreSQL %i", (major) => {
  const on = useProvider(major);

  describe("Role", () => {
    test("is created with one statement, and what belongs to it in the same transaction", async () => {
      await on.role("r_base");
      const sent = await on.sentDuring(() =>
        on.role("r_create", {
          login: true,
          password: "it's\\secret",
          roles: ["r_base"],
          connectionLimit: 7,
          statementTimeout: 30000,
          assumeRole: "r_base",
          searchPaths: ["$user", "public"],
          validUntil: "2030-01-01 00:00:00+00",
        }),
      );
      const end = sent.indexOf("COMMIT");
      expect(sent.slice(0, end + 1)).toEqual([
        "BEGIN",
        `CREATE ROLE "r_create" WITH ENCRYPTED PASSWORD 'it''s\\\\secret' VALID UNTIL '2030-01-01 00:00:00+00' CONNECTION LIMIT 7 NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT LOGIN NOBYPASSRLS NOREPLICATION`,
        'GRANT "r_base" TO "r_create"',
        'ALTER ROLE "r_create" SET search_path TO "$user", "public"',
        'ALTER ROLE "r_create" SET statement_timeout TO 30000',
        'ALTER ROLE "r_create" SET ROLE TO "r_base"',
        "COMMIT",
      ]);
    });

    test("shows no drift after its creation, whatever is set", async () => {
      expect(await (await on.role("r_plain")).drift()).toEqual([]);
      const full = await on.role("r_full", {
        ...{ login: true, password: "x", roles: ["r_plain"], connectionLimit: 3, inherit: false, createDatabase: true },
        ...{ statementTimeout: 1000, idleInTransactionSessionTimeout: 2000, assumeRole: "r_plain" },
        ...{ searchPaths: ["a b", "public"], validUntil: "2030-01-01 00:00:00+00", skipReassignOwned: true },
      });
      expect(full.id).toBe("r_full");
      expect(await full.drift()).toEqual([]);
      const empty = await on.role("r_empty", { roles: [], searchPaths: [], assumeRole: "", statementTimeout: 0 });
      expect(await empty.drift()).toEqual([]);
    });

    test("an update of the password alone revokes and grants every membership again", async () => {
      await on.role("r_parent");
      const member = await on.role("r_member", { login: true, password: "one", roles: ["r_parent"] });
      const sent = await on.sentDuring(() =>
        member.update({ name: "r_member", login: true, password: "two", roles: ["r_parent"] }),
      );
      expect(sent.slice(0, sent.indexOf("COMMIT") + 1)).toEqual([
        "BEGIN",
        "SET statement_timeout = 0",
        "SELECT pg_advisory_xact_lock(oid::bigint) FROM pg_roles WHERE rolname = $1",
        "SELECT pg_advisory_xact_lock(member::bigint) FROM pg_auth_members JOIN pg_roles ON roleid = pg_roles.oid WHERE rolname = $1",
        "ALTER ROLE \"r_member\" PASSWORD 'two'",
        "SELECT pg_get_userbyid(roleid) FROM pg_catalog.pg_auth_members members JOIN pg_catalog.pg_roles ON members.member = pg_roles.oid WHERE rolname = $1",
        'REVOKE "r_parent" FROM "r_member"',
        'GRANT "r_parent" TO "r_member"',
        'ALTER ROLE "r_member" SET search_path TO DEFAULT',
        "COMMIT",
      ]);
      expect(await member.drift()).toEqual([]);
    });

    test("loses at an update the memberships that it does not list", async () => {
      await on.role("r_elsewhere");
      const member = await on.role("r_granted", { login: true });
      const membership = await on.managed("GrantRole").create({ role: "r_granted", grantRole: "r_elsewhere" });
      expect(await membership.drift()).toEqual([]);
      await member.update({ name: "r_granted", login: true, connectionLimit: 5 });
      expect(await membership.model.read(on.context, membership.id, membership.state)).toBeUndefined();
    });

    test("each attribute is altered on its own", async () => {
      const altered = await on.role("r_alter", { statementTimeout: 5 });
      const changes = await on.changesDuring(() =>
        altered.update({
          ...{
            name: "r_alter",
            connectionLimit: 2,
            createDatabase: true,
            createRole: true,
            inherit: false,
            login: true,
          },
          ...{ validUntil: "2031-01-01 00:00:00+00", idleInTransactionSessionTimeout: 9 },
        }),
      );
      expect(changes).toEqual([
        'ALTER ROLE "r_alter" CONNECTION LIMIT 2',
        'ALTER ROLE "r_alter" WITH CREATEDB',
        'ALTER ROLE "r_alter" WITH CREATEROLE',
        'ALTER ROLE "r_alter" WITH NOINHERIT',
        'ALTER ROLE "r_alter" WITH LOGIN',
        "ALTER ROLE \"r_alter\" VALID UNTIL '2031-01-01 00:00:00+00'",
        'ALTER ROLE "r_alter" SET search_path TO DEFAULT',
        'ALTER ROLE "r_alter" RESET statement_timeout',
        'ALTER ROLE "r_alter" SET idle_in_transaction_session_timeout TO 9',
      ]);
      expect(await altered.drift()).toEqual([]);
    });

    test("shows what was changed by hand", async () => {
      await on.role("r_drift_parent");
      const drifting = await on.role("r_drift", { login: true, roles: ["r_drift_parent"] });
      await on.byHand(`SET ROLE ${MASTER}`);
      await on.byHand("REVOKE r_drift_parent FROM r_drift");
      await on.byHand("RESET ROLE");
      expect(await drifting.drift()).toEqual(["roles"]);
      await on.byHand("ALTER ROLE r_drift BYPASSRLS NOLOGIN CONNECTION LIMIT 1");
      await on.byHand("ALTER ROLE r_drift SET statement_timeout = 77");
      await on.byHand("ALTER ROLE r_drift SET search_path = public");
      expect((await drifting.drift()).sort()).toEqual(
        ["bypassRowLevelSecurity", "connectionLimit", "login", "roles", "searchPaths", "statementTimeout"].sort(),
      );
      await on.byHand("ALTER ROLE r_drift NOBYPASSRLS");
      await drifting.refresh();
      await drifting.update({ name: "r_drift", login: true, roles: ["r_drift_parent"] });
      expect(await drifting.drift()).toEqual([]);
    });

    test("accepts a SCRAM verifier, and a time that PostgreSQL writes otherwise is drift", async () => {
      const verifier = `SCRAM-SHA-256$4096:${"c2FsdHNhbHRzYWx0c2FsdA=="}$${"A".repeat(43)}=:${"B".repeat(43)}=`;
      const scram = await on.role("r_scram", { login: true, password: verifier });
      expect(await scram.drift()).toEqual([]);
      expect(await on.byHand("SELECT rolpassword FROM pg_authid WHERE rolname = 'r_scram'")).toEqual([
        { rolpassword: verifier },
      ]);
      expect(await (await on.role("r_rfc3339", { validUntil: "2030-01-01T00:00:00Z" })).drift()).toEqual([
        "validUntil",
      ]);
    });

    test("a write-only password is sent when its version changes, and never kept", async () => {
      const secretive = await on.role("r_wo", { login: true, passwordWo: "first", passwordWoVersion: "1" });
      expect(JSON.stringify(secretive.state)).not.toContain("first");
      expect(await secretive.drift()).toEqual([]);
      const changes = await on.changesDuring(() =>
        secretive.update({ name: "r_wo", login: true, passwordWo: "second", passwordWoVersion: "2" }),
      );
      expect(changes[0]).toBe("ALTER ROLE \"r_wo\" PASSWORD 'second'");
      const { failures } = check(secretive.model, {
        ...{ name: "r", olds: {}, randomSeed: new Uint8Array() },
        news: { name: "r", password: "a", passwordWo: "b" },
      });
      expect(failures.map(({ property }) => property)).toEqual(["password", "passwordWo"]);
    });

    test("gives what it owns to the master, and is dropped", async () => {
      const owner = await on.role("r_owner");
      await on.byHand("CREATE TABLE owned_by_role (); ALTER TABLE owned_by_role OWNER TO r_owner");
      const sent = await on.sentDuring(() => owner.delete());
      const membership =
        "SELECT 1 FROM pg_auth_members WHERE pg_get_userbyid(roleid) = $1 AND pg_get_userbyid(member) = $2";
      const isMember = [
        "SELECT 1 FROM information_schema.columns WHERE table_name='pg_auth_members' AND column_name = 'set_option'",
        major >= 16 ? `${membership} AND set_option` : membership,
      ];
      expect(sent.slice(0, sent.indexOf("COMMIT") + 1)).toEqual([
        "BEGIN",
        "SET statement_timeout = 0",
        "SELECT pg_advisory_xact_lock(oid::bigint) FROM pg_roles WHERE rolname = $1",
        "SELECT pg_advisory_xact_lock(member::bigint) FROM pg_auth_members JOIN pg_roles ON roleid = pg_roles.oid WHERE rolname = $1",
        "SELECT CURRENT_USER",
        "SELECT rolsuper FROM pg_roles WHERE rolname = $1",
        "SELECT rolsuper FROM pg_roles WHERE rolname = $1",
        ...isMember,
        ...isMember,
        'GRANT "r_owner" TO "master"',
        'REASSIGN OWNED BY "r_owner" TO "master"',
        'DROP OWNED BY "r_owner"',
        ...isMember,
        'REVOKE "r_owner" FROM "master"',
        'DROP ROLE "r_owner"',
        "COMMIT",
      ]);
      expect(await on.byHand("SELECT tableowner FROM pg_tables WHERE tablename = 'owned_by_role'")).toEqual([
        { tableowner: MASTER },
      ]);
    });

    test("skipReassignOwned and skipDropRole leave out what they say", async () => {
      const skipping = await on.role("r_skip", { skipReassignOwned: true, skipDropRole: true });
      expect(await on.changesDuring(() => skipping.model.delete(on.context, skipping.id, skipping.state))).toEqual([]);
      expect(await on.byHand("SELECT 1 AS there FROM pg_roles WHERE rolname = 'r_skip'")).toEqual([{ there: 1 }]);
    });

    test("no error tells the password", async () => {
      await on.role("r_taken");
      const failing = on.role("r_taken", { password: "never-shown-1" }).catch((error: Error) => error);
      await expect(failing).resolves.toMatchObject({ message: expect.stringContaining("error creating role r_taken") });
      expect(((await failing) as Error).message).not.toContain("never-shown");
      const other = await on.role("r_replication");
      const update = other
        .update({ name: "r_replication", password: "never-shown-2", replication: true })
        .catch((error: Error) => error);
      expect(((await update) as unknown as Error).message).toMatch(/^Error updating role REPLICATION: pq: /);
      // Nothing of a failed update remains.
      expect(await other.drift()).toEqual([]);
    });

    test("a provider that says superuser and is none refuses to read passwords", async () => {
      const wrong = on.configured({ superuser: true });
      const failing = new Managed(wrong, "Role").create({ name: "r_wrong", login: true, password: "x" });
      await expect(failing).rejects.toThrow("You can set `superuser: false` in the provider configuration");
      await wrong.close();
    });
  });
});
