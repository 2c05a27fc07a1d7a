import { z } from "zod";
import { LONGEST_PATTERN, MOST_HIDDEN_COLUMNS, patternOf } from "../observability/hidden-columns";

/** The numbers of days for which CloudWatch Logs can keep a log. */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const logSettings = z
  .strictObject({
    /** Days for which logs are kept; at least 365 in prod (FSBP CloudWatch.16). @default 365 */
    retentionDays: z
      .int("must be a whole number of days")
      .refine(
        (days) => RETENTIONS.includes(days),
        `is no number of days that CloudWatch Logs can keep; set one of ${RETENTIONS.join(", ")}`,
      )
      .default(365),
    /**
     * The statements whose text PostgreSQL writes to its log, besides what pgaudit writes: `none`, `ddl` (those that change the schema),
     * `mod` (those that change rows, too) or `all`. What it costs is in docs/audit-log.md. @default ddl
     */
    statements: z.enum(["none", "ddl", "mod", "all"]).default("ddl"),
    /**
     * Whether values get into the log: those that are bound to statements, and the rows that an error quotes. They are the
     * users' data, so prod refuses them. Without them, SQLSTATE and DETAIL are not logged either. @default false
     */
    values: z.boolean("must be true or false").default(false),
    /**
     * Columns, e.g. `[password, token]`, whose values CloudWatch hides where somebody has typed one into a statement: from the column's
     * name on, it hides the rest of the entry. It applies to entries that are logged from then on. @default []
     */
    hiddenColumns: z
      .array(
        z
          .string()
          .regex(/^[A-Za-z_]\w*$/, "is no plain name of a column; use letters, digits and _")
          .refine(
            (column) => patternOf(column).length <= LONGEST_PATTERN,
            `is too long: CloudWatch takes a pattern of ${LONGEST_PATTERN} characters, which is that of 40 letters; a longer name cannot be hidden`,
          ),
      )
      .max(
        MOST_HIDDEN_COLUMNS,
        `are too many: CloudWatch takes ${MOST_HIDDEN_COLUMNS} patterns; leave those with the least delicate values out`,
      )
      .refine(
        (columns) => new Set(columns.map((column) => column.toLowerCase())).size === columns.length,
        "names a column twice; name each once, in upper or lower case",
      )
      .default([]),
  })
  .prefault({});

export type LogSettings = z.output<typeof logSettings>;
