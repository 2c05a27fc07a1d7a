/**
 * The guide's postgresql.conf as data. No Pulumi in here. Values are text, in the unit that RDS wants, which is the
 * parameter's own in pg_settings (`ms`, `kB`, 8 kB pages …).
 *
 * Left to RDS, which computes them from the memory of the instance class: shared_buffers, work_mem,
 * maintenance_work_mem. The guide's fixed 256 MB, 16 MB and 128 MB would starve a large instance and exhaust a small one.
 */
export interface ServerParameter {
  name: string;
  value: string;
  /** `dynamic` takes effect at once, `static` with the next restart (RDS: ApplyMethod immediate or pending-reboot). */
  apply: "dynamic" | "static";
  /** What it is for, and where it differs from the guide. */
  why: string;
}

export const PARAMETERS: readonly ServerParameter[] = [
  // Transport
  {
    name: "rds.force_ssl",
    value: "1",
    apply: "dynamic",
    why: "Connections without TLS are refused (guide: pg_hba.conf; FSBP RDS.38).",
  },
  {
    name: "ssl_min_protocol_version",
    value: "TLSv1.2",
    apply: "dynamic",
    why: "Older protocols are broken. The guide's ssl_ciphers is PostgreSQL's default and admits 3DES; RDS's own list is stricter.",
  },
  // Passwords
  {
    name: "password_encryption",
    value: "scram-sha-256",
    apply: "dynamic",
    why: "md5 hashes can be replayed. The guide's pg_hba.conf still says md5, which PostgreSQL 18 warns about.",
  },
  // Limits
  {
    name: "max_connections",
    value: "100",
    apply: "static",
    why: "The guide's limit: a runaway pool fails by itself instead of exhausting the server's memory.",
  },
  {
    name: "idle_in_transaction_session_timeout",
    value: "300000",
    apply: "dynamic",
    why: "ms. A forgotten transaction blocks vacuum. Stricter limits stand on the roles (access.ts): the guide's 1 minute for everybody ends long migrations.",
  },
  {
    name: "lock_timeout",
    value: "5000",
    apply: "dynamic",
    why: "ms. The guide's value: a queue behind a lock does not build up.",
  },
  {
    name: "deadlock_timeout",
    value: "1000",
    apply: "dynamic",
    why: "ms. The guide's value and PostgreSQL's default.",
  },
  {
    name: "statement_timeout",
    value: "0",
    apply: "dynamic",
    why: "Not the guide's 30 s for everybody: that ends pg_dump, index builds and migrations half-way. The limit stands on the roles (access.ts).",
  },
  // Logging
  {
    name: "log_statement",
    value: "ddl",
    apply: "dynamic",
    why: "Changes of the schema. The guide's `all` writes every value that a user ever entered into the log; slow statements and pgaudit cover the rest.",
  },
  {
    name: "log_min_duration_statement",
    value: "1000",
    apply: "dynamic",
    why: "ms. Statements that take longer than a second, as the guide asks.",
  },
  {
    name: "log_connections",
    value: "1",
    apply: "dynamic",
    why: "Who connected, from where, with which TLS (CIS 3.1.20).",
  },
  { name: "log_disconnections", value: "1", apply: "dynamic", why: "How long a session lasted (CIS 3.1.21)." },
  {
    name: "log_lock_waits",
    value: "1",
    apply: "dynamic",
    why: "Waits longer than deadlock_timeout, before they become an outage.",
  },
  { name: "log_min_messages", value: "warning", apply: "dynamic", why: "The guide's value (CIS 3.1.14)." },
  {
    name: "log_min_error_statement",
    value: "error",
    apply: "dynamic",
    why: "The statement behind every error (CIS 3.1.15).",
  },
  // Extensions
  {
    name: "shared_preload_libraries",
    value: "pg_stat_statements,pgaudit",
    apply: "static",
    why: "Both can be loaded only when the server starts.",
  },
  {
    name: "pgaudit.log",
    value: "ddl,role,write",
    apply: "dynamic",
    why: "The guide's writes and DDL, and changes of roles and privileges (CIS 3.2).",
  },
  {
    name: "pgaudit.log_catalog",
    value: "0",
    apply: "dynamic",
    why: "The guide's value: what psql itself asks is noise.",
  },
  {
    name: "pgaudit.log_parameter",
    value: "0",
    apply: "dynamic",
    why: "Not the guide's `on`: parameters are the users' data, and a log is kept longer and read by more people than a table.",
  },
  {
    name: "pgaudit.log_relation",
    value: "1",
    apply: "dynamic",
    why: "One entry for every table that a statement touches.",
  },
  { name: "pg_stat_statements.track", value: "all", apply: "dynamic", why: "Statements inside functions count too." },
];

/** Parameters that another setting decides, and where. */
export const MANAGED_ELSEWHERE: Record<string, string> = {
  port: "the port is database.port",
};

export function findParameter(name: string): ServerParameter | undefined {
  return PARAMETERS.find((parameter) => parameter.name === name);
}

/** The stack's parameters with an environment's own values in their places. */
export function withOverrides(overrides: Record<string, string>): ServerParameter[] {
  return PARAMETERS.map((parameter) => ({ ...parameter, value: overrides[parameter.name] ?? parameter.value }));
}
