import { z } from "zod";

/** The longest name, in bytes: PostgreSQL cuts longer ones off without an error (NAMEDATALEN - 1). */
const LONGEST_IDENTIFIER = 63;
const NAME = /^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)?$/;

/**
 * The tables that must have row-level security: `schema.table`, or `table` in public, by their names in the catalog and without
 * quotes. The stack does not turn it on, for that is the migrations' business: `ops/check` demands it
 * (docs/row-level-security.md). Source: PostgreSQL, "Row Security Policies".
 */
export const rowLevelSecuritySetting = z
  .array(
    z
      .string("must be text: a table's name, e.g. public.session")
      .superRefine((table, context) => {
        const problem = nameProblem(table);
        if (problem) {
          context.addIssue({ code: "custom", message: problem });
        }
      })
      .transform((table) => (table.includes(".") ? table : `public.${table}`)),
  )
  .refine((tables) => new Set(tables).size === tables.length, "names a table twice; name each once")
  .default([]);

function nameProblem(table: string): string | undefined {
  if (!NAME.test(table)) {
    return "is no table's name; write schema.table, e.g. public.session, without quotes or wildcards";
  }
  const long = table.split(".").find((part) => Buffer.byteLength(part) > LONGEST_IDENTIFIER);
  return long && `is longer than the ${LONGEST_IDENTIFIER} bytes that PostgreSQL allows a name; look the name up`;
}
