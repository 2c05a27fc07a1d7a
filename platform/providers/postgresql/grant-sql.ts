import { Values } from "../protocol/model";
import { columnList, identifier, inSetOrder, objectList } from "./quoting";

const list = (value: unknown): string[] => inSetOrder((value ?? []) as string[]);

/** What is granted on, as both statements name it. */
function target(grant: Values): string {
  const type = grant.objectType as string;
  const objects = list(grant.objects);
  const schema = grant.schema as string;
  switch (type) {
    case "database":
      return `DATABASE ${identifier(grant.database as string)}`;
    case "schema":
      return `SCHEMA ${identifier(schema)}`;
    case "foreign_data_wrapper":
      return `FOREIGN DATA WRAPPER ${identifier(objects[0] as string)}`;
    case "foreign_server":
      return `FOREIGN SERVER ${identifier(objects[0] as string)}`;
    case "column":
      return `TABLE ${objectList(schema, objects)}`;
    default:
      return objects.length > 0
        ? `${type.toUpperCase()} ${objectList(schema, objects)}`
        : `ALL ${type.toUpperCase()}S IN SCHEMA ${identifier(schema)}`;
  }
}

/** GRANT for a grant (resource_postgresql_grant.go, createGrantQuery). */
export function grantStatement(grant: Values): string {
  const columns = grant.objectType === "column" ? ` (${columnList(list(grant.columns))})` : "";
  const privileges = list(grant.privileges).join(",");
  const option = grant.withGrantOption ? " WITH GRANT OPTION" : "";
  return `GRANT ${privileges}${columns} ON ${target(grant)} TO ${identifier(grant.role as string)}${option}`;
}

/**
 * The REVOKE before a GRANT, or alone (resource_postgresql_grant.go, createRevokeQuery). On named objects only the
 * grant's own privileges go, for REVOKE ALL would take column privileges along.
 */
export function revokeStatement(grant: Values): string {
  const privileges = list(grant.privileges).join(",");
  const from = `ON ${target(grant)} FROM ${identifier(grant.role as string)}`;
  if (grant.objectType === "column") {
    const columns = list(grant.columns);
    return privileges && columns.length > 0 ? `REVOKE ${privileges} (${columnList(columns)}) ${from}` : "SELECT NULL";
  }
  const foreign = grant.objectType === "foreign_data_wrapper" || grant.objectType === "foreign_server";
  const own = privileges && !foreign && list(grant.objects).length > 0;
  return `REVOKE ${own ? privileges : "ALL PRIVILEGES"} ${from}`;
}
