import { ON_OFF, ServerParameter } from "./parameter";

const LOGGING = "guide: Query Monitoring";

/** The values of the parameters that `logs.statements` and `logs.values` decide; {@link LOGGING_PARAMETERS} has their defaults. */
export function logParameters(logs: { statements: string; values: boolean }): Record<string, string> {
  return {
    log_statement: logs.statements,
    log_parameter_max_length: logs.values ? "-1" : "0",
    log_parameter_max_length_on_error: logs.values ? "-1" : "0",
    "pgaudit.log_parameter": logs.values ? "1" : "0",
    log_error_verbosity: logs.values ? "verbose" : "terse",
  };
}

/** The parameters that decide what the server writes to its log. */
export const LOGGING_PARAMETERS: ServerParameter[] = [
  {
    name: "log_statement",
    value: "ddl",
    apply: "dynamic",
    why: "`logs.statements`. Changes of the schema; the guide's `all` is a line for each statement: slow statements and pgaudit cover the rest.",
    controls: [LOGGING, "CIS 3.1.25"],
  },
  {
    name: "log_min_duration_statement",
    value: "1000",
    unit: "ms",
    apply: "dynamic",
    why: "Statements that take longer than a second, as the guide asks.",
    controls: [LOGGING],
    allowed: { min: -1 },
  },
  {
    name: "log_duration",
    value: "0",
    apply: "dynamic",
    why: "Not the guide's `on`: a line for every statement, without the statement. Slow ones are logged with theirs.",
    controls: [LOGGING],
    allowed: ON_OFF,
  },
  {
    name: "log_parameter_max_length",
    value: "0",
    unit: "bytes",
    apply: "dynamic",
    why: "`logs.values`. Bound values are the users' data, and a log is kept longer and read by more people than a table: slow statements are logged without them.",
    controls: ["GDPR: access control"],
  },
  {
    name: "log_parameter_max_length_on_error",
    value: "0",
    unit: "bytes",
    apply: "dynamic",
    why: "The same for statements that fail.",
    controls: ["GDPR: access control"],
  },
  {
    name: "log_connections",
    value: "1",
    apply: "dynamic",
    why: "Who connected, from where, with which TLS.",
    controls: [LOGGING, "CIS 3.1.20"],
  },
  {
    name: "log_disconnections",
    value: "1",
    apply: "dynamic",
    why: "How long a session lasted.",
    controls: [LOGGING, "CIS 3.1.21"],
    allowed: ON_OFF,
  },
  {
    name: "log_lock_waits",
    value: "1",
    apply: "dynamic",
    why: "Waits longer than deadlock_timeout, before they become an outage.",
    controls: ["guide: Monitoring & Alerting"],
    allowed: ON_OFF,
  },
  {
    name: "log_min_messages",
    value: "warning",
    apply: "dynamic",
    why: "The guide's value: warnings and everything graver.",
    controls: [LOGGING, "CIS 3.1.14"],
  },
  {
    name: "log_min_error_statement",
    value: "error",
    apply: "dynamic",
    why: "The guide's value: the statement behind every error.",
    controls: [LOGGING, "CIS 3.1.15"],
  },
  {
    name: "log_error_verbosity",
    value: "terse",
    apply: "dynamic",
    why: "`logs.values`. Not the benchmark's `verbose`: what it adds to an error quotes the row, as in `Failing row contains (…)`. The price is that the SQLSTATE, and which sessions a deadlock was between, are not logged either.",
    controls: ["CIS 3.1.22 (exception)", "GDPR: access control"],
  },
  {
    name: "lc_messages",
    value: "C",
    apply: "dynamic",
    why: "English, whatever language the server was made in: filters on the log look for PostgreSQL's own words.",
    controls: ["guide: Monitoring & Alerting"],
    allowed: { values: ["C"] },
  },
  {
    name: "log_hostname",
    value: "0",
    apply: "dynamic",
    why: "Addresses are enough: each connection would wait for a name server.",
    controls: ["CIS 3.1.23"],
    allowed: ON_OFF,
  },
  ...["debug_print_parse", "debug_print_rewritten", "debug_print_plan"].map((name, index): ServerParameter => ({
    name,
    value: "0",
    apply: "dynamic",
    why: "Trees of every statement would fill the log, with the values in them.",
    controls: [`CIS 3.1.${16 + index}`],
    allowed: ON_OFF,
  })),
  {
    name: "debug_pretty_print",
    value: "1",
    apply: "dynamic",
    why: "If somebody does turn one on, it can be read.",
    controls: ["CIS 3.1.19"],
    allowed: ON_OFF,
  },
];
