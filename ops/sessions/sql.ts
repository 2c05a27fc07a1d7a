/**
 * What the activity commands ask. All of it is to be had by a member of pg_monitor, on PostgreSQL 15 and later (guide: "Database
 * Activity Monitoring", "Query Performance Monitoring"). The guide's own queries: `total_time` and `mean_time` are gone since
 * version 13, and its list of locks does not say who holds them.
 */

const SESSIONS_OF_OTHERS = `backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()`;

const ABOUT_SESSION = `
  a.pid, a.usename::text AS login, a.application_name AS application, host(a.client_addr) AS address, a.state,
  CASE WHEN s.ssl THEN s.version END AS tls,
  extract(epoch FROM clock_timestamp() - a.backend_start)::float AS "connectedSeconds",
  extract(epoch FROM clock_timestamp() - a.state_change)::float AS "stateSeconds",
  extract(epoch FROM clock_timestamp() - a.xact_start)::float AS "transactionSeconds",
  CASE WHEN a.state = 'active' THEN extract(epoch FROM clock_timestamp() - a.query_start)::float END AS "statementSeconds",
  CASE WHEN a.wait_event_type IN ('Lock', 'LWLock', 'IO', 'IPC', 'Timeout', 'BufferPin')
    THEN a.wait_event_type || ': ' || a.wait_event END AS "waitsFor",
  a.query, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "connectedAt"`;

/** Who is connected, the longest transaction first. */
export const SESSIONS = `
SELECT ${ABOUT_SESSION}
FROM pg_stat_activity a LEFT JOIN pg_stat_ssl s USING (pid)
WHERE ${SESSIONS_OF_OTHERS}
ORDER BY a.xact_start NULLS LAST, a.backend_start`;

/** Sessions of each login, of all databases: the limit is the server's. */
export const CONNECTIONS = `
SELECT coalesce(usename::text, '') AS login, count(*)::int AS sessions, current_setting('max_connections')::int AS limit
FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY usename ORDER BY 2 DESC, 1`;

/** Statements and transactions that last longer than so many seconds. */
export const LONG = `
SELECT ${ABOUT_SESSION}
FROM pg_stat_activity a LEFT JOIN pg_stat_ssl s USING (pid)
WHERE ${SESSIONS_OF_OTHERS}
  AND (a.state = 'active' AND clock_timestamp() - a.query_start > make_interval(secs => $1)
    OR clock_timestamp() - a.xact_start > make_interval(secs => $1))
ORDER BY least(a.xact_start, a.query_start)`;

/** Who waits for a lock, and who blocks whom. A session that blocks without waiting itself is the root. */
export const BLOCKED = `
WITH waiting AS (
  SELECT pid, pg_blocking_pids(pid) AS blockers FROM pg_stat_activity
  WHERE wait_event_type = 'Lock' AND datname = current_database()
)
SELECT ${ABOUT_SESSION}, coalesce(w.blockers, '{}') AS "blockedBy",
  (SELECT l.mode || ' on ' || coalesce(l.relation::regclass::text, l.locktype)
    FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted LIMIT 1) AS "wantsLock"
FROM pg_stat_activity a LEFT JOIN pg_stat_ssl s USING (pid) LEFT JOIN waiting w USING (pid)
WHERE w.pid IS NOT NULL OR a.pid IN (SELECT unnest(blockers) FROM waiting)
ORDER BY a.xact_start, a.pid`;

/** Columns to order statements by. */
export const ORDERS = { total: "total_exec_time", mean: "mean_exec_time", calls: "calls", rows: "rows" } as const;
export type Order = keyof typeof ORDERS;

/** The statements that cost most. PostgreSQL has put parameters in the place of their values. */
export const topStatements = (by: Order, schema: string) => `
SELECT coalesce(s.query, '(its text is lost)') AS query, pg_get_userbyid(s.userid)::text AS login, s.calls::float AS calls, s.total_exec_time AS "totalMs",
  s.mean_exec_time AS "meanMs", s.max_exec_time AS "maxMs", s.rows::float AS rows,
  round(100 * s.shared_blks_hit::numeric / nullif(s.shared_blks_hit + s.shared_blks_read, 0), 1)::float AS "fromCachePercent",
  i.stats_reset AS since
FROM ${schema}.pg_stat_statements s, ${schema}.pg_stat_statements_info i
WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY s.${ORDERS[by]} DESC LIMIT $1`;

/** One session, whatever it is. */
export const SESSION = `
SELECT a.pid, a.usename::text AS login, a.datname AS database, a.backend_type AS type, a.application_name AS application,
  host(a.client_addr) AS address, a.state, a.query,
  to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "connectedAt", r.rolsuper AS superuser
FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.rolname = a.usename WHERE a.pid = $1`;

/** Ends it only when it is still the same: process ids are used again. */
export const end = (work: "pg_terminate_backend" | "pg_cancel_backend") => `
SELECT ${work}(pid) AS asked FROM pg_stat_activity
WHERE pid = $1 ${work === "pg_cancel_backend" ? "AND state = 'active'" : ""} AND to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') = $2`;
