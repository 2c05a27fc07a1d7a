import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asUser, userOfSession } from "../../docs/examples/row-level-security/as-user";
import { auditLog, session, user } from "../../docs/examples/row-level-security/schema";
import { completeness } from "../../ops/backups/completeness";
import { rowLevelSecurityProblems, TABLE_SECURITY, TableSecurity } from "../../ops/checks/row-level-security";
import { BackupCommands } from "../support/backup-commands";
import { migrateWithDrizzle } from "../support/drizzle/migrate";
import { LocalStack } from "../support/local-stack";

/** The recipe of docs/row-level-security.md, as the roles of a whole stack meet it. */
const FOLDER = "docs/examples/row-level-security";
const ROLES = { app: "markenmate_app", backup: "markenmate_backup" };
const TABLES = ["user", "public.session", "audit_log"];
const REFUSED = { cause: { code: "42501", message: expect.stringContaining("row-level security") } };

let stack: LocalStack;
let pool: Pool;
let db: ReturnType<typeof database>;

function database(of: Pool) {
  return drizzle(of);
}

const asMigrate = (...statements: string[]) =>
  stack.as("migrate", async (client) => {
    for (const statement of statements) {
      await client.query(statement);
    }
  });

const ids = (rows: { id: string }[]) => rows.map(({ id }) => id).sort();
const seenBy = async (id: string) => ids(await asUser(db, id, (tx) => tx.select().from(user)));
const claim = async () => (await pool.query("SELECT current_setting('app.user_id', true) AS is")).rows[0] as unknown;

beforeAll(async () => {
  stack = await LocalStack.prepared();
  await migrateWithDrizzle(stack, FOLDER);
  // One connection: whatever a transaction leaves behind, the next one finds, as behind a pooler that shares by transaction.
  pool = new Pool({ ...(await stack.connection("app")), max: 1 });
  pool.on("error", () => undefined); // the server may end before its last connection has
  db = database(pool);
  for (const id of ["alice", "bob", "root"]) {
    await asUser(db, id, async (tx) => {
      await tx.insert(user).values({ id, name: id, email: `${id}@example.com` });
      const expiresAt = new Date(Date.now() + 86_400_000);
      await tx.insert(session).values({ id: `${id}-1`, userId: id, token: `token of ${id}`, expiresAt });
      await tx.insert(auditLog).values({ userId: id, action: "signed up" });
    });
  }
  // How a migration changes rows: its owner is held to the policies, too.
  await asMigrate(
    "BEGIN",
    'ALTER TABLE "user" NO FORCE ROW LEVEL SECURITY',
    `UPDATE "user" SET role = 'admin' WHERE id = 'root'`,
    'ALTER TABLE "user" FORCE ROW LEVEL SECURITY',
    "COMMIT",
  );
});
afterAll(async () => {
  await pool?.end();
  await stack?.close();
});

