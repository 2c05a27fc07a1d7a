import { readFileSync } from "node:fs";
import path from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCESS, AccessMatrix, OBJECT_KINDS, PRIVILEGES, ROLE_NAMES, RoleName } from "../../model/access/matrix";
import { ROOT } from "../../platform/shared/paths";
import { Action, actionsIn, actionsOn, mismatches, Objects, Outcome, tryAll } from "./access-actions";
import { migrateWithDrizzle } from "./drizzle/migrate";
import { customers } from "./drizzle/schema";
import { LocalStack } from "./local-stack";
import { shortcutsAsUsual } from "./shortcuts";
import { proveRotation } from "./whole-stack-rotation";

/** Made by the master before the roles exist. */
const BEFORE: Objects = {
  label: "old",
  table: "public.old_items",
  sequence: "public.old_items_id_seq",
  call: "public.old_answer()",
  owner: "nobody among the roles",
};

/** Made by drizzle-kit as the migrate role, after the roles. */
const AFTER: Objects = {
  label: "new",
  table: "public.customers",
  sequence: "public.customers_id_seq",
  call: "public.new_answer()",
  owner: "migrate",
};

const EXTENSIONS = ["pg_stat_statements"];
const ACTIONS: Action[] = [...actionsIn("public"), ...actionsOn(BEFORE), ...actionsOn(AFTER)];

/** Everything but the roles: what there is when an existing database is taken over. */
export const WITHOUT_ROLES = [
  ...["Network", "Encryption", "Database"].map((component) => `**markenmate:components:${component}**`),
  // The component alone: the engine makes its provider in any case, and wants that one's parent.
  "**markenmate:components:Roles::**",
].flatMap((target) => ["--target", target]);

/** The same of a stack that was up (prepared.ts), in a third of the time. */
export async function withoutRoles(engineVersion: string): Promise<LocalStack> {
  const stack = await LocalStack.prepared({ engineVersion });
  await destroyRoles(stack);
  return stack;
}

const destroyRoles = (stack: LocalStack) =>
  stack.succeed("destroy", "--yes", "--skip-preview", "--target", "**components:Roles**", "--target-dependents");

/** Every cell of the matrix turned round, one at a time. */
function everyWrongMatrix(): { cell: string; matrix: AccessMatrix }[] {
  return ROLE_NAMES.flatMap((role) =>
    OBJECT_KINDS.flatMap((kind) =>
      PRIVILEGES[kind].map((privilege) => {
        const matrix = structuredClone(ACCESS);
        const rights = matrix[role].grants[kind] as readonly string[];
        const turned = rights.includes(privilege) ? rights.filter((had) => had !== privilege) : [...rights, privilege];
        Object.assign(matrix[role].grants, { [kind]: turned });
        return { cell: `${role} ${kind} ${privilege}`, matrix };
      }),
    ),
  );
}

/**
 * Brings the whole stack up on one version of PostgreSQL and proves what the guide promises by logging in. What PostgreSQL has no part in
 * is proved where it comes up from nothing.
 */
