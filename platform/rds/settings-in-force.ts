import pRetry from "p-retry";
import type { Client } from "pg";
import { RdsError } from "./errors";
import { Server, serverMessage } from "./server";

/** Settings that the server read and did not take: it says so in a table and, for extensions' settings, in its log. */
export async function refuseIgnoredSettings(superuser: Client, server: Server): Promise<void> {
  const { rows } = await superuser.query<{ name: string | null; error: string | null }>(
    `SELECT name, f.error
     FROM pg_file_settings f LEFT JOIN pg_settings s USING (name)
     WHERE NOT coalesce(s.pending_restart, false) AND (
       -- A static setting that is no longer in the file has a line without a name, which says that a restart is needed.
       (f.error IS NOT NULL AND (name IS NOT NULL OR f.error NOT LIKE '%cannot be changed without restarting%'))
       -- A setting of an extension that does not know it is taken for somebody else's, and dropped.
       OR (name LIKE '%.%' AND s.source IS DISTINCT FROM 'configuration file'))`,
  );
  const [refused] = rows;
  if (refused && refused.name === null) {
    throw new RdsError("InvalidParameterValue", refused.error ?? "");
  }
  if (refused) {
    const told =
      (await server.log())
        .split("\n")
        .filter((line) => line.includes(refused.name ?? ""))
        .pop() ?? "";
    throw new RdsError(
      "InvalidParameterValue",
      serverMessage(told) ?? `unrecognized configuration parameter "${refused.name}"`,
    );
  }
}

/** A reload is a signal: this session has the new settings when its own load time has moved. */
export async function reloadAndWait(superuser: Client): Promise<void> {
  const loaded = async () => {
    const { rows } = await superuser.query<{ at: string }>("SELECT pg_conf_load_time()::text AS at");
    return rows[0]?.at;
  };
  const before = await loaded();
  await superuser.query("SELECT pg_reload_conf()");
  await pRetry(
    async () => {
      if ((await loaded()) === before) {
        throw new Error("PostgreSQL has not reloaded its configuration");
      }
    },
    { retries: 500, minTimeout: 20, factor: 1 },
  );
}
