import { sql } from "drizzle-orm";
import { NodePgDatabase } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import { session } from "./schema";

/**
 * A database with a pool. Not one connection, which requests would share with each other's claims, and not a transaction, whose
 * claim would stay changed after an inner one.
 */
type Database<Schema extends Record<string, unknown>> = NodePgDatabase<Schema> & { $client: Pool };
type Transaction<Schema extends Record<string, unknown>> = Parameters<
  Parameters<Database<Schema>["transaction"]>[0]
>[0];

async function withClaim<Schema extends Record<string, unknown>, Result>(
  db: Database<Schema>,
  claim: "app.user_id" | "app.session_token",
  value: string,
  work: (tx: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
  if (typeof value !== "string" || value === "") {
    throw new Error(`${claim} is empty: sign in first`);
  }
  return db.transaction(async (tx) => {
    // `true`: until the transaction ends, however it ends, so that the pool's next user does not inherit it.
    await tx.execute(sql`SELECT set_config(${claim}, ${value}, true)`);
    return work(tx);
  });
}

/** Does the work in a transaction that sees and changes what the policies leave to that user. Work with `tx`, not with `db`. */
export function asUser<Schema extends Record<string, unknown>, Result>(
  db: Database<Schema>,
  userId: string,
  work: (tx: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
  return withClaim(db, "app.user_id", userId, work);
}

/** Whose session it is; nobody's, if there is none or it is over. */
export function userOfSession<Schema extends Record<string, unknown>>(
  db: Database<Schema>,
  token: string,
): Promise<string | undefined> {
  return withClaim(db, "app.session_token", token, async (tx) => {
    const [found] = await tx
      .select({ userId: session.userId })
      .from(session)
      .where(sql`${session.token} = ${token} AND ${session.expiresAt} > now()`);
    return found?.userId;
  });
}
