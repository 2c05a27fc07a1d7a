/**
 * Whether tables that must have row-level security have it, and so that it holds. Pure: what the catalog says comes in.
 * Source: PostgreSQL, "Row Security Policies"; docs/row-level-security.md.
 */

/** The commands that a policy is for, as pg_policies has them. */
export type PolicyCommand = "ALL" | "SELECT" | "INSERT" | "UPDATE" | "DELETE";

export interface TablePolicy {
  name: string;
  /** `public` is everybody. */
  roles: string[];
  command: PolicyCommand;
  /** One of these must let a row pass; restrictive ones must all. */
  permissive: boolean;
  /** Which rows are seen, as PostgreSQL writes the expression out. */
  using?: string | null;
  /** Which rows may be written; where it is left out, `using` counts. */
  check?: string | null;
}

export interface TableSecurity {
  schema: string;
  name: string;
  /** ENABLE ROW LEVEL SECURITY: holds for everybody but the owner. */
  enabled: boolean;
  /** FORCE ROW LEVEL SECURITY: for the owner as well. */
  forced: boolean;
  policies: TablePolicy[];
}

export interface SecurityProblem {
  table: string;
  found: string;
  expected: string;
  cure: string;
}

/** Every table with its policies, for any login: the catalog is open to all. One row is one {@link TableSecurity}. */
export const TABLE_SECURITY = `
  SELECT n.nspname::text AS schema, c.relname::text AS name,
    c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
    coalesce((
      SELECT json_agg(json_build_object('name', p.policyname, 'roles', p.roles::text[], 'command', p.cmd,
        'permissive', p.permissive = 'PERMISSIVE', 'using', p.qual, 'check', p.with_check) ORDER BY p.policyname)
      FROM pg_catalog.pg_policies p WHERE p.schemaname = n.nspname AND p.tablename = c.relname), '[]') AS policies
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  ORDER BY 1, 2`;

const EVERYBODY = "public";
const DEFAULT_SCHEMA = "public";

/** `"user"`: as a statement must write a name that may be a keyword. */
const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
const nameOf = ({ schema, name }: TableSecurity) => `${schema}.${name}`;
const sqlNameOf = ({ schema, name }: TableSecurity) => `${quote(schema)}.${quote(name)}`;
const reads = ({ command }: TablePolicy) => command === "ALL" || command === "SELECT";
const isFor = ({ roles }: TablePolicy, role: string) => roles.includes(role) || roles.includes(EVERYBODY);
const isTrue = (expression?: string | null) => /^\(*true\)*$/.test(expression ?? "");

/** An expression without what stands in quotes as text. */
const code = (expression: string) => expression.replaceAll(/'(?:[^']|'')*'/g, "''");
/** As PostgreSQL writes them out, whatever the policy said; a column of that name would stand in quotes. */
const DATABASE_USER = /\b(?:CURRENT_USER|CURRENT_ROLE|SESSION_USER|SYSTEM_USER|USER)\b/;
const expressions = ({ using, check }: TablePolicy) => [using, check].flatMap((it) => (it ? [code(it)] : []));

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A name as PostgreSQL writes it: quoted where it must be. */
const written = (name: string) => `(?:${escaped(quote(name))}|${escaped(name)})`;

/** Whether a policy's subquery reads a table. PostgreSQL leaves out the schema where the search path finds it. */
function selectsFrom(policy: TablePolicy, { schema, name }: TableSecurity): boolean {
  const table = new RegExp(
    `(?:\\bFROM|\\bJOIN|,)[\\s(]*(?:ONLY\\s+)?(?:${written(schema)}\\.)?${written(name)}(?![\\w$".(])`,
  );
  return expressions(policy).some((it) => /\bSELECT\b/.test(it) && table.test(it));
}

/** Whether the policies of a table, or of tables that those read, read the other one. */
function leadsTo(from: TableSecurity, to: TableSecurity, tables: TableSecurity[], seen = new Set([from])): boolean {
  return tables.some((table) => {
    if (!from.enabled || !from.policies.some((policy) => selectsFrom(policy, table))) {
      return false;
    }
    return table === to || (!seen.has(table) && leadsTo(table, to, tables, seen.add(table)));
  });
}

/** The first policy that cannot be told without itself, and the table that it goes by, if it is another one. */
function recursion(
  table: TableSecurity,
  tables: TableSecurity[],
): { policy: TablePolicy; through?: string } | undefined {
  for (const policy of table.policies) {
    if (selectsFrom(policy, table)) {
      return { policy };
    }
    const through = tables.find((it) => selectsFrom(policy, it) && leadsTo(it, table, tables));
    if (through) {
      return { policy, through: nameOf(through) };
    }
  }
  return undefined;
}

