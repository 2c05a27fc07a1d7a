import { Client } from "pg";
import { OpsError, Refusal } from "../shared/errors";
import { say } from "../shared/command";
import { askAtTerminal } from "../shared/confirmation";
import { printable } from "../../lib/printable";
import { oneLine } from "./print";
import { Target } from "./session";
import { end, SESSION } from "./sql";
import { PATIENCE_MS, waitUntilGone } from "./wait-until-gone";

export interface Ending {
  pid: number;
  /** Ends the statement alone; the session goes on. */
  cancel: boolean;
  /** When the session began, as `sessions --json` and the refusal say it: in the place of an answer at a terminal. */
  confirm?: string;
  database: string;
}

/** Why it must not be ended; undefined when it may. */
export function untouchable(target: Target | undefined, { pid, database }: Ending): string | undefined {
  if (!target) {
    return `There is no session ${pid}`;
  }
  if (target.type !== "client backend") {
    return `${pid} is the server's own: ${target.type}. Ending it helps nobody`;
  }
  if (target.superuser) {
    return `${pid} is a session of ${printable(target.login ?? "")}, which is RDS's own`;
  }
  return target.database === database
    ? undefined
    : `${pid} is a session in the database ${printable(target.database ?? "-")}, not in ${database}`;
}

async function refuseUnconfirmed(
  { connectedAt, login, application, address, state, query, pid }: Target,
  ending: Ending,
) {
  const what = ending.cancel ? "Cancel the statement of" : "End";
  say(
    `${what} session ${pid} of ${printable(login ?? "")}: ${printable(application)} from ${address ?? "this machine"}, ${state ?? ""}`,
  );
  say(`  ${oneLine(query, 98)}`);
  if (ending.confirm !== undefined) {
    if (ending.confirm !== connectedAt) {
      throw new Refusal(
        `Session ${pid} is another one by now: it began at ${connectedAt}, not at ${ending.confirm}. Nothing was ended`,
      );
    }
    return;
  }
  const refusal = `Nothing was ended. Say that this is the one, with --confirm ${connectedAt}`;
  await askAtTerminal(refusal, "Nothing was ended");
}

/** Ends a session, or cancels its statement, once somebody has said that it is the right one. Waits until it is gone. */
export async function endSession(client: Client, ending: Ending): Promise<Target> {
  const find = async () => (await client.query<Target>(SESSION, [ending.pid])).rows[0];
  const target = await find();
  const reason = untouchable(target, ending);
  if (!target || reason !== undefined) {
    throw new Refusal(`${reason}. Nothing was ended`);
  }
  await refuseUnconfirmed(target, ending);
  const work = ending.cancel ? "pg_cancel_backend" : "pg_terminate_backend";
  const { rows } = await client.query<{ asked: boolean }>(end(work), [ending.pid, target.connectedAt]);
  if (!rows[0]?.asked) {
    const why = ending.cancel ? "runs no statement now, or is gone" : "is gone already";
    throw new Refusal(`Session ${ending.pid} ${why}. Nothing was ended`);
  }
  const isThere = async () => (await find())?.connectedAt === target.connectedAt;
  const left = ending.cancel ? [] : await waitUntilGone(async () => ((await isThere()) ? [target] : []));
  if (left.length > 0) {
    throw new OpsError(
      `Session ${ending.pid} was told to end and has not after ${PATIENCE_MS / 1000} s; it may be undoing its transaction`,
    );
  }
  return target;
}
