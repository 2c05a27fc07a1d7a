/**
 * Everything in a database that has an owner, rights, a comment or a definition, one row each; definitions as digests. Names
 * and definitions are written with their schema, which is what `search_path = pg_catalog` is set for.
 */

const grants = (acl: string) => `ARRAY(
    SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END || '=' || a.privilege_type ||
      CASE WHEN a.is_grantable THEN '*' ELSE '' END
    FROM aclexplode(${acl}) a ORDER BY 1)`;

const NO_GRANTS = "ARRAY[]::text[]";

const ofExtension = (catalog: string, oid: string) =>
  `EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

const SCHEMAS = `SELECT oid, nspname, nspowner, nspacl FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`;

/** Columns, what is granted on them, and whether rows are hidden. */
const TABLE_DEFINITION = `(
    SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
      a.attacl, col_description(a.attrelid, a.attnum), pg_get_expr(f.adbin, f.adrelid)), ';' ORDER BY a.attnum)
    FROM pg_attribute a LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  ) || c.relrowsecurity || c.relforcerowsecurity`;

const PARTS = [
  `SELECT 'schema', quote_ident(nspname), pg_get_userbyid(nspowner), ${grants("coalesce(nspacl, acldefault('n', nspowner))")},
     obj_description(oid, 'pg_namespace'), NULL
   FROM schemas`,

  `SELECT CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
       WHEN 'f' THEN 'foreign table' ELSE 'table' END,
     format('%I.%I', s.nspname, c.relname), pg_get_userbyid(c.relowner),
     ${grants("coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", c.relowner))")},
     obj_description(c.oid, 'pg_class'),
     CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) WHEN c.relkind = 'S' THEN '' ELSE ${TABLE_DEFINITION} END
   FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND c.relpersistence <> 't' AND NOT ${ofExtension("pg_class", "c.oid")}`,

  `SELECT 'function', format('%I.%I(%s)', s.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
     pg_get_userbyid(p.proowner), ${grants("coalesce(p.proacl, acldefault('f', p.proowner))")},
     obj_description(p.oid, 'pg_proc'), CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END
   FROM pg_proc p JOIN schemas s ON s.oid = p.pronamespace WHERE NOT ${ofExtension("pg_proc", "p.oid")}`,

  `SELECT 'type', format('%I.%I', s.nspname, t.typname), pg_get_userbyid(t.typowner),
     ${grants("coalesce(t.typacl, acldefault('T', t.typowner))")}, obj_description(t.oid, 'pg_type'),
     (SELECT string_agg(e.enumlabel, ';' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
   FROM pg_type t JOIN schemas s ON s.oid = t.typnamespace
   WHERE t.typtype IN ('e', 'd', 'r') AND NOT ${ofExtension("pg_type", "t.oid")}`,

  `SELECT 'index', format('%I.%I', s.nspname, c.relname), NULL, ${NO_GRANTS}, obj_description(c.oid, 'pg_class'),
     pg_get_indexdef(c.oid)
   FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace
   WHERE c.relkind IN ('i', 'I') AND NOT c.relispartition AND NOT ${ofExtension("pg_class", "c.oid")}`,

  `SELECT 'constraint', format('%I.%I.%I', s.nspname, c.relname, k.conname), NULL, ${NO_GRANTS},
     obj_description(k.oid, 'pg_constraint'), pg_get_constraintdef(k.oid)
   FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN schemas s ON s.oid = c.relnamespace
   WHERE k.conparentid = 0 AND NOT ${ofExtension("pg_class", "c.oid")}`,

  `SELECT 'trigger', format('%I.%I.%I', s.nspname, c.relname, t.tgname), NULL, ${NO_GRANTS},
     obj_description(t.oid, 'pg_trigger'), pg_get_triggerdef(t.oid)
   FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN schemas s ON s.oid = c.relnamespace
   WHERE NOT t.tgisinternal AND t.tgparentid = 0`,

  `SELECT 'policy', format('%I.%I.%I', s.nspname, c.relname, p.polname), NULL, ${NO_GRANTS},
     obj_description(p.oid, 'pg_policy'),
     concat_ws(' ', p.polcmd, p.polpermissive,
       (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r) END, ',' ORDER BY 1) FROM unnest(p.polroles) r),
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
   FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN schemas s ON s.oid = c.relnamespace`,

  `SELECT 'default privileges',
     format('of %I in %s on %s', pg_get_userbyid(d.defaclrole), coalesce(quote_ident(n.nspname), 'every schema'), d.defaclobjtype),
     pg_get_userbyid(d.defaclrole), ${grants("d.defaclacl")}, NULL, NULL
   FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace`,
];

export const OBJECTS = `WITH schemas AS (${SCHEMAS}),
objects (kind, name, owner, grants, comment, text) AS (
  ${PARTS.join("\n  UNION ALL\n  ")}
)
SELECT kind, name, owner::text, grants, comment, md5(text) AS definition FROM objects ORDER BY kind, name`;
