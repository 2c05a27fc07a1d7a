/** What is asked of a database before it is adopted. $1 is the old user's name, $2 that of the role that is to own its objects. */

const OLD = "(SELECT oid FROM pg_roles WHERE rolname = $1)";
const THIS_DATABASE = "(SELECT oid FROM pg_database WHERE datname = current_database())";

/** PostgreSQL's own list of what belongs to whom: no kind of object can be forgotten. */
const OWNED_BY_OLD = `pg_shdepend s WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = ${OLD} AND s.deptype = 'o'`;

/**
 * What is owned, tables first that others are part of. Other sessions' temporary tables end with them. A multirange follows its range
 * since PostgreSQL 17.
 */
export const OWNED = `
SELECT i.type, i.schema, i.identity AS name,
  EXISTS (SELECT FROM pg_depend d WHERE d.classid = s.classid AND d.objid = s.objid AND d.deptype = 'e') AS "ofExtension",
  c.relkind IS NOT DISTINCT FROM 'S' AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
    AND d.objid = s.objid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
    OR t.typtype IS NOT DISTINCT FROM 'm' AND current_setting('server_version_num')::int >= 170000 AS follows,
  coalesce(p.prosecdef, false) AS definer,
  c.relkind IN ('v', 'm') AND NOT coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on'], false) AS "readsAsOwner"
FROM ${OWNED_BY_OLD.replace(
  "pg_shdepend s",
  `pg_shdepend s CROSS JOIN LATERAL pg_identify_object(s.classid, s.objid, 0) i
  LEFT JOIN pg_class c ON s.classid = 'pg_class'::regclass AND c.oid = s.objid
  LEFT JOIN pg_proc p ON s.classid = 'pg_proc'::regclass AND p.oid = s.objid
  LEFT JOIN pg_type t ON s.classid = 'pg_type'::regclass AND t.oid = s.objid`,
)}
  AND s.dbid = ${THIS_DATABASE} AND coalesce(i.schema, '') !~ '^pg_'
ORDER BY c.relkind IS NOT DISTINCT FROM 'p' DESC, s.objid`;

/** Where else something belongs to it: who is shut out here is shut out there. */
export const OTHER_DATABASES = `
SELECT d.datname AS name FROM pg_database d
WHERE d.datname <> current_database()
  AND (d.datdba = ${OLD} OR d.oid IN (SELECT s.dbid FROM ${OWNED_BY_OLD}))
ORDER BY 1`;

/** Policies that are for the old user by name. */
export const POLICIES_FOR_OLD = `
SELECT i.identity AS name FROM pg_shdepend s, pg_identify_object(s.classid, s.objid, 0) i
WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = ${OLD} AND s.deptype = 'r' AND s.dbid = ${THIS_DATABASE}
ORDER BY 1`;

/** User mappings of the old user: foreign tables are read with them. */
export const FOREIGN_SERVERS = `SELECT srvname AS name FROM pg_user_mappings WHERE usename = $1 ORDER BY 1`;

/**
 * Locks that the transaction will hold, each table's indexes and TOAST table with it, and what the server has room for
 * (PostgreSQL: max_locks_per_transaction).
 */
export const LOCKS = `
WITH owned AS (SELECT s.objid FROM ${OWNED_BY_OLD} AND s.classid = 'pg_class'::regclass AND s.dbid = ${THIS_DATABASE})
SELECT ((SELECT count(*) FROM owned) + (SELECT count(*) FROM pg_index x JOIN owned o ON o.objid = x.indrelid)
    + 2 * (SELECT count(*) FROM pg_class c JOIN owned o ON o.objid = c.oid WHERE c.reltoastrelid <> 0))::int AS needed,
  current_setting('max_locks_per_transaction')::int
    * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) AS room`;

/** Whether each of the three may act as another, and who is logged in. Since PostgreSQL 16 CREATEROLE alone gives no way in. */
export const STANDING = `
SELECT current_user::text AS me, current_database()::text AS database, current_setting('server_version_num')::int AS version,
  (SELECT setting::int FROM pg_settings WHERE name = 'deadlock_timeout') AS "deadlockMs",
  o.oid IS NOT NULL AS "ownerExists",
  coalesce(pg_has_role(f.oid, o.oid, 'USAGE'), false) AS "oldActsAsOwner",
  coalesce(pg_has_role(o.oid, f.oid, 'MEMBER'), false) AS "ownerActsAsOld",
  f.rolname = current_user OR CASE WHEN current_setting('server_version_num')::int >= 160000
    THEN pg_has_role(f.oid, 'MEMBER WITH ADMIN OPTION')
    ELSE (SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user) END AS "mayBecomeOld",
  f.rolinherit AS inherits
FROM pg_roles f LEFT JOIN pg_roles o ON o.rolname = $2 WHERE f.rolname = $1`;

