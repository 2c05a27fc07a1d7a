import { Values } from "../protocol/model";
import { names, roleOid } from "./catalog";
import { PostgresContext, Session } from "./connection";
import { OBJECT_LETTERS, readBack } from "./privileges";
import { inSetOrder, sameSet } from "./quoting";

/** Where an access list of its own tells what a role may do with one object: query, and the property that names the object. */
const SINGLE: Record<string, { query: string; name: (grant: Values) => unknown }> = {
  database: {
    query: `
SELECT array_agg(privilege_type)
FROM (
	SELECT (aclexplode(datacl)).* FROM pg_database WHERE datname=$1
) as privileges
WHERE grantee = $2
`,
    name: ({ database }) => database as unknown,
  },
  schema: {
    query: `
SELECT array_agg(privilege_type)
FROM (
	SELECT (aclexplode(nspacl)).* FROM pg_namespace WHERE nspname=$1
) as privileges
WHERE grantee = $2
`,
    name: ({ schema }) => schema as unknown,
  },
  foreign_data_wrapper: {
    query: `
SELECT pg_catalog.array_agg(privilege_type)
FROM (
	SELECT (pg_catalog.aclexplode(fdwacl)).* FROM pg_catalog.pg_foreign_data_wrapper WHERE fdwname=$1
) as privileges
WHERE grantee = $2
`,
    name: ({ objects }) => (objects as string[])[0],
  },
  foreign_server: {
    query: `
SELECT pg_catalog.array_agg(privilege_type)
FROM (
	SELECT (pg_catalog.aclexplode(srvacl)).* FROM pg_catalog.pg_foreign_server WHERE srvname=$1
) as privileges
WHERE grantee = $2
`,
    name: ({ objects }) => (objects as string[])[0],
  },
};

/** Every function, procedure and aggregate of a schema, whatever the grant's type, with the role's privileges. */
const ROUTINES = `
SELECT pg_proc.proname AS name, array_remove(array_agg(privilege_type), NULL) AS privileges
FROM pg_proc
JOIN pg_namespace ON pg_namespace.oid = pg_proc.pronamespace
LEFT JOIN (
    select acls.*
    from (
             SELECT proname, pronamespace, (aclexplode(proacl)).* FROM pg_proc
         ) acls
    WHERE grantee = $1
) privs
USING (proname, pronamespace)
      WHERE nspname = $2
GROUP BY pg_proc.proname
`;

/** Every table (or sequence) of a schema, with the role's privileges. */
const RELATIONS = `
SELECT pg_class.relname AS name, array_remove(array_agg(privilege_type), NULL) AS privileges
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
LEFT JOIN (
    SELECT acls.* FROM (
        SELECT relname, relnamespace, relkind, (aclexplode(relacl)).* FROM pg_class c
    ) as acls
    WHERE grantee=$1
) privs
USING (relname, relnamespace, relkind)
WHERE nspname = $2 AND relkind = $3
GROUP BY pg_class.relname
`;

/** Columns on which the role has one privilege, granted on the column itself. */
const COLUMNS = `
SELECT relname AS table_name, attname AS column_name, array_agg(privilege_type) AS column_privileges
FROM (SELECT relname, attname, (aclexplode(attacl)).*
      FROM pg_class
               JOIN pg_namespace ON pg_class.relnamespace = pg_namespace.oid
               JOIN pg_attribute ON pg_class.oid = attrelid
      WHERE nspname = $2
        AND relname = $3
        AND relkind = $4)
         AS col_privs
         JOIN pg_roles ON pg_roles.oid = col_privs.grantee
WHERE rolname = $1
  AND privilege_type = $5
GROUP BY col_privs.relname, col_privs.attname, col_privs.privilege_type
ORDER BY col_privs.attname
;`;

async function readColumns(session: Session, grant: Values): Promise<Partial<Values>> {
  const wanted = grant.columns as string[];
  const [table] = grant.objects as string[];
  const [privilege] = grant.privileges as string[];
  const values = [grant.role, grant.schema, table, OBJECT_LETTERS.table, privilege];
  const rows = await session.rows("could not read privileges for columns", COLUMNS, values);
  const granted = rows.map((row) => row.column_name as string);
  return {
    columns: wanted.every((column) => granted.includes(column)) ? wanted : wanted.filter((c) => granted.includes(c)),
  };
}

/**
 * The grant as the server has it (resource_postgresql_grant.go, readRolePrivileges). Of several objects, the first whose
 * privileges differ from the wanted ones speaks for all; where there is no object, nothing differs.
 */
export async function readGrant(context: PostgresContext, grant: Values): Promise<Values> {
  const type = grant.objectType as string;
  const objects = (grant.objects ?? []) as string[];
  const read = await context.reading(grant.database as string, async (session) => {
    const grantee = await roleOid(session, grant.role as string);
    const single = SINGLE[type];
    if (single) {
      const name = single.name(grant);
      const row = await session.row(`could not read privileges for ${type} ${String(name)}`, single.query, [
        name,
        grantee,
      ]);
      return { privileges: readBack(names(row?.array_agg), grant) };
    }
    if (type === "column") {
      return readColumns(session, grant);
    }
    const rows =
      OBJECT_LETTERS[type] === "f" || type === "procedure"
        ? await session.rows("could not read privileges", ROUTINES, [grantee, grant.schema])
        : await session.rows("could not read privileges", RELATIONS, [grantee, grant.schema, OBJECT_LETTERS[type]]);
    const granted = rows
      .filter((row) => objects.length === 0 || objects.includes(row.name as string))
      .map((row) => readBack(inSetOrder(names(row.privileges)), grant));
    const different = granted.find((privileges) => !sameSet(privileges, grant.privileges as string[]));
    return different ? { privileges: different } : {};
  });
  return { withGrantOption: false, ...grant, ...read };
}
