import { PlantedFault } from "./fault";

export const LOGIN_FAULTS: PlantedFault[] = [
  ...(
    [
      ["a superuser", "SUPERUSER"],
      ["a login that makes databases", "CREATEDB"],
      ["a login that makes roles", "CREATEROLE"],
      ["a login that replicates", "REPLICATION"],
      ["a login that row-level security does not bind", "BYPASSRLS"],
    ] as const
  ).map(([name, attribute]) => ({
    name,
    plant: [`ALTER ROLE markenmate_app ${attribute}`],
    undo: [`ALTER ROLE markenmate_app NO${attribute}`],
    finds: [["logins", "markenmate_app"]] as [string, string][],
    cure: `ALTER ROLE markenmate_app NO${attribute}`,
  })),
  {
    name: "a master that is a superuser",
    plant: ["ALTER ROLE markenmate_admin SUPERUSER"],
    undo: ["ALTER ROLE markenmate_admin NOSUPERUSER"],
    finds: [["logins", "markenmate_admin"]],
  },
  {
    name: "a login that nobody knows",
    plant: ["CREATE ROLE backdoor LOGIN"],
    undo: ["DROP ROLE backdoor"],
    finds: [["logins", "backdoor"]],
  },
  {
    name: "a superuser that calls itself RDS's",
    plant: ["CREATE ROLE rds_ad SUPERUSER"],
    undo: ["DROP ROLE rds_ad"],
    finds: [["logins", "rds_ad"]],
  },
  {
    name: "a second login that may log in before its turn",
    plant: ["ALTER ROLE markenmate_readonly_clone LOGIN"],
    undo: ["ALTER ROLE markenmate_readonly_clone NOLOGIN"],
    finds: [["logins", "markenmate_readonly_clone"]],
  },
  {
    name: "a login that is shut out",
    plant: ["ALTER ROLE markenmate_app NOLOGIN"],
    undo: ["ALTER ROLE markenmate_app LOGIN"],
    finds: [["logins", "markenmate_app"]],
  },
  {
    name: "a login with an end",
    plant: ["ALTER ROLE markenmate_app VALID UNTIL '2031-01-01 00:00:00+00'"],
    undo: ["ALTER ROLE markenmate_app VALID UNTIL 'infinity'"],
    finds: [["logins", "markenmate_app"]],
  },
  {
    name: "a login with a limit of connections",
    plant: ["ALTER ROLE markenmate_app CONNECTION LIMIT 2"],
    undo: ["ALTER ROLE markenmate_app CONNECTION LIMIT -1"],
    finds: [["logins", "markenmate_app"]],
  },
  {
    name: "an application that can become the owner",
    plant: ["GRANT markenmate_migrate TO markenmate_app"],
    undo: ["REVOKE markenmate_migrate FROM markenmate_app"],
    finds: [["memberships", "markenmate_app in markenmate_migrate"]],
    cure: "REVOKE markenmate_migrate FROM markenmate_app",
  },
  {
    name: "a report that reads everything",
    plant: ["GRANT pg_read_all_data TO markenmate_readonly"],
    undo: ["REVOKE pg_read_all_data FROM markenmate_readonly"],
    finds: [["memberships", "markenmate_readonly in pg_read_all_data"]],
  },
  {
    name: "an application that runs programs on the server",
    plant: ["GRANT pg_execute_server_program TO markenmate_app"],
    undo: ["REVOKE pg_execute_server_program FROM markenmate_app"],
    finds: [["memberships", "markenmate_app in pg_execute_server_program"]],
  },
  {
    name: "an application with the master's rights",
    plant: ["GRANT rds_superuser TO markenmate_app"],
    undo: ["REVOKE rds_superuser FROM markenmate_app"],
    finds: [["memberships", "markenmate_app in rds_superuser"]],
  },
  {
    name: "a login that IAM's tokens shut its password out of",
    plant: ["GRANT rds_iam TO markenmate_app"],
    undo: ["REVOKE rds_iam FROM markenmate_app"],
    finds: [["memberships", "markenmate_app in rds_iam"]],
  },
  {
    name: "a master that acts as the owner",
    since: 16,
    plant: ["GRANT markenmate_migrate TO markenmate_admin WITH SET TRUE, INHERIT TRUE"],
    undo: ["GRANT markenmate_migrate TO markenmate_admin WITH SET FALSE, INHERIT FALSE"],
    finds: [["memberships", "markenmate_admin in markenmate_migrate"]],
  },
  {
    name: "a second login that lost its role",
    since: 16,
    plant: ["REVOKE markenmate_readonly FROM markenmate_readonly_clone GRANTED BY markenmate_admin"],
    undo: ["GRANT markenmate_readonly TO markenmate_readonly_clone GRANTED BY markenmate_admin"],
    finds: [["memberships", "markenmate_readonly_clone in markenmate_readonly"]],
  },
  {
    name: "a second login that acts as itself",
    plant: ["ALTER ROLE markenmate_app_clone RESET role"],
    undo: ["ALTER ROLE markenmate_app_clone SET role = 'markenmate_app'"],
    finds: [["login-settings", "markenmate_app_clone: role"]],
  },
  {
    name: "a login without its limit",
    plant: ["ALTER ROLE markenmate_app RESET statement_timeout"],
    undo: ["ALTER ROLE markenmate_app SET statement_timeout = '30000'"],
    finds: [["login-settings", "markenmate_app: statement_timeout"]],
  },
  {
    name: "a login with another limit",
    plant: ["ALTER ROLE markenmate_app SET idle_in_transaction_session_timeout = '0'"],
    undo: ["ALTER ROLE markenmate_app SET idle_in_transaction_session_timeout = '60000'"],
    finds: [["login-settings", "markenmate_app: idle_in_transaction_session_timeout"]],
  },
  {
    name: "a login that is not logged, by ALTER ROLE",
    plant: ["ALTER ROLE markenmate_app SET log_statement = 'none'"],
    undo: ["ALTER ROLE markenmate_app RESET log_statement"],
    finds: [["login-settings", "markenmate_app: log_statement"]],
    cure: "ALTER ROLE markenmate_app RESET log_statement",
  },
  {
    name: "a setting of a login in this database",
    plant: ["ALTER ROLE markenmate_app IN DATABASE markenmate SET search_path = 'evil'"],
    undo: ["ALTER ROLE markenmate_app IN DATABASE markenmate RESET search_path"],
    finds: [["login-settings", "markenmate_app in markenmate: search_path"]],
    cure: "ALTER ROLE markenmate_app IN DATABASE markenmate RESET search_path",
  },
  {
    name: "a master that finds others' functions before PostgreSQL's",
    plant: ["ALTER ROLE markenmate_admin RESET search_path"],
    undo: ["ALTER ROLE markenmate_admin SET search_path = 'pg_catalog'"],
    finds: [["login-settings", "markenmate_admin: search_path"]],
    cure: "ALTER ROLE markenmate_admin SET search_path = 'pg_catalog'",
  },
  {
    name: "a check that finds others' functions before PostgreSQL's",
    plant: ["ALTER ROLE markenmate_monitor_clone SET search_path = 'public'"],
    undo: ["ALTER ROLE markenmate_monitor_clone SET search_path = 'pg_catalog'"],
    finds: [["login-settings", "markenmate_monitor_clone: search_path"]],
    cure: "ALTER ROLE markenmate_monitor_clone SET search_path = 'pg_catalog'",
  },
  {
    name: "a database in which slow statements are not logged",
    plant: ["ALTER DATABASE markenmate SET log_min_duration_statement = '-1'"],
    undo: ["ALTER DATABASE markenmate RESET log_min_duration_statement"],
    finds: [["login-settings", "database markenmate: log_min_duration_statement"]],
    cure: "ALTER DATABASE markenmate RESET log_min_duration_statement",
  },
];