/** Who owns what there is, for somebody who has named a role that owns nothing. */
export const OWNERS = `
SELECT pg_get_userbyid(s.refobjid) AS name, count(*)::int AS objects FROM pg_shdepend s
WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o' AND s.dbid = ${THIS_DATABASE} GROUP BY 1 ORDER BY 2 DESC`;

/** Sessions of a login, in all of the server's databases. */
export const SESSIONS_OF = `
SELECT pid, datname AS database, application_name AS application, host(client_addr) AS address, state,
  to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "connectedAt"
FROM pg_stat_activity WHERE usename = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY backend_start`;

/** Who has held locks on the old user's tables for longer than a moment, the longest transaction first. */
export const HOLDERS = `
SELECT DISTINCT ON (a.xact_start, a.pid) a.pid, coalesce(a.usename::text, a.backend_type) AS login, c.oid::regclass::text AS table,
  extract(epoch FROM clock_timestamp() - a.xact_start)::float AS seconds, a.query
FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_activity a USING (pid)
WHERE l.granted AND c.relowner = ${OLD} AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND a.pid <> pg_backend_pid()
  AND clock_timestamp() - a.xact_start > interval '1 s'
ORDER BY a.xact_start, a.pid LIMIT 3`;

/** What a role may do with each object: nothing of it may get lost. */
export const RIGHTS_OF = `
WITH own AS (SELECT oid, nspname, nspowner FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
SELECT 'relation ' || c.oid::regclass AS object, p AS right FROM pg_class c JOIN own ON own.oid = c.relnamespace,
  unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_table_privilege($1, c.oid, p)
UNION ALL SELECT 'relation ' || c.oid::regclass, p FROM pg_class c JOIN own ON own.oid = c.relnamespace,
  unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) p WHERE c.relkind = 'S' AND has_sequence_privilege($1, c.oid, p)
UNION ALL SELECT 'relation ' || c.oid::regclass, 'OWNER' FROM pg_class c JOIN own ON own.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND pg_has_role($1, c.relowner, 'USAGE')
UNION ALL SELECT 'routine ' || p.oid::regprocedure, r FROM pg_proc p JOIN own ON own.oid = p.pronamespace,
  unnest(ARRAY['EXECUTE', 'OWNER']) r
  WHERE CASE r WHEN 'OWNER' THEN pg_has_role($1, p.proowner, 'USAGE') ELSE has_function_privilege($1, p.oid, r) END
UNION ALL SELECT 'type ' || t.oid::regtype, r FROM pg_type t JOIN own ON own.oid = t.typnamespace, unnest(ARRAY['USAGE', 'OWNER']) r
  WHERE t.typtype IN ('e', 'd', 'r', 'c')
    AND CASE r WHEN 'OWNER' THEN pg_has_role($1, t.typowner, 'USAGE') ELSE has_type_privilege($1, t.oid, r) END
UNION ALL SELECT 'schema ' || nspname, r FROM own, unnest(ARRAY['USAGE', 'CREATE', 'OWNER']) r
  WHERE CASE r WHEN 'OWNER' THEN pg_has_role($1, nspowner, 'USAGE') ELSE has_schema_privilege($1, oid, r) END
UNION ALL SELECT 'database', r FROM pg_database, unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY', 'OWNER']) r
  WHERE datname = current_database()
    AND CASE r WHEN 'OWNER' THEN pg_has_role($1, datdba, 'USAGE') ELSE has_database_privilege($1, oid, r) END`;

/** Views that read with their owner's rights, and what of it the new owner may not read and the old one may. */
export const BLIND_VIEWS = `
SELECT DISTINCT v.oid::regclass::text AS view, t.oid::regclass::text AS reads, pg_get_userbyid(t.relowner) AS owner
FROM pg_rewrite r JOIN pg_class v ON v.oid = r.ev_class
  JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
  JOIN pg_class t ON t.oid = d.refobjid AND t.oid <> v.oid
WHERE pg_get_userbyid(v.relowner) = $2 AND v.relkind IN ('v', 'm') AND t.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT coalesce(v.reloptions && ARRAY['security_invoker=true', 'security_invoker=on'], false)
  AND NOT has_any_column_privilege($2, t.oid, 'SELECT') AND has_any_column_privilege($1, t.oid, 'SELECT')
ORDER BY 1, 2`;
