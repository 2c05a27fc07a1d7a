/**
 * What the live check reads of a database's catalogs. All of it is readable for a login that may only connect, but the sources of
 * settings, others' sessions and slots, for which there is pg_monitor. Nothing in here needs a right on a table, or pg_authid.
 */

/** An ACL, or what holds in its stead when there is none, as JSON. */
const acl = (column: string, type: string, owner: string) => `(
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'grantee', CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END,
    'privilege', a.privilege_type, 'grantable', a.is_grantable)), '[]')
  FROM aclexplode(coalesce(${column}, acldefault(${type}, ${owner}))) a WHERE a.grantee <> ${owner})`;

const hasNot = (dependency: string, catalog: string, oid: string) =>
  `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = '${dependency}')`;

/** What belongs to an extension has the extension's own rights. */
const notOfExtension = (catalog: string, oid: string) => hasNot("e", catalog, oid);

/** The functions that make values of a range type are the server's own, whoever has made the type. */
const notOfRange = hasNot("i", "pg_proc", "p.oid");

const USER_SCHEMAS = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/** Everything that is granted on, one row each. */
export const OBJECTS = `
SELECT 'database' AS kind, 'DATABASE' AS type, NULL AS schema, quote_ident(datname) AS name, pg_get_userbyid(datdba) AS owner,
  ${acl("datacl", "'d'", "datdba")} AS acl
FROM pg_database WHERE datname = current_database()
UNION ALL
SELECT 'schema', 'SCHEMA', n.nspname, quote_ident(n.nspname), pg_get_userbyid(n.nspowner), ${acl("n.nspacl", "'n'", "n.nspowner")}
FROM pg_namespace n WHERE ${USER_SCHEMAS}
UNION ALL
SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END,
  CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE'
    ELSE 'TABLE' END,
  n.nspname, format('%I.%I', n.nspname, c.relname), pg_get_userbyid(c.relowner),
  ${acl("c.relacl", `CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char"`, "c.relowner")}
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE ${USER_SCHEMAS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't' AND ${notOfExtension("pg_class", "c.oid")}
UNION ALL
SELECT 'function', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, n.nspname,
  format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), pg_get_userbyid(p.proowner),
  ${acl("p.proacl", "'f'", "p.proowner")}
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE ${USER_SCHEMAS} AND ${notOfExtension("pg_proc", "p.oid")} AND ${notOfRange}
ORDER BY kind, name`;

/** Rights on single columns. */
export const COLUMNS = `
SELECT format('%I.%I.%I', n.nspname, c.relname, a.attname) AS column, format('%I.%I', n.nspname, c.relname) AS table,
  quote_ident(a.attname) AS name, x.privilege_type AS privilege,
  CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee) END AS grantee
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(a.attacl) x
WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND ${USER_SCHEMAS} AND x.grantee <> c.relowner
  AND ${notOfExtension("pg_class", "c.oid")}`;

export const DEFAULT_PRIVILEGES = `
SELECT pg_get_userbyid(d.defaclrole) AS creator, n.nspname AS schema,
  CASE d.defaclobjtype WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'function' WHEN 'T' THEN 'type' ELSE 'schema' END
    AS kind,
  ${acl("d.defaclacl", "'r'", "d.defaclrole")} AS acl
FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace`;

export const ROLES = `
SELECT rolname AS name, rolsuper AS superuser, rolcreatedb AS "createDb", rolcreaterole AS "createRole", rolcanlogin AS "canLogin",
  rolreplication AS replication, rolbypassrls AS "bypassRls", rolconnlimit AS "connectionLimit", rolvaliduntil::text AS "validUntil"
FROM pg_roles`;

/** Since PostgreSQL 16 a membership may lack the right to act as the role; before, who is a member has it. */
export const MEMBERSHIPS = `
SELECT pg_get_userbyid(m.roleid) AS role, pg_get_userbyid(m.member) AS member, m.admin_option AS admin,
  coalesce((to_jsonb(m) ->> 'set_option')::boolean, true) OR coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true) AS acts
FROM pg_auth_members m`;

/** What ALTER ROLE … SET and ALTER DATABASE … SET have left. */
export const ROLE_SETTINGS = `
SELECT CASE s.setrole WHEN 0 THEN NULL ELSE pg_get_userbyid(s.setrole) END AS role, d.datname AS database,
  split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value
FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c
WHERE s.setdatabase = 0 OR d.datname = current_database()`;

/** Rights on settings: whoever may SET one of them is not held to what the server says (PostgreSQL 15 and later). */
export const PARAMETER_GRANTS = `
SELECT p.parname AS name, a.privilege_type AS privilege,
  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END AS grantee
FROM pg_parameter_acl p, aclexplode(p.paracl) a`;

export const SETTINGS = `
SELECT name, setting, unit, vartype, source, sourcefile, pending_restart AS "pendingRestart" FROM pg_settings`;

export const EXTENSIONS = `
SELECT e.extname AS name, n.nspname AS schema, e.extversion AS version, a.default_version AS "newest"
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace LEFT JOIN pg_available_extensions a ON a.name = e.extname`;

export const LANGUAGES = `
SELECT lanname AS name FROM pg_language WHERE NOT lanpltrusted AND lanname NOT IN ('internal', 'c')`;

/** Functions that run with their owner's rights. */
export const DEFINER_FUNCTIONS = `
SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS name,
  CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS type,
  EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=%') AS pinned
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND ${USER_SCHEMAS} AND ${notOfExtension("pg_proc", "p.oid")}`;

export const SLOTS = `
SELECT slot_name AS name, active, coalesce(wal_status, '') AS "walStatus" FROM pg_replication_slots WHERE NOT temporary`;

export const PUBLICATIONS = `SELECT quote_ident(pubname) AS name FROM pg_publication`;

export const PREPARED = `
SELECT gid, extract(epoch FROM clock_timestamp() - prepared)::int AS "ageSeconds" FROM pg_prepared_xacts
WHERE database = current_database()`;

/** Sessions over the network that are not encrypted. */
export const UNENCRYPTED = `
SELECT a.pid, a.usename AS login, host(a.client_addr) AS address FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid)
WHERE NOT s.ssl AND a.client_addr IS NOT NULL AND a.backend_type = 'client backend'`;

export const OWN_CONNECTION = `
SELECT s.ssl, s.version, s.cipher, s.bits, current_setting('server_version_num')::int AS "serverVersion"
FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()`;

/** How this session has logged in: PostgreSQL 16 and later tell. */
export const OWN_METHOD = `SELECT split_part(system_user, ':', 1) AS method`;
