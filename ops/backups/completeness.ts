import { ClientBase } from "pg";
import { DUMPED } from "./contents";

/**
 * Whether the role that dumps gets to see everything. A dump that lacks rows looks like any other.
 * Source: PostgreSQL, "Row Security Policies"; pg_dump, "--enable-row-security".
 */
export interface Completeness {
  /** Each with its cure; empty when nothing would be missing. */
  problems: string[];
  /** Whether policies show the role every row of tables that have some: pg_dump must be told to go by them then. */
  throughPolicies: boolean;
}

/** Tables and sequences that a dump reads, and whether the role may. */
const UNREADABLE = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name, quote_ident(n.nspname) AS schema, c.relkind = 'S' AS "isSequence",
    has_schema_privilege(n.oid, 'USAGE') AS "schemaOpen", pg_get_userbyid(c.relowner)::text AS owner
  ${DUMPED} AND c.relkind IN ('r', 'p', 'S')
    AND NOT (has_schema_privilege(n.oid, 'USAGE') AND CASE c.relkind
      WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT') ELSE has_table_privilege(c.oid, 'SELECT') END)
  ORDER BY 1`;

/**
 * Tables whose policies are applied to the role, and whether they show it every row all the same: one that lets all pass, and
 * none that holds anything back. A role with BYPASSRLS has none of them here.
 */
const WITH_POLICIES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name, pg_get_userbyid(c.relowner)::text AS owner,
    EXISTS (SELECT FROM policies p WHERE p.polrelid = c.oid AND p.polpermissive AND p.condition = 'true')
    AND NOT EXISTS (SELECT FROM policies p WHERE p.polrelid = c.oid AND NOT p.polpermissive AND p.condition <> 'true') AS open
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND row_security_active(c.oid)
  ORDER BY 1`;
const POLICIES = `
  SELECT polrelid, polpermissive, pg_get_expr(polqual, polrelid) AS condition FROM pg_policy
  WHERE polcmd IN ('r', '*')
    AND EXISTS (SELECT FROM unnest(polroles) r WHERE CASE r WHEN 0 THEN true ELSE pg_has_role(r, 'USAGE') END)`;

/** Looks as the role that `client` is logged in as. */
export async function completeness(client: ClientBase): Promise<Completeness> {
  const { rows: users } = await client.query<{ name: string }>("SELECT quote_ident(current_user) AS name");
  const role = users[0]?.name ?? "";
  const { rows: unreadable } = await client.query<{
    name: string;
    schema: string;
    isSequence: boolean;
    schemaOpen: boolean;
    owner: string;
  }>(UNREADABLE);
  const { rows: tables } = await client.query<{ name: string; owner: string; open: boolean }>(
    `WITH policies AS (${POLICIES}) ${WITH_POLICIES}`,
  );
  return {
    problems: [
      ...unreadable.map(({ name, schema, isSequence, schemaOpen, owner }) => {
        const usage = schemaOpen ? "" : `GRANT USAGE ON SCHEMA ${schema} TO ${role}; `;
        const grant = `GRANT SELECT ON ${isSequence ? "SEQUENCE" : "TABLE"} ${name} TO ${role}`;
        return `${name}: ${role} may not read it. As ${owner}: ${usage}${grant}`;
      }),
      ...tables
        .filter(({ open }) => !open)
        .map(
          ({ name, owner }) =>
            `${name}: row-level security hides rows from ${role}, and they would be missing. As ${owner}: ` +
            `CREATE POLICY every_row_for_backups ON ${name} FOR SELECT TO ${role} USING (true), and no restrictive policy for it`,
        ),
    ],
    throughPolicies: tables.length > 0,
  };
}
