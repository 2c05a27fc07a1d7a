import { ON_OFF, ServerParameter } from "./parameter";

const AUDIT = "guide: Audit Logging";

/** The parameters of pgaudit and pg_stat_statements. */
export const EXTENSION_PARAMETERS: ServerParameter[] = [
  {
    name: "shared_preload_libraries",
    value: "pg_stat_statements,pgaudit",
    apply: "static",
    why: "Both can be loaded only when the server starts.",
    controls: [AUDIT, "guide: Query Monitoring", "CIS 3.2"],
  },
  {
    name: "pgaudit.log",
    value: "ddl,role,write",
    apply: "dynamic",
    why: "The guide's writes and DDL, and changes of roles and privileges. For some logins it is `all`: that stands on them (the access matrix).",
    controls: [AUDIT, "CIS 3.2"],
  },
  {
    name: "pgaudit.log_catalog",
    value: "0",
    apply: "dynamic",
    why: "The guide's value: what psql itself asks is noise.",
    controls: [AUDIT],
    allowed: ON_OFF,
  },
  {
    name: "pgaudit.log_parameter",
    value: "0",
    apply: "dynamic",
    why: "`logs.values`. Not the guide's `on`: parameters are the users' data, and a log is kept longer and read by more people than a table.",
    controls: [AUDIT, "GDPR: access control"],
  },
  {
    name: "pgaudit.log_relation",
    value: "1",
    apply: "dynamic",
    why: "One entry for every table that a statement touches.",
    controls: [AUDIT],
    allowed: ON_OFF,
  },
  {
    name: "pg_stat_statements.track",
    value: "all",
    apply: "dynamic",
    why: "Statements inside functions count too.",
    controls: ["guide: Query Monitoring"],
    allowed: { values: ["none", "top", "all"] },
  },
  {
    name: "pg_stat_statements.track_utility",
    value: "0",
    apply: "dynamic",
    why: "CREATE ROLE and ALTER ROLE hold verifiers of passwords, and whoever is in pg_monitor reads these texts.",
    controls: ["OWASP: secure credentials"],
    allowed: ON_OFF,
  },
];
