import { ClientBase } from "pg";
import pRetry from "p-retry";
import { quoted } from "../checks/database/expected";
import { say } from "../shared/command";
import { OpsError } from "../shared/errors";
import { duration, oneLine } from "../sessions/print";
import { printable } from "../../lib/printable";
import { OPTIONS_SINCE } from "./plan";
import { Standing } from "./situation";
import { HOLDERS } from "./situation-sql";

/**
 * All statements in one transaction, again and again until nobody is in the way.
 *
 * What waits for a table behind this transaction waits at most as long as it waits itself, and then until it has done its work. Its
 * waits together are shorter than deadlock_timeout: so no session of the application's can find itself in a deadlock with it, for
 * PostgreSQL looks for one after that time, and would end the one that looks.
 */
const WAIT_MS = 500;
const PAUSE_MS = 1_500;
const ATTEMPTS = 60;

const LOCKED = "55P03";
/** Gone or renamed between the reading and the work; what has been read anew will do. */
const CHANGED_MEANWHILE = ["42P01", "42883", "42704", "3F000"];

/** Its statements come as a setting, so that the server's log has no page of them for every failure. */
const RUN = `
DO $run$
DECLARE
  begun timestamptz := clock_timestamp();
  statement text;
BEGIN
  FOR statement IN SELECT jsonb_array_elements_text(current_setting('adoption.statements')::jsonb) LOOP
    PERFORM set_config('lock_timeout', greatest(1, current_setting('adoption.wait_ms')::int
      - (extract(epoch FROM clock_timestamp() - begun) * 1000)::int)::text, true);
    EXECUTE statement;
  END LOOP;
END
$run$`;

interface PostgresError extends Error {
  code?: string;
  where?: string;
}

export interface Done<Found> {
  found: Found;
  /** For how long tables were locked. */
  lockedMs: number;
  attempts: number;
}

export interface Transaction<Found> {
  old: string;
  /** Roles that whoever is logged in has to act as meanwhile. */
  actsAs: string[];
  /** Reads what there is. Its statements are run, and no lock is taken when there are none. */
  read: () => Promise<{ found: Found; statements: string[] }>;
  /** Looks at what has come of it; what it throws takes all of it back. */
  verify: (found: Found) => Promise<void>;
  rehearse: boolean;
}

/** Roles that the session cannot act as yet. Since PostgreSQL 16 whoever has made a role may let itself in, and is not in. */
async function missing(client: ClientBase, roles: string[], version: number): Promise<string[]> {
  const acts =
    version >= OPTIONS_SINCE ? "pg_has_role(r, 'USAGE') AND pg_has_role(r, 'SET')" : "pg_has_role(r, 'USAGE')";
  const { rows } = await client.query<{ role: string }>(
    `SELECT r AS role FROM unnest($1::name[]) r WHERE r <> current_user AND NOT (${acts})`,
    [roles],
  );
  return rows.map(({ role }) => role);
}

const hasBeenLocked = (error: unknown) => (error as PostgresError).code === LOCKED;

function isPassing(error: unknown): boolean {
  const { code = "", message } = error as PostgresError;
  return hasBeenLocked(error) || CHANGED_MEANWHILE.includes(code) || message.includes("tuple concurrently updated");
}

/** PostgreSQL says in its context which of the statements it was. */
const statementOf = ({ where = "" }: PostgresError) => /SQL statement "(.*?)"\n/s.exec(`${where}\n`)?.[1] ?? "";

async function attempt<Found>(client: ClientBase, standing: Standing, work: Transaction<Found>) {
  await client.query("BEGIN; SET LOCAL search_path = pg_catalog");
  try {
    const { found, statements } = await work.read();
    if (statements.length === 0) {
      await client.query("ROLLBACK");
      return { found, lockedMs: 0 };
    }
    const me = quoted(standing.me);
    const missingRoles = (await missing(client, work.actsAs, standing.version)).map(quoted);
    // One that is let in for longer is not to be shown out at the end.
    const joins = missingRoles.filter((role) => !statements.some((text) => text.startsWith(`GRANT ${role} TO ${me}`)));
    const options = standing.version >= OPTIONS_SINCE ? " WITH INHERIT TRUE, SET TRUE" : "";
    const all = [
      ...joins.map((role) => `GRANT ${role} TO ${me}${options}`),
      ...statements,
      ...joins.map((role) => `REVOKE ${role} FROM ${me}`),
    ];
    const wait = Math.min(WAIT_MS, standing.deadlockMs / 2);
    await client.query("SELECT set_config('adoption.statements', $1, true), set_config('adoption.wait_ms', $2, true)", [
      JSON.stringify(all),
      String(Math.floor(wait)),
    ]);
    const begun = performance.now();
    await client.query(RUN);
    await work.verify(found);
    await client.query(work.rehearse ? "ROLLBACK" : "COMMIT");
    return { found, lockedMs: Math.round(performance.now() - begun) };
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

interface Holder {
  pid: number;
  login: string;
  table: string;
  seconds: number;
  query: string;
}

/** Who was in the way, as far as it still is. */
async function holders(client: ClientBase, old: string): Promise<string[]> {
  const { rows } = await client.query<Holder>(HOLDERS, [old]);
  return rows.map(
    ({ pid, login, table, seconds, query }) =>
      `  session ${pid} of ${printable(login)} has locked ${printable(table)} for ${duration(seconds)}: ${oneLine(query, 60)}`,
  );
}

export async function inOneTransaction<Found>(
  client: ClientBase,
  standing: Standing,
  work: Transaction<Found>,
): Promise<Done<Found>> {
  let attempts = 0;
  const run = () => {
    attempts += 1;
    return attempt(client, standing, work);
  };
  try {
    const done = await pRetry(run, {
      retries: ATTEMPTS - 1,
      minTimeout: PAUSE_MS,
      factor: 1,
      randomize: true,
      shouldRetry: ({ error }) => isPassing(error),
      onFailedAttempt: async ({ error, retriesLeft }) => {
        if (isPassing(error) && retriesLeft > 0) {
          const why = hasBeenLocked(error) ? `in use: ${printable(statementOf(error))}` : error.message;
          say([`Taken back, and tried again soon; ${why}`, ...(await holders(client, work.old))].join("\n"));
        }
      },
    });
    return { ...done, attempts };
  } catch (error) {
    const failed = error as PostgresError;
    if (error instanceof OpsError || failed.code === undefined) {
      throw error;
    }
    const inTheWay = isPassing(error)
      ? `\nTried ${attempts} times. In the way:\n${(await holders(client, work.old)).join("\n")}`
      : "";
    throw new OpsError(
      `Everything was taken back: ${failed.message} (${failed.code})\n  ${printable(statementOf(failed))}${inTheWay}`,
    );
  }
}
