import type { Client } from "pg";

/**
 * Functions, operators and aggregates that stand in `schema` beside PostgreSQL's own of the same name, and fit some arguments better: where
 * the schema is in the search path, they are called instead (PostgreSQL, "Function Type Resolution"). Each says so with an error.
 */

/** Types that catalogs' columns and our parameters have. */
const TYPES = [
  "text",
  "name",
  "oid",
  "int4",
  "int8",
  "bool",
  '"char"',
  "regclass",
  "jsonb",
  "text[]",
  "name[]",
  "oid[]",
  "aclitem[]",
];
/** PostgreSQL's functions and aggregates with one argument or two, by name. */
const FUNCTIONS = `
  SELECT DISTINCT p.proname AS name, p.prokind AS kind, p.pronargs AS arguments
  FROM pg_catalog.pg_proc p
  WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND p.pronargs BETWEEN 1 AND 2 AND p.prokind IN ('f', 'a')
    AND p.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype
    AND p.proname = ANY ($1)`;

const RAISES = "BEGIN RAISE EXCEPTION 'shadow % was called by %', TG, session_user; END";

/** The names that are called in a text of SQL or of code. */
export const namesCalledIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/\b([a-z_][a-z0-9_]*)\s*\(/g)].map(([, name]) => name as string)),
];

/** Makes them, as whoever `client` is, for everybody to call, and returns how many. Where PostgreSQL's own takes those very types, it wins. */
export async function plantShadows(client: Client, schema: string, called: string[]): Promise<number> {
  const { rows } = await client.query<{ name: string; arguments: number }>(FUNCTIONS, [called]);
  const quoted = client.escapeIdentifier(schema);
  let planted = 0;
  const plant = async (statement: string) => {
    await client.query("SAVEPOINT shadow");
    const done = await client.query(statement).then(
      () => true,
      () => false,
    );
    await client.query(done ? "RELEASE shadow" : "ROLLBACK TO shadow");
    planted += Number(done);
  };
  await client.query("BEGIN");
  for (const { name, arguments: count } of rows) {
    for (const type of TYPES) {
      const list = count === 1 ? [type] : [type, "text"];
      const what = `${schema}.${name}(${list.join(", ")})`;
      const body = RAISES.replace("TG", client.escapeLiteral(what));
      await plant(
        `CREATE FUNCTION ${quoted}.${client.escapeIdentifier(name)}(${list.join(", ")}) RETURNS SETOF text LANGUAGE plpgsql AS $x$${body}$x$`,
      );
    }
  }
  for (const operator of ["=", "<>", "~", "~~", "||", "->>", "<", ">"]) {
    for (const [left, right] of TYPES.flatMap((one) => TYPES.map((other) => [one, other] as const))) {
      const own = await client.query(
        "SELECT FROM pg_catalog.pg_operator WHERE oprname = $1 AND oprleft = $2::pg_catalog.regtype AND oprright = $3::pg_catalog.regtype",
        [operator, left, right],
      );
      if (own.rowCount === 0) {
        const name = `shadow_${planted}`;
        const body = RAISES.replace("TG", client.escapeLiteral(`${schema}.${operator} of ${left} and ${right}`));
        await plant(
          `CREATE FUNCTION ${quoted}.${name}(${left}, ${right}) RETURNS bool LANGUAGE plpgsql AS $x$${body}$x$; ` +
            `CREATE OPERATOR ${quoted}.${operator} (LEFTARG = ${left}, RIGHTARG = ${right}, FUNCTION = ${quoted}.${name})`,
        );
      }
    }
  }
  await client.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${quoted} TO PUBLIC`);
  await client.query("COMMIT");
  return planted;
}
