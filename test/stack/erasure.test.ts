import { eq } from "drizzle-orm";
import { drizzle, NodePgDatabase } from "drizzle-orm/node-postgres";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asUser } from "../../docs/examples/row-level-security/as-user";
import { auditLog, session, user } from "../../docs/examples/row-level-security/schema";
import { BackupCommands } from "../support/backup-commands";
import { migrateWithDrizzle } from "../support/drizzle/migrate";
import { LocalStack } from "../support/local-stack";
import { superuser } from "../support/superuser";

/** What docs/personal-data.md says of an erasure, on the tables of docs/row-level-security.md. */
const EMAIL = "alice@example.com";
const OTHERS = Array.from({ length: 8 }, (_, index) => `user${index}`);

let stack: LocalStack;
let commands: BackupCommands;
let pool: Pool;
let db: NodePgDatabase & { $client: Pool };
let root: Client;

/** Whatever a table of the application holds, as one text. */
async function everythingIn(client: Client): Promise<string> {
  const { rows } = await client.query<{ row: string }>(
    'SELECT u::text AS row FROM "user" u UNION ALL SELECT s::text FROM session s UNION ALL SELECT a::text FROM audit_log a',
  );
  return rows.map(({ row }) => row).join("\n");
}

/** Of the planner's statistics what tells of single values. */
async function statistics(): Promise<string> {
  const { rows } = await root.query<{ values: string }>(
    "SELECT concat(most_common_vals::text, histogram_bounds::text) AS values FROM pg_stats WHERE schemaname = 'public'",
  );
  return rows.map(({ values }) => values).join("\n");
}

beforeAll(async () => {
  stack = await LocalStack.prepared();
  await migrateWithDrizzle(stack, "docs/examples/row-level-security");
  commands = new BackupCommands(stack);
  root = await superuser(stack);
  pool = new Pool({ ...(await stack.connection("app")), max: 1 });
  pool.on("error", () => undefined); // the server may end before its last connection has
  db = drizzle(pool);
  for (const id of ["alice", ...OTHERS]) {
    await asUser(db, id, async (tx) => {
      await tx.insert(user).values({ id, name: id, email: `${id}@example.com` });
      const expiresAt = new Date(Date.now() + 86_400_000);
      await tx.insert(session).values({ id: `${id}-1`, userId: id, token: `token of ${id}`, expiresAt });
      await tx.insert(auditLog).values({ userId: id, action: "signed up" });
    });
  }
  await root.query('ANALYZE "user", session');
  await commands.backUp();
});
afterAll(async () => {
  await pool?.end();
  await root?.end();
  await stack?.close();
});

const erase = (of: typeof db) => asUser(of, "alice", (tx) => tx.delete(user).where(eq(user.id, "alice")));

describe("erasing a person", () => {
  it("takes every row that refers to it along, as the application", async () => {
    const before = await everythingIn(root);
    expect(before).toContain(EMAIL);
    expect(before).toContain("token of alice");
    await erase(db);
    const after = await everythingIn(root);
    expect(after).not.toContain(EMAIL);
    expect(after).not.toContain("token of alice");
    expect(after).toContain("token of user0");
  });

  it("leaves an id in the audit table that refers to nobody", async () => {
    const { rows } = await root.query(
      `SELECT user_id, action, EXISTS (SELECT FROM "user" u WHERE u.id = user_id) AS known FROM audit_log WHERE user_id = 'alice'`,
    );
    expect(rows).toEqual([{ user_id: "alice", action: "signed up", known: false }]);
  });

  it("is over in the planner's statistics with the next ANALYZE", async () => {
    expect(await statistics()).toContain(EMAIL);
    await stack.as("migrate", (client) => client.query('VACUUM ANALYZE "user", session'));
    expect(await statistics()).not.toContain(EMAIL);
    expect(await statistics()).toContain("user0@example.com");
  });

  it("is done again after a restore, which brings the person back", async () => {
    const restored = await commands.run("restore", ["--into", "rescued"]);
    expect([restored.code, restored.stderr]).toEqual([0, expect.anything()]);
    const rescued = await superuser(stack, "rescued");
    const again = new Pool({ ...(await stack.connection("app")), database: "rescued", max: 1 });
    try {
      expect(await everythingIn(rescued)).toContain(EMAIL);
      await erase(drizzle(again));
      const after = await everythingIn(rescued);
      expect(after).not.toContain(EMAIL);
      expect(after).not.toContain("token of alice");
    } finally {
      await again.end();
      await rescued.end();
    }
  });
});