/** With pgaudit alone. */
export const AUDIT_FAULTS: PlantedFault[] = [
  {
    name: "people who are not audited in full",
    plant: ["ALTER ROLE markenmate_readonly RESET pgaudit.log"],
    undo: ["ALTER ROLE markenmate_readonly SET pgaudit.log = 'all'"],
    finds: [["login-settings", "markenmate_readonly: pgaudit.log"]],
    cure: "ALTER ROLE markenmate_readonly SET pgaudit.log = 'all'",
  },
  {
    name: "a master that is not audited in full",
    plant: ["ALTER ROLE markenmate_admin SET pgaudit.log = 'none'"],
    undo: ["ALTER ROLE markenmate_admin SET pgaudit.log = 'all'"],
    finds: [["login-settings", "markenmate_admin: pgaudit.log"]],
  },
  {
    name: "an application that is not audited",
    plant: ["ALTER ROLE markenmate_app_clone SET pgaudit.log = 'none'"],
    undo: ["ALTER ROLE markenmate_app_clone RESET pgaudit.log"],
    finds: [["login-settings", "markenmate_app_clone: pgaudit.log"]],
  },
  {
    name: "a server that audits nothing",
    plant: ["ALTER SYSTEM SET pgaudit.log = 'none'"],
    undo: ["ALTER SYSTEM RESET pgaudit.log"],
    finds: [["parameters", "pgaudit.log"]],
  },
  {
    name: "values in the audit log",
    plant: ["ALTER SYSTEM SET pgaudit.log_parameter = 'on'"],
    undo: ["ALTER SYSTEM RESET pgaudit.log_parameter"],
    finds: [["parameters", "pgaudit.log_parameter"]],
  },
  {
    name: "an audit extension that is gone",
    plant: ["DROP EXTENSION pgaudit"],
    undo: ["CREATE EXTENSION pgaudit SCHEMA extensions"],
    finds: [["extensions", "pgaudit"]],
  },
];
