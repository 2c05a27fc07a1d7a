import {
  Control,
  Controls,
  everywhere,
  faultInAws,
  faultInDatabase,
  inProd,
  resource,
  shared,
  stack,
  unit,
} from "./control";

const group = resource("database/database.ts", "aws:rds/parameterGroup:ParameterGroup");
const parameter = (name: string, value: string, more: Parameters<typeof group.is>[2] = {}) =>
  group.is(`parameters[name=${name}].value`, value, more);

const IN_FORCE = stack("server-parameters", "the server settings on PostgreSQL %s > are in force, every one");
const CHANGED = faultInAws("statements that are not logged, by the parameter group");

/** A parameter of the group, which the check finds wherever it is not in force. */
const set = (name: string, value: string, found = CHANGED): Control => ({
  resources: [parameter(name, value)],
  checks: ["parameters", "parameter-group"],
  tests: [IN_FORCE, found],
});

export const CIS_LOGGING_CONTROLS: Controls = {
  "CIS 3.1.14": set("log_min_messages", "warning"),
  "CIS 3.1.15": set("log_min_error_statement", "error"),
  "CIS 3.1.16": set("debug_print_parse", "0"),
  "CIS 3.1.17": set("debug_print_rewritten", "0"),
  "CIS 3.1.18": set("debug_print_plan", "0"),
  "CIS 3.1.19": set("debug_pretty_print", "1"),
  "CIS 3.1.20": set("log_connections", "1", faultInDatabase("connections that are not logged")),
  "CIS 3.1.21": set("log_disconnections", "1", faultInDatabase("disconnections that are not logged")),
  "CIS 3.1.22": {
    how: "`logs.values` decides.",
    resources: [
      parameter("log_error_verbosity", "verbose"),
      parameter("log_error_verbosity", "terse", { where: ["prod"] }),
    ],
    checks: ["parameters"],
    tests: [
      unit(
        "parameters",
        "what logs.statements and logs.values decide > writes values and all that an error has to tell, or none of both",
      ),
    ],
    pages: ["audit-log.md#what-is-never-in-it"],
    exceptions: inProd("The details of an error quote rows and values of users."),
  },
  "CIS 3.1.23": set("log_hostname", "0"),
  "CIS 3.1.24": {
    how: "RDS's own prefix has time, address, login, database and process.",
    resources: [group.is("parameters[name=log_line_prefix].value", undefined, { where: ["dev", "prod"] })],
    tests: [
      stack(
        "log-patterns",
        "the log of PostgreSQL %i > answers the guide's questions: each saved query finds lines of its own",
      ),
    ],
    pages: ["audit-log.md"],
    exceptions: everywhere(
      "RDS keeps `log_line_prefix` to itself, and the program's name (`%a`) is not in it; `ops/activity` and log_connections tell it.",
    ),
  },
  "CIS 3.1.25": {
    how: "`logs.statements` decides.",
    resources: [parameter("log_statement", "all"), parameter("log_statement", "none", { where: ["prod"] })],
    checks: ["parameters"],
    tests: [
      stack("audit-log", "the audit log > has a change of the schema"),
      stack("log-patterns", "the log of PostgreSQL %i > with logs.statements %s finds what the documentation says"),
    ],
    pages: ["audit-log.md#what-each-environment-logs"],
    exceptions: inProd(
      "pgaudit writes changes of the schema itself, and takes passwords out of them, which `log_statement` does not.",
    ),
  },
  "CIS 3.1.26": {
    how: "RDS's servers log in UTC; the check looks.",
    checks: ["parameters"],
    tests: [faultInDatabase("a log in the time of another zone")],
  },
  "CIS 3.2": {
    resources: [
      group.contains("parameters[name=shared_preload_libraries].value", "pgaudit"),
      parameter("pgaudit.log", "ddl,role,write"),
      resource("access/roles.ts", "postgresql:index/extension:Extension", { name: "pgaudit" }).exists(),
    ],
    checks: ["extensions", "login-settings"],
    tests: [
      stack("audit-log", "the audit log > is set up as RDS needs it"),
      faultInDatabase("an audit extension that is gone"),
      faultInDatabase("a server that audits nothing"),
    ],
  },
};

const role = resource("access/roles.ts", "postgresql:index/role:Role");
const grant = resource("access/roles.ts", "postgresql:index/grant:Grant");
const MATRIX = shared("whole-stack", "the access matrix > holds for every role, action and object, old and new");
const runtime = (line: string, ...checks: string[]): Control => ({
  resources: [group.exists()],
  checks: ["parameters", ...checks],
  tests: [IN_FORCE, faultInDatabase(line)],
});

