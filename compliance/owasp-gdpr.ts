import {
  Control,
  Controls,
  ENVIRONMENTS,
  everywhere,
  faultInAws,
  faultInDatabase,
  resource,
  shared,
  stack,
  unit,
} from "./control";

const instance = resource("database/database.ts", "aws:rds/instance:Instance");
const group = resource("database/database.ts", "aws:rds/parameterGroup:ParameterGroup");
const secret = resource("access/credentials.ts", "aws:secretsmanager/secret:Secret");
const role = resource("access/roles.ts", "postgresql:index/role:Role");
const grant = resource("access/roles.ts", "postgresql:index/grant:Grant");
const filter = resource("observability/log-filters.ts", "aws:cloudwatch/logMetricFilter:LogMetricFilter");
const encryption = resource(
  "backup/closed-bucket.ts",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
);
const lifecycle = resource(
  "backup/closed-bucket.ts",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
);

const MATRIX = shared("whole-stack", "the access matrix > holds for every role, action and object, old and new");
const NO_PLAIN = shared("whole-stack", "connections > are refused without TLS");

const leastPrivilege: Control = {
  how: "Five roles, from one matrix.",
  resources: [
    grant.is("privileges", [], { name: "public-public-schema" }),
    grant.is("privileges", ["SELECT"], { name: "readonly-public-table" }),
    role.is("superuser", undefined),
  ],
  checks: ["grants", "default-privileges", "ownership", "public", "memberships", "logins"],
  tests: [MATRIX, faultInDatabase("a right too many on a table"), faultInDatabase("a report that may write")],
  pages: ["access.md"],
};

const inTransit: Control = {
  resources: [
    group.is("parameters[name=rds.force_ssl].value", "1"),
    group.is("parameters[name=ssl_min_protocol_version].value", "TLSv1.2"),
  ],
  checks: ["tls"],
  tests: [
    NO_PLAIN,
    shared("whole-stack", "connections > are refused by a client that expects another name"),
    unit("components", "roles > connect as the master that is no superuser, with the server's name verified"),
  ],
};

const audited: Control = {
  resources: [
    group.is("parameters[name=pgaudit.log].value", "ddl,role,write"),
    instance.contains("enabledCloudwatchLogsExports", "postgresql"),
  ],
  checks: ["extensions", "login-settings", "logs"],
  tests: [
    stack("audit-log", "the audit log > has what the application writes, and not what it reads"),
    stack("audit-log", "the audit log > has everything that people do"),
    stack("audit-log", "the audit log > has changes of roles and rights, and everything of the master"),
  ],
  pages: ["audit-log.md"],
};

const encryptedBackups: Control = {
  resources: [
    encryption.is("rules.*.applyServerSideEncryptionByDefault.sseAlgorithm", "aws:kms", { name: "backups" }),
    instance.is("storageEncrypted", true),
  ],
  checks: ["bucket", "snapshots"],
  tests: [
    shared("proven-backups", "a backup > has nothing in clear, neither the dump nor the manifest"),
    faultInAws("a bucket with another encryption"),
  ],
  pages: ["backups.md#what-a-backup-is"],
};