describe("a user", () => {
  it("sees own rows only", async () => {
    expect(await seenBy("alice")).toEqual(["alice"]);
    expect(await seenBy("bob")).toEqual(["bob"]);
    expect(ids(await asUser(db, "bob", (tx) => tx.select().from(session)))).toEqual(["bob-1"]);
    const log = await asUser(db, "bob", (tx) => tx.select().from(auditLog));
    expect(log.map(({ userId }) => userId)).toEqual(["bob"]);
  });

  it("changes and deletes own rows only", async () => {
    const renamed = await asUser(db, "alice", (tx) => tx.update(user).set({ name: "A" }).returning({ id: user.id }));
    expect(ids(renamed)).toEqual(["alice"]);
    const others = eq(session.userId, "bob");
    expect((await asUser(db, "alice", (tx) => tx.delete(session).where(others))).rowCount).toBe(0);
    expect((await asUser(db, "alice", (tx) => tx.delete(user).where(eq(user.id, "bob")))).rowCount).toBe(0);
  });

  it("writes nothing in somebody else's name", async () => {
    const expiresAt = new Date();
    const forged = { id: "x", userId: "bob", token: "x", expiresAt };
    await expect(asUser(db, "alice", (tx) => tx.insert(session).values(forged))).rejects.toMatchObject(REFUSED);
    await expect(asUser(db, "alice", (tx) => tx.update(session).set({ userId: "bob" }))).rejects.toMatchObject(REFUSED);
    await expect(asUser(db, "alice", (tx) => tx.update(user).set({ id: "eve" }))).rejects.toMatchObject(REFUSED);
    const entry = { userId: "bob", action: "x" };
    await expect(asUser(db, "alice", (tx) => tx.insert(auditLog).values(entry))).rejects.toMatchObject(REFUSED);
    const newcomer = { id: "eve", name: "", email: "eve@example.com" };
    await expect(asUser(db, "alice", (tx) => tx.insert(user).values(newcomer))).rejects.toMatchObject(REFUSED);
  });

  it("does not become an administrator", async () => {
    const role = "admin";
    await expect(asUser(db, "alice", (tx) => tx.update(user).set({ role }))).rejects.toMatchObject(REFUSED);
    const newcomer = { id: "eve", name: "", email: "eve@example.com" };
    await expect(asUser(db, "eve", (tx) => tx.insert(user).values({ ...newcomer, role }))).rejects.toMatchObject(
      REFUSED,
    );
    const again = { id: "alice", name: "", email: "alice@example.com", role };
    await expect(
      asUser(db, "alice", (tx) => tx.insert(user).values(again).onConflictDoUpdate({ target: user.id, set: { role } })),
    ).rejects.toMatchObject(REFUSED);
    // What the application says about the role counts for nothing.
    const said = await asUser(db, "alice", async (tx) => {
      await tx.execute(sql`SELECT set_config('app.role', 'admin', true), set_config('app.user_role', 'admin', true)`);
      return tx.select().from(user);
    });
    expect(ids(said)).toEqual(["alice"]);
  });

  it("changes nothing in the audit log, and a failed sign-in is written there without one", async () => {
    expect((await asUser(db, "root", (tx) => tx.update(auditLog).set({ action: "x" }))).rowCount).toBe(0);
    expect((await asUser(db, "root", (tx) => tx.delete(auditLog))).rowCount).toBe(0);
    await db.insert(auditLog).values({ action: "failed sign-in" });
  });
});

describe("nobody", () => {
  it("sees and changes nothing: on a fresh connection, and after a transaction that was somebody's", async () => {
    const fresh = new Pool({ ...(await stack.connection("app")), max: 1 });
    const value = await fresh.query("SELECT current_setting('app.user_id', true) AS is");
    expect(value.rows).toEqual([{ is: null }]);
    expect(await database(fresh).select().from(user)).toEqual([]);
    await fresh.end();
    await seenBy("alice");
    expect(await claim()).toEqual({ is: "" });
    expect(await db.select().from(user)).toEqual([]);
    expect((await db.update(user).set({ name: "" })).rowCount).toBe(0);
    const nameless = { id: "", name: "", email: "" };
    await expect(db.insert(user).values(nameless)).rejects.toMatchObject(REFUSED);
  });

  it("is not let into a transaction as a user", async () => {
    for (const id of ["", undefined as unknown as string, 7 as unknown as string]) {
      await expect(asUser(db, id, () => Promise.resolve())).rejects.toThrow("app.user_id is empty: sign in first");
    }
  });

  it("is found by the token of a session", async () => {
    expect(await userOfSession(db, "token of bob")).toBe("bob");
    expect(await userOfSession(db, "token of nobody")).toBeUndefined();
    await expect(userOfSession(db, "")).rejects.toThrow("sign in first");
    expect(await db.select().from(session)).toEqual([]);
  });
});