function policyProblems(table: TableSecurity, policy: TablePolicy, app: string): Omit<SecurityProblem, "table">[] {
  const drop = `DROP POLICY ${quote(policy.name)} ON ${sqlNameOf(table)}`;
  const problems = [];
  if (policy.permissive && isFor(policy, app) && [policy.using, policy.check].some(isTrue)) {
    problems.push({
      found: `the policy ${policy.name} is true for ${policy.roles.join(", ")}: every row passes`,
      expected: `no policy for ${app} or PUBLIC that lets every row pass`,
      cure: `${drop}, and make one that compares with current_setting('app.user_id', true)`,
    });
  }
  if (expressions(policy).some((it) => DATABASE_USER.test(it.replaceAll(/"(?:[^"]|"")*"/g, '""')))) {
    problems.push({
      found: `the policy ${policy.name} asks for the database's user, and all users of the application share one`,
      expected: "policies that ask who the transaction is for",
      cure: `${drop}, and make one that compares with current_setting('app.user_id', true)`,
    });
  }
  return problems;
}

function backupProblem(
  { policies, ...table }: TableSecurity,
  backup: string,
): Omit<SecurityProblem, "table"> | undefined {
  const reading = policies.filter((policy) => reads(policy) && isFor(policy, backup));
  const restrictive = reading.find(({ permissive, using }) => !permissive && !isTrue(using));
  const name = sqlNameOf({ policies, ...table });
  if (restrictive) {
    return {
      found: `the restrictive policy ${restrictive.name} holds rows back from ${backup}: no backup is made`,
      expected: `every row for ${backup}`,
      cure: `ALTER POLICY ${quote(restrictive.name)} ON ${name} TO the roles that it is meant for`,
    };
  }
  if (!reading.some(({ permissive, using }) => permissive && isTrue(using))) {
    return {
      found: `no policy shows ${backup} every row: no backup is made`,
      expected: `every row for ${backup}`,
      cure: `CREATE POLICY every_row_for_backups ON ${name} FOR SELECT TO ${quote(backup)} USING (true)`,
    };
  }
  return undefined;
}

function problemsOf(
  table: TableSecurity,
  tables: TableSecurity[],
  roles: { app: string; backup: string },
): Omit<SecurityProblem, "table">[] {
  const problems: Omit<SecurityProblem, "table">[] = [];
  const must = (what: "ENABLE" | "FORCE", found: string) =>
    problems.push({
      found,
      expected: `${what} ROW LEVEL SECURITY`,
      cure: `ALTER TABLE ${sqlNameOf(table)} ${what} ROW LEVEL SECURITY`,
    });
  if (!table.enabled) {
    must("ENABLE", "row-level security is off: everybody sees every row, whatever the policies say");
  }
  if (!table.forced) {
    must("FORCE", "the owner is not held to the policies, nor is any view or function of the owner's");
  }
  if (table.policies.length === 0) {
    problems.push({
      found: "there is no policy: nobody sees anything",
      expected: "policies that say who sees which rows",
      cure: "make the policies in a migration, see docs/row-level-security.md",
    });
    return problems;
  }
  problems.push(...table.policies.flatMap((policy) => policyProblems(table, policy, roles.app)));
  const recursive = recursion(table, tables);
  if (recursive) {
    const through = recursive.through ? ` by way of ${recursive.through}` : "";
    problems.push({
      found: `the policy ${recursive.policy.name} selects from its own table${through}: every query fails with infinite recursion`,
      expected: "policies that look nothing up in their own table",
      cure: "look it up in a SECURITY DEFINER function, see docs/row-level-security.md",
    });
  }
  const backup = backupProblem(table, roles.backup);
  return backup ? [...problems, backup] : problems;
}

/**
 * What is wrong with tables that must have row-level security; nothing, if it holds.
 * @param wanted `schema.table`, or `table` in public: the setting `rowLevelSecurity`
 * @param tables what {@link TABLE_SECURITY} returns, all of it: policies can recurse by way of other tables
 * @param roles what the application and the backups are called in PostgreSQL
 */
export function rowLevelSecurityProblems(
  wanted: string[],
  tables: TableSecurity[],
  roles: { app: string; backup: string },
): SecurityProblem[] {
  return wanted.flatMap((entry) => {
    const name = entry.includes(".") ? entry : `${DEFAULT_SCHEMA}.${entry}`;
    const table = tables.find((it) => nameOf(it) === name);
    return table
      ? problemsOf(table, tables, roles).map((problem) => ({ table: name, ...problem }))
      : [
          {
            table: name,
            found: "there is no such table",
            expected: "a table with row-level security",
            cure: "run the migration that makes it, or take it out of the setting rowLevelSecurity",
          },
        ];
  });
}