export function proveWholeStack(engineVersion: string, { fromNothing = false, extensions = EXTENSIONS } = {}): void {
  let stack: LocalStack;
  const observed = new Map<RoleName, Map<string, Outcome>>();

  beforeAll(async () => {
    stack = await (fromNothing
      ? LocalStack.open(`pg${engineVersion}`, { engineVersion })
      : withoutRoles(engineVersion));
    await stack.configure({ engineVersion, extensions });
    if (fromNothing) {
      await stack.up(...WITHOUT_ROLES);
    }
    await stack.as("master", async (master) => {
      await master.query("CREATE TABLE old_items (id serial PRIMARY KEY, name text)");
      await master.query("INSERT INTO old_items (name) VALUES ('kept')");
      await master.query("CREATE FUNCTION old_answer() RETURNS int LANGUAGE sql AS 'SELECT 41'");
    });
    await stack.up();
    shortcutsAsUsual(); // what came up from nothing did it as people's commands do
    await stack.reopen();
    await migrateWithDrizzle(stack);
    for (const role of ROLE_NAMES) {
      observed.set(role, await stack.as(role, (client) => tryAll(client, ACTIONS)));
    }
  });
  afterAll(() => stack.close());

  describe("the access matrix", () => {
    it("runs on the version and with the extensions that were asked for", async () => {
      const { rows } = await stack.as("app", (client) =>
        client.query<{ version: string; extensions: string[] }>(
          "SELECT current_setting('server_version') AS version, array_agg(extname::text) AS extensions FROM pg_extension",
        ),
      );
      expect(rows[0]?.version).toMatch(new RegExp(`^${engineVersion}\\.`));
      expect(rows[0]?.extensions.sort()).toEqual(["plpgsql", ...extensions].sort());
    });

    it("holds for every role, action and object, old and new", () => {
      expect(mismatches(ACCESS, ACTIONS, observed)).toEqual([]);
    });

    it("allows and denies something to every role, so that it can be wrong at all", () => {
      const seen = [...observed.values()].map((outcomes) => [...new Set(outcomes.values())].sort());
      expect(seen).toEqual(ROLE_NAMES.map(() => ["allowed", "denied"]));
    });

    // CONNECT is proved by the logins themselves; what the owner may do, it may do without a grant.
    const cells = everyWrongMatrix().filter(({ cell }) => !/ CONNECT$/.test(cell));
    it(`would be found wrong at each of its ${cells.length} cells`, () => {
      const unnoticed = cells.filter(({ matrix }) => mismatches(matrix, ACTIONS, observed).length === 0);
      expect(unnoticed.map(({ cell }) => cell)).toEqual([]);
    });

    it("keeps everybody else out: PUBLIC may not even connect", async () => {
      await stack.as("master", async (master) => {
        const { rows } = await master.query<{ public: boolean }>(
          `SELECT EXISTS (SELECT FROM pg_database, aclexplode(datacl) WHERE datname = current_database() AND grantee = 0) AS public`,
        );
        expect(rows[0]?.public).toBe(false);
      });
    });

    it("gives migrations what they make, and Drizzle's journal to nobody else", async () => {
      const owners = await stack.as("migrate", (client) =>
        client.query<{ owner: string }>(
          `SELECT DISTINCT tableowner AS owner FROM pg_tables WHERE tablename IN ('customers', 'orders', '__drizzle_migrations')`,
        ),
      );
      expect(owners.rows).toEqual([{ owner: "markenmate_migrate" }]);
      await expect(
        stack.as("app", (client) => client.query("SELECT * FROM drizzle.__drizzle_migrations")),
      ).rejects.toMatchObject({ code: "42501" });
    });

    it("lets the application work through drizzle-orm, with the server's name verified", async () => {
      const pool = new Pool(await stack.connection("app"));
      try {
        const db = drizzle(pool);
        const [made] = await db.insert(customers).values({ name: "Anna" }).returning();
        expect(await db.select().from(customers)).toEqual([{ id: made?.id, name: "Anna" }]);
        await expect(db.execute("DROP TABLE customers")).rejects.toMatchObject({ cause: { code: "42501" } });
      } finally {
        await pool.end();
      }
    });

    it("hands an old table over so that migrations can change it", async () => {
      await stack.as("master", async (master) => {
        await master.query("GRANT markenmate_migrate TO CURRENT_USER");
        await master.query("ALTER TABLE old_items OWNER TO markenmate_migrate");
        await master.query("REVOKE markenmate_migrate FROM CURRENT_USER");
      });
      await stack.as("migrate", (client) => client.query("ALTER TABLE old_items ADD COLUMN note text"));
      const { rows } = await stack.as("app", (client) => client.query("SELECT name, note FROM old_items"));
      expect(rows).toEqual([{ name: "kept", note: null }]);
    });
  });

  proveRotation(() => stack, { engineVersion, extensions }, ACTIONS);

  describe("connections", () => {
    const refused = (settings: object) => stack.as("app", (client: Client) => client.query("SELECT 1"), settings);

    it("are refused without TLS", async () => {
      await expect(refused({ ssl: false })).rejects.toMatchObject({
        code: "28000",
        message: expect.stringContaining("no encryption") as string,
      });
    });

    it("are refused by a client that trusts another authority", async () => {
      const other = readFileSync(path.join(ROOT, "test/support/other-ca.pem"), "utf8");
      await expect(refused({ ssl: { ca: other } })).rejects.toThrowError(/unable to (verify|get)|self.signed/);
    });

    it("are refused by a client that expects another name", async () => {
      const ssl = { ca: stack.ca(), servername: "database.example" };
      await expect(refused({ host: "127.0.0.1", ssl })).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    });

    it("are refused with a wrong password", async () => {
      await expect(refused({ password: "wrong" })).rejects.toMatchObject({ code: "28P01" });
    });

    it("carry the role's own limits", async () => {
      for (const role of ROLE_NAMES) {
        const { rows } = await stack.as(role, (client) =>
          client.query<{ limit: string }>(`SELECT setting AS limit FROM pg_settings WHERE name = 'statement_timeout'`),
        );
        expect(Number(rows[0]?.limit), role).toBe(ACCESS[role].statementTimeoutMs);
      }
    });
  });

  describe("secrets", () => {
    it("hold a login that works, as fields and as a URL", async () => {
      const { secretArns } = await stack.outputs();
      for (const role of ROLE_NAMES) {
        const secret = await stack.secret(secretArns[role] as string);
        const url = new URL(secret.url);
        expect([url.hostname, Number(url.port), url.pathname, url.username, url.password]).toEqual([
          secret.host,
          secret.port,
          `/${secret.dbname}`,
          secret.username,
          secret.password,
        ]);
        expect(url.searchParams.get("sslmode")).toBe("verify-full");
        expect(secret.password).toMatch(/^[A-Za-z0-9]{32}$/);
      }
    });

    it("reach the server as verifiers only, and no log or output in clear", async () => {
      const { secretArns } = await stack.outputs();
      const state = await stack.succeed("stack", "export");
      const outputs = await stack.succeed("stack", "output", "--json");
      const serverLog = await stack.serverLog();
      expect(serverLog).toContain("SCRAM-SHA-256$4096:");
      for (const role of ROLE_NAMES) {
        const { password } = await stack.secret(secretArns[role] as string);
        for (const [where, text] of Object.entries({ state, outputs, serverLog, platform: stack.log.join("\n") })) {
          expect(text.includes(password), `${role}'s password in ${where}`).toBe(false);
        }
      }
    });
  });

  describe("convergence", () => {
    it("finds nothing to change, without and with a refresh, but what was granted and revoked by hand", async () => {
      expect(await stack.up("--expect-no-changes")).toMatch(/\d+ unchanged/);
      await stack.as("migrate", async (client) => {
        await client.query("GRANT TRUNCATE ON customers TO markenmate_readonly");
        await client.query("REVOKE INSERT ON customers FROM markenmate_app");
      });
      const { steps } = await stack.preview("--refresh");
      const changed = steps.filter(({ op }) => !["same", "read", "refresh"].includes(op));
      expect(changed.map(({ op, urn }) => `${op} ${urn.split("::").pop()}`).sort()).toEqual(
        ["app", "readonly"].map((role) => `update markenmate-${stack.name}-${role}-public-table`),
      );
    });

    it("takes back what was granted by hand, grants again what was revoked, and finds nothing more", async () => {
      await stack.up("--refresh");
      const readonly = await stack.as("readonly", (client) => tryAll(client, ACTIONS));
      expect(readonly.get("truncate new table")).toBe("denied");
      const app = await stack.as("app", (client) => tryAll(client, ACTIONS));
      expect(app.get("insert new table")).toBe("allowed");
      const said = await stack.up("--refresh", "--expect-no-changes");
      expect(said).not.toMatch(/\b(created|updated|deleted|replaced)\b/);
    });
  });

  describe("the end", () => {
    it("takes the roles away and leaves the tables, when only the roles are destroyed", async () => {
      await destroyRoles(stack);
      await stack.as("master", async (master) => {
        const roles = await master.query(
          "SELECT rolname FROM pg_roles WHERE rolname ~ '^markenmate_' AND rolname <> CURRENT_USER",
        );
        expect(roles.rows).toEqual([]);
        const { rows } = await master.query("SELECT name FROM customers");
        expect(rows).toEqual([{ name: "Anna" }]);
      });
    });

    if (fromNothing) {
      it("leaves no secret, bucket, key alias, security group or server behind", async () => {
        const { databaseHost, databasePort } = await stack.outputs();
        expect(await stack.leftovers()).not.toEqual([]);
        await stack.succeed("destroy", "--yes", "--skip-preview");
        expect(await stack.leftovers()).toEqual([]);
        const late = new Client({ host: databaseHost, port: databasePort });
        await expect(late.connect()).rejects.toMatchObject({ code: "ECONNREFUSED" });
      });
    }
  });
}
