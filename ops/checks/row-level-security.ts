// TEMPORARY until branch rls
export interface TableSecurity {
  schema: string;
  name: string;
  enabled: boolean;
  forced: boolean;
  policies: {
    name: string;
    roles: string[];
    command: string;
    permissive: boolean;
    using?: string | null;
    check?: string | null;
  }[];
}
export const POLICIES = `
SELECT n.nspname AS schema, c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
  coalesce((SELECT jsonb_agg(jsonb_build_object('name', p.polname,
      'roles', (SELECT jsonb_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r) END) FROM unnest(p.polroles) r),
      'command', p.polcmd, 'permissive', p.polpermissive,
      'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)))
    FROM pg_policy p WHERE p.polrelid = c.oid), '[]') AS policies
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