describe("an administrator", () => {
  it("sees and changes everything, and nothing recurses", async () => {
    expect(await seenBy("root")).toEqual(["alice", "bob", "root"]);
    const renamed = asUser(db, "root", (tx) => tx.update(user).set({ name: "B" }).where(eq(user.id, "bob")));
    expect((await renamed).rowCount).toBe(1);
    expect((await asUser(db, "root", (tx) => tx.select().from(session))).length).toBe(3);
    const log = await asUser(db, "root", (tx) => tx.select().from(auditLog));
    expect(log.filter(({ userId }) => userId === null)).toHaveLength(1);
  });

  it("is one no more from the next statement on, when the table says so", async () => {
    const role = "user";
    const over = asUser(db, "root", async (tx) => {
      await tx.update(user).set({ role }).where(eq(user.id, "root"));
      expect(ids(await tx.select().from(user))).toEqual(["root"]);
      await tx.update(user).set({ role: "admin" });
    });
    await expect(over).rejects.toMatchObject(REFUSED);
    expect(await seenBy("root")).toHaveLength(3);
  });

  it("cannot be what the guide makes one", async () => {
    await asMigrate(
      "CREATE TABLE members (id text, role text)",
      "INSERT INTO members VALUES ('alice', 'admin')",
      "ALTER TABLE members ENABLE ROW LEVEL SECURITY",
      "CREATE POLICY user_isolation ON members FOR ALL TO markenmate_app USING (id = current_user)",
    );
    // Everybody is markenmate_app.
    expect((await pool.query("SELECT * FROM members")).rows).toEqual([]);
    await asMigrate(
      `CREATE POLICY admin_all_access ON members FOR ALL TO markenmate_app
         USING (EXISTS (SELECT 1 FROM members WHERE id = current_user AND role = 'admin'))`,
    );
    await expect(pool.query("SELECT * FROM members")).rejects.toMatchObject({ code: "42P17" });
    const { rows: tables } = await pool.query<TableSecurity>(TABLE_SECURITY);
    expect(rowLevelSecurityProblems(["members"], tables, ROLES).map(({ found }) => found)).toEqual([
      expect.stringContaining("the owner is not held"),
      expect.stringContaining("admin_all_access asks for the database's user"),
      expect.stringContaining("user_isolation asks for the database's user"),
      expect.stringContaining("admin_all_access selects from its own table"),
      expect.stringContaining("no policy shows markenmate_backup every row"),
    ]);
    await asMigrate("DROP TABLE members");
  });
});

describe("a pool", () => {
  beforeEach(() => seenBy("alice"));

  it("hands no claim on: not after a commit, an error, or a statement that failed", async () => {
    await seenBy("alice");
    expect(await claim()).toEqual({ is: "" });
    await expect(asUser(db, "alice", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await claim()).toEqual({ is: "" });
    await expect(asUser(db, "alice", (tx) => tx.execute(sql`SELECT 1 / 0`))).rejects.toThrow();
    expect(await db.select().from(user)).toEqual([]);
  });

  it("would hand on one that was set for the session, which is why none is", async () => {
    await pool.query("SELECT set_config('app.user_id', 'alice', false)");
    expect(ids(await db.select().from(user))).toEqual(["alice"]);
    await pool.query("SELECT set_config('app.user_id', '', false)");
  });

  it("keeps users apart who work at the same time", async () => {
    const wide = new Pool({ ...(await stack.connection("app")), max: 4 });
    const names = Array.from({ length: 60 }, (_, index) => ["alice", "bob"][index % 2] as string);
    const seen = await Promise.all(
      names.map((id) =>
        asUser(database(wide), id, async (tx) => {
          await tx.execute(sql`SELECT pg_sleep(0.005)`);
          return ids(await tx.select().from(user));
        }),
      ),
    );
    expect(seen).toEqual(names.map((name) => [name]));
    await wide.end();
  });
});

describe("the other roles", () => {
  it("see what their policies say: reports no tokens, backups everything, monitoring nothing", async () => {
    const counts = (role: string) =>
      stack.as(role, async (client) => {
        const count = (table: string) => client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
        return [
          (await count('"user"')).rows[0]?.n,
          (await count("session")).rows[0]?.n,
          (await count("audit_log")).rows[0]?.n,
        ];
      });
    expect(await counts("readonly")).toEqual([3, 0, 4]);
    expect(await counts("backup")).toEqual([3, 3, 4]);
    expect(await counts("migrate")).toEqual([0, 0, 0]);
    // Not even the names, for want of USAGE on the schema.
    await expect(counts("monitor")).rejects.toMatchObject({ code: "42P01" });
  });

  it("make a backup that is whole", async () => {
    expect(await stack.as("backup", completeness)).toEqual({ problems: [], throughPolicies: true });
    const commands = new BackupCommands(stack);
    const name = await commands.backUp();
    expect(await commands.problems(name)).toEqual([]);
    const { contents } = await (await commands.store()).getManifest(name);
    const rows = Object.fromEntries(contents.tables.map((it) => [it.name, it.rows]));
    expect(rows).toMatchObject({ 'public."user"': "3", "public.session": "3", "public.audit_log": "4" });
  });
});

describe("the check", () => {
  it("finds the recipe in order, as the role that may read no table", async () => {
    const { rows: tables } = await stack.as("monitor", (client) => client.query<TableSecurity>(TABLE_SECURITY));
    expect(tables.find(({ name }) => name === "user")?.policies).toHaveLength(8);
    expect(rowLevelSecurityProblems(TABLES, tables, ROLES)).toEqual([]);
  });
});
