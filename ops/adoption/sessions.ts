import { ClientBase } from "pg";
import { OpsError } from "../shared/errors";
import { waitUntilGone } from "../sessions/wait-until-gone";
import { listed } from "./notes";
import { SESSIONS_OF } from "./situation-sql";

export interface OldSession {
  pid: number;
  database: string | null;
  application: string;
  address: string | null;
  state: string | null;
  connectedAt: string;
}

/** In all of the server's databases: a login is the server's. */
export async function sessionsOf(client: ClientBase, login: string): Promise<OldSession[]> {
  return (await client.query<OldSession>(SESSIONS_OF, [login])).rows;
}

/** Ends what is connected as a login that nobody can connect as any more, and waits until it is gone. */
export async function endSessionsOf(client: ClientBase, login: string): Promise<number> {
  const ended = new Set<number>();
  const left = await waitUntilGone(async () => {
    const sessions = await sessionsOf(client, login);
    for (const { pid } of sessions.filter((session) => !ended.has(session.pid))) {
      ended.add(pid);
      await client.query("SELECT pg_terminate_backend($1)", [pid]);
    }
    return sessions;
  });
  if (left.length > 0) {
    throw new OpsError(
      `${login} is switched off, and these sessions of it were told to end and have not: ${listed(left.map(({ pid }) => String(pid)))}`,
    );
  }
  return ended.size;
}