export const CIS_ACCESS_CONTROLS: Controls = {
  "CIS 1.8": {
    resources: [role.is("superuser", undefined)],
    checks: ["logins"],
    tests: [faultInDatabase("a superuser"), faultInDatabase("a master that is a superuser")],
  },
  "CIS 4.3": {
    resources: [role.is("createRole", undefined), role.is("createDatabase", undefined)],
    checks: ["logins", "memberships", "ownership"],
    tests: [
      faultInDatabase("a login that makes roles"),
      faultInDatabase("an application that can become the owner"),
      faultInDatabase("a table of the wrong owner"),
    ],
  },
  "CIS 4.4": {
    how: "The check finds each function with its owner's rights whose search path the caller decides.",
    checks: ["definer-functions", "ownership"],
    tests: [
      faultInDatabase("a function of its owner's rights that looks names up where the caller says"),
      faultInDatabase("a function of the wrong owner"),
    ],
  },
  "CIS 4.5": {
    resources: [grant.is("privileges", ["SELECT", "INSERT", "UPDATE", "DELETE"], { name: "app-public-table" })],
    checks: ["grants", "default-privileges"],
    tests: [
      MATRIX,
      faultInDatabase("a right too many on a table"),
      faultInDatabase("default privileges that give too much"),
    ],
  },
  "CIS 4.6": {
    resources: [grant.is("privileges", [], { name: "public-public-function" })],
    checks: ["public"],
    tests: [faultInDatabase("a right of PUBLIC on a table"), faultInDatabase("a function that everybody may call")],
  },
  "CIS 4.7": {
    resources: [
      grant.is("privileges", [], { name: "public-database" }),
      grant.is("privileges", [], { name: "public-public-schema" }),
    ],
    checks: ["public"],
    tests: [
      shared("whole-stack", "the access matrix > keeps everybody else out: PUBLIC may not even connect"),
      faultInDatabase("a schema that everybody may create in"),
      faultInDatabase("a database that everybody may connect to"),
    ],
  },
  "CIS 4.9": {
    how: "Which tables is the application's to say, in `rowLevelSecurity`: the check demands it of those.",
    checks: ["row-level-security"],
    tests: [
      shared("proven-check", "a stack in order > has one for a table that must have row-level security and does not"),
      stack("row-level-security", "the check > finds the recipe in order, as the role that may read no table"),
    ],
    pages: ["row-level-security.md#having-it-demanded"],
  },
  "CIS 4.10": {
    resources: [
      grant.is("privileges", ["SELECT"], { name: "backup-public-table" }),
      role.is("bypassRowLevelSecurity", undefined),
    ],
    checks: ["memberships", "grants"],
    tests: [
      stack("backup-completeness", "a backup of everything, or none > is made by a role that can do nothing else"),
      faultInDatabase("a report that reads everything"),
    ],
  },
  "CIS 5.1": {
    resources: [parameter("rds.force_ssl", "1")],
    checks: ["tls"],
    tests: [
      shared("whole-stack", "connections > are refused without TLS"),
      faultInAws("connections without TLS, by the parameter group"),
    ],
  },
  "CIS 5.5": {
    how: "`max_connections` is one limit for all, and an alarm rings at 80 % of it.",
    resources: [
      parameter("max_connections", "100", { where: ["dev", "prod"] }),
      role.is("connectionLimit", undefined, { where: ["dev", "prod"] }),
    ],
    checks: ["logins"],
    tests: [
      faultInDatabase("a login with a limit of connections"),
      unit("alarms", "alarms > %s has the guide's threshold", "connections"),
    ],
    exceptions: everywhere(
      "No login has a limit of its own: while a password rotates, the pools of both logins of a role are open, and a limit that fits one would shut the other out. The check finds one that somebody has set.",
    ),
  },
  "CIS 5.6": {
    resources: [
      resource("access/credentials.ts", "random:index/randomPassword:RandomPassword").atLeast("length", 32),
      parameter("password_encryption", "scram-sha-256"),
      parameter("rds.accepted_password_auth_method", "scram"),
    ],
    checks: ["passwords", "parameter-group"],
    tests: [
      unit("components", "roles > get a verifier, never the password"),
      shared("whole-stack", "secrets > reach the server as verifiers only, and no log or output in clear"),
    ],
  },
  "CIS 6.2": runtime("a login that may switch its log off", "login-settings"),
  "CIS 6.3": runtime("a static setting that waits for a restart", "login-settings"),
  "CIS 6.4": runtime("a setting that the parameter group does not know"),
  "CIS 6.5": runtime("a database in which slow statements are not logged", "login-settings"),
  "CIS 6.6": runtime("a login with another limit", "login-settings"),
  "CIS 6.8": {
    how: "RDS's certificate; clients are told verify-full, and where its authority is.",
    resources: [
      resource("database/database.ts", "aws:rds/instance:Instance").is("caCertIdentifier", "rds-ca-rsa2048-g1"),
      parameter("rds.force_ssl", "1"),
    ],
    checks: ["tls", "parameters"],
    tests: [
      shared("whole-stack", "connections > are refused by a client that trusts another authority"),
      shared("whole-stack", "connections > are refused by a client that expects another name"),
    ],
  },
  "CIS 6.9": {
    resources: [parameter("ssl_min_protocol_version", "TLSv1.2")],
    checks: ["tls", "parameters"],
    tests: [IN_FORCE, faultInDatabase("old TLS")],
  },
  "CIS 6.10": {
    how: "Below TLS 1.2 nothing is spoken (6.9), and the check finds a cipher of less than 128 bits on its own connection.",
    resources: [group.is("parameters[name=ssl_ciphers].value", undefined, { where: ["dev", "prod"] })],
    checks: ["tls"],
    exceptions: everywhere(
      "`ssl_ciphers` is not set: RDS's own list is stricter than PostgreSQL's default and the guide's. That others are refused is RDS's to say, and no check tries them.",
    ),
    pages: ["parameters.md"],
  },
  "CIS 7.2": {
    how: "With `backup.image` a task restores the newest dump and compares it: in prod every week.",
    resources: [
      resource("backup/tasks.ts", "aws:scheduler/schedule:Schedule", { name: "verify-backup" }).exists({
        where: ["prod with options"],
      }),
    ],
    checks: ["backup-age"],
    tests: [
      shared("proven-backups", "a backup > is restored and equals what was dumped, and nothing of that stays"),
      stack(
        "backup-tasks",
        "the tasks about backups > back up and verify, each as its own role, and end the alarm about backups that are missing",
      ),
    ],
    pages: ["backups.md#by-themselves-in-aws"],
    exceptions: everywhere(
      "The files of dev and prod name no `backup.image` yet: it has to be built, and pushed to a registry of the account. Until then `ops/backup` and `ops/verify-backup` are somebody's to run, and the check says when there is no backup of the last day.",
    ),
  },
};