export const OWASP_CONTROLS: Controls = {
  "OWASP: secure credentials": {
    how: "In Secrets Manager, under a key of their own; the server and Pulumi's plans see verifiers.",
    resources: [
      resource("access/credentials.ts", "random:index/randomPassword:RandomPassword").atLeast("length", 32),
      secret.contains("kmsKeyId", "-secrets"),
      instance.is("manageMasterUserPassword", true),
    ],
    checks: ["secrets", "passwords"],
    tests: [
      shared("whole-stack", "secrets > reach the server as verifiers only, and no log or output in clear"),
      stack("rotation-under-load", "rotations under load > leave no password in clear, wherever one looks"),
      stack("environments", "dev > secrets, to roles that may do everything by IAM > %s can read %j"),
    ],
    pages: ["rotation.md"],
  },
  "OWASP: parameterized queries": {
    how: "drizzle-orm binds all values; the log's filters see what looks like an injection.",
    resources: [filter.exists({ name: "suspicious-words", where: ENVIRONMENTS })],
    tests: [
      shared(
        "whole-stack",
        "the access matrix > lets the application work through drizzle-orm, with the server's name verified",
      ),
    ],
    pages: ["investigate.md#suspicious-statements"],
    exceptions: everywhere("It is the application's to do; the database cannot make it."),
  },
  "OWASP: least privilege": leastPrivilege,
  "OWASP: TLS": inTransit,
  "OWASP: audit log": audited,
  "OWASP: backups": {
    how: "RDS's own, any second of 7 days in dev and of 30 in prod. Dumps besides, by themselves with `backup.image` (CIS 7.2).",
    resources: [instance.atLeast("backupRetentionPeriod", 7)],
    checks: ["instance", "backup-age"],
    tests: [
      faultInAws("fewer days of backups"),
      shared("proven-check", "a stack in order > has one when nothing was backed up for a day"),
    ],
    pages: ["backups.md"],
  },
  "OWASP: row-level security": {
    how: "A recipe for Drizzle that is tested, and a check for the tables that the settings name; which these are is the application's to say.",
    checks: ["row-level-security"],
    tests: [
      stack("row-level-security", "a user > sees own rows only"),
      stack(
        "row-level-security",
        "a pool > hands no claim on: not after a commit, an error, or a statement that failed",
      ),
      shared("proven-check", "a stack in order > has one for a table that must have row-level security and does not"),
    ],
    pages: ["row-level-security.md"],
  },
  "OWASP: query monitoring": {
    resources: [
      group.is("parameters[name=log_min_duration_statement].value", "1000"),
      filter.exists({ name: "slow-statements" }),
      filter.exists({ name: "suspicious-errors" }),
      resource("access/roles.ts", "postgresql:index/extension:Extension", { name: "pg_stat_statements" }).exists(),
    ],
    checks: ["parameters", "extensions"],
    tests: [
      stack(
        "log-patterns",
        "the log of PostgreSQL %i > counts failed logins, the master's sessions, deadlocks, slow statements and changes of privileges, each once",
      ),
      stack(
        "activity",
        "ops/activity > shows which statements cost most, without the values, and no verifier of a password",
      ),
    ],
    pages: ["investigate.md", "activity.md"],
  },
  "OWASP: connection limits": {
    resources: [
      group.is("parameters[name=max_connections].value", "100"),
      resource("observability/alarms.ts", "aws:cloudwatch/metricAlarm:MetricAlarm", { name: "connections" }).is(
        "threshold",
        80,
      ),
    ],
    checks: ["parameters"],
    tests: [
      stack("server-parameters", "the server settings on PostgreSQL %s > are in force, every one"),
      unit("alarms", "alarms > %s has the guide's threshold", "connections"),
    ],
  },
};

export const GDPR_CONTROLS: Controls = {
  "GDPR: encryption at rest": {
    resources: [
      instance.is("storageEncrypted", true),
      secret.contains("kmsKeyId", "-secrets"),
      resource("database/database.ts", "aws:cloudwatch/logGroup:LogGroup").contains("kmsKeyId", "-logs"),
    ],
    checks: ["instance", "secrets", "bucket", "logs"],
    tests: [
      unit("components", "database > is private, encrypted with its own key, and hard to delete"),
      stack("environments", "dev > lets nobody use a key but through its service"),
    ],
  },
  "GDPR: encryption in transit": inTransit,
  "GDPR: access control": {
    ...leastPrivilege,
    how: "Roles in the database, named readers for each secret, and no value of a user's in prod's log.",
    resources: [
      ...(leastPrivilege.resources ?? []),
      resource("access/credentials.ts", "aws:secretsmanager/secretPolicy:SecretPolicy").contains(
        "policy",
        "NobodyFromOutside",
      ),
    ],
    tests: [
      MATRIX,
      stack("environments", "dev > secrets, to roles that may do everything by IAM > %s can read %j"),
      stack(
        "audit-log",
        "the audit log > has no password and no bound value: not of errors, slow statements and COPY either",
      ),
    ],
  },
  "GDPR: audit trail": {
    ...audited,
    how: "Who did what in the database, who read a backup, and what an administrator typed.",
    resources: [
      ...(audited.resources ?? []),
      resource("backup/trail.ts", "aws:cloudtrail/trail:Trail").is("enableLogFileValidation", true),
    ],
  },
  "GDPR: encrypted backups": encryptedBackups,
  "GDPR: retention policy": {
    how: "Each place has its end, from the settings: the table in [personal-data.md](personal-data.md#what-is-kept-where-and-how-long).",
    resources: [
      lifecycle.is("rules.*.status", "Enabled"),
      instance.is("backupRetentionPeriod", 7, { where: ["dev"] }),
      instance.is("backupRetentionPeriod", 30, { where: ["prod"] }),
      resource("database/database.ts", "aws:cloudwatch/logGroup:LogGroup").atLeast("retentionInDays", 30),
    ],
    checks: ["bucket", "logs", "instance"],
    tests: [
      unit("personal-data", "personal data > live as long as the table says, by what the program registers"),
      stack(
        "backup-bucket",
        "the bucket for backups > keeps what was deleted or overwritten by mistake for a week, and nothing longer than that",
      ),
      faultInAws("a log that is gone after a day"),
    ],
  },
  "GDPR: right to erasure": {
    how: "At once in the database, by the end of its days in each backup: [personal-data.md](personal-data.md#how-a-persons-data-are-erased).",
    resources: [
      lifecycle.atLeast("rules.*.expiration.days", 30),
      grant.contains("privileges", "DELETE", { name: "app-public-table" }),
    ],
    checks: ["bucket"],
    tests: [
      stack("erasure", "erasing a person > takes every row that refers to it along, as the application"),
      stack("erasure", "erasing a person > is done again after a restore, which brings the person back"),
    ],
  },
};
