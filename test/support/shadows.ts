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

/** Runs statements one by one and counts those that succeed, in the server: there are thousands, and some are of types that do not fit. */
const PLANT = `
  CREATE FUNCTION pg_temp.plant(statements text[]) RETURNS int LANGUAGE plpgsql AS $plant$
  DECLARE statement text; planted int := 0;
  BEGIN
    FOREACH statement IN ARRAY statements LOOP
      BEGIN
        EXECUTE statement;
        planted := planted + 1;
      EXCEPTION WHEN OTHERS THEN NULL;
      END;
    END LOOP;
    RETURN planted;
  END $plant$`;

/** Operators that queries of catalogs use. */
const OPERATORS = ["=", "<>", "~", "~~", "||", "->>", "<", ">"];

/** Makes them, as whoever `client` is, for everybody to call, and returns how many. Where PostgreSQL's own takes those very types, it wins. */
export async function plantShadows(
  client: Client,
  schema: string,
  called: string[],
  operators = OPERATORS,
): Promise<number> {
  const quoted = client.escapeIdentifier(schema);
  const raising = (what: string) => `LANGUAGE plpgsql AS $x$${RAISES.replace("TG", client.escapeLiteral(what))}$x$`;
  const { rows: functions } = await client.query<{ name: string; arguments: number }>(FUNCTIONS, [called]);
  const statements = [
    ...functions.flatMap(({ name, arguments: count }) =>
      TYPES.map((type) => {
        const list = count === 1 ? type : `${type}, text`;
        return `CREATE FUNCTION ${quoted}.${client.escapeIdentifier(name)}(${list}) RETURNS SETOF text ${raising(`${schema}.${name}(${list})`)}`;
      }),
    ),
    ...operators.flatMap((operator, index) =>
      TYPES.flatMap((left, row) =>
        TYPES.map((right, column) => {
          const name = `${quoted}.shadow_${index}_${row}_${column}`;
          return (
            `CREATE FUNCTION ${name}(${left}, ${right}) RETURNS bool ${raising(`${schema}.${operator} of ${left}, ${right}`)}; ` +
            `CREATE OPERATOR ${quoted}.${operator} (LEFTARG = ${left}, RIGHTARG = ${right}, FUNCTION = ${name})`
          );
        }),
      ),
    ),
  ];
  await client.query("BEGIN");
  await client.query(PLANT);
  const { rows } = await client.query<{ planted: number }>("SELECT pg_temp.plant($1) AS planted", [statements]);
  await client.query("DROP FUNCTION pg_temp.plant(text[])");
  await client.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${quoted} TO PUBLIC`);
  await client.query("COMMIT");
  return rows[0]?.planted ?? 0;
}
