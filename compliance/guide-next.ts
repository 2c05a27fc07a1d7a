import { Controls, ENVIRONMENTS, everywhere, faultInAws, resource, shared, stack, unit } from "./control";

const instance = resource("database/database.ts", "aws:rds/instance:Instance");
const group = resource("database/database.ts", "aws:rds/parameterGroup:ParameterGroup");
const role = resource("access/roles.ts", "postgresql:index/role:Role");
const alarm = (name: string) => resource("observability/alarms.ts", "aws:cloudwatch/metricAlarm:MetricAlarm", { name });
const prodOptions = { where: ["prod with options"] } as const;
const RINGS = stack("alarms", "the alarms > ring when the log says so, and tell of their end");
const FULL_STACK = [ENVIRONMENTS].flat();

export const NEXT_STEP_CONTROLS: Controls = {
  "Next 1.1": {
    resources: [role.exists({ name: "app" }), role.exists({ name: "readonly" }), role.exists({ name: "migrate" })],
    checks: ["logins", "grants"],
    tests: [shared("whole-stack", "the access matrix > holds for every role, action and object, old and new")],
    pages: ["access.md"],
  },
  "Next 1.2": {
    resources: [group.is("parameters[name=rds.force_ssl].value", "1")],
    checks: ["tls"],
    tests: [shared("whole-stack", "connections > are refused without TLS")],
  },
  "Next 1.3": {
    how: "The pool is the application's. One that outlives a rotation is in docs/examples/rotating-pool.ts, and the server ends what is forgotten.",
    resources: [role.atLeast("idleInTransactionSessionTimeout", 60_000, { name: "app", where: FULL_STACK })],
    tests: [
      stack("rotation-under-load", "rotations under load > fail nobody: no statement, no login"),
      stack("row-level-security", "a pool > keeps users apart who work at the same time"),
    ],
    pages: ["rotation.md#what-an-application-must-do"],
    exceptions: everywhere("It is the application's to do."),
  },
  "Next 1.4": {
    how: "What is logged where: [audit-log.md](audit-log.md#what-each-environment-logs).",
    resources: [group.is("parameters[name=log_min_duration_statement].value", "1000")],
    checks: ["parameters"],
    tests: [
      stack("log-patterns", "the log of PostgreSQL %i > with logs.statements %s finds what the documentation says"),
    ],
  },
  "Next 2.1": {
    how: "RDS's own, by themselves and encrypted. The dumps with `backup.image` (CIS 7.2).",
    resources: [instance.atLeast("backupRetentionPeriod", 7), instance.is("storageEncrypted", true)],
    checks: ["instance", "backup-age"],
    tests: [
      faultInAws("fewer days of backups"),
      stack(
        "backup-tasks",
        "the tasks about backups > run daily and weekly, in subnets without a way out, and only the one that dumps reaches the database",
      ),
    ],
    pages: ["backups.md"],
  },
  "Next 2.2": {
    resources: [
      resource("observability/alarms.ts", "aws:cloudwatch/metricAlarm:MetricAlarm").contains(
        "alarmActions.*",
        "-events",
      ),
      resource("observability/dashboard.ts", "aws:cloudwatch/dashboard:Dashboard").exists(),
    ],
    checks: ["alarms", "events"],
    tests: [stack("alarms", "the alarms > are all connected to people, both ways, and say where to look"), RINGS],
    pages: ["alarms.md"],
  },
  "Next 2.3": {
    resources: [group.is("parameters[name=pgaudit.log].value", "ddl,role,write")],
    checks: ["extensions", "login-settings"],
    tests: [stack("audit-log", "the audit log > is set up as RDS needs it")],
    pages: ["audit-log.md"],
  },
  "Next 2.4": {
    how: "Each restore is tried with every change of the code, on PostgreSQL 15 and 17. Of the live backups: CIS 7.2.",
    tests: [
      shared(
        "proven-restores",
        "restored for people > takes the place of the application's own database, and the stack finds nothing to change",
      ),
      stack(
        "backup-recovery",
        "a backup whose account is gone > is restored on the server of a stack that has no such backup",
      ),
    ],
    pages: ["backups.md#restoring"],
  },
  "Next 3.1": {
    checks: ["row-level-security"],
    tests: [
      stack("row-level-security", "a user > sees own rows only"),
      stack("row-level-security-owner", "the owner > sees no row and changes none, as long as it is forced"),
    ],
    pages: ["row-level-security.md"],
  },
  "Next 3.2": {
    how: "A standby in prod; a read replica by `database.readReplica`.",
    resources: [
      instance.is("multiAz", true),
      instance.contains("replicateSourceDb", "markenmate", { name: "replica", ...prodOptions }),
    ],
    checks: ["instance"],
    tests: [
      stack("read-replica", "a read replica > has what the database had, and follows it"),
      faultInAws("a standby that nobody asked for"),
    ],
    exceptions: [{ environments: ["dev"], reason: "A standby costs as much again as the database (RDS.5)." }],
  },
  "Next 3.3": {
    how: "Each fault that the check knows is planted and found; roles try what they may not do.",
    tests: [
      stack("backup-roles", "with backups > the %s > $may: $name"),
      shared(
        "whole-stack",
        "the access matrix > allows and denies something to every role, so that it can be wrong at all",
      ),
    ],
    exceptions: everywhere("Tests are no attack: somebody from outside has to try, against an account."),
  },
  "Next 3.4": {
    resources: [instance.is("performanceInsightsEnabled", true), alarm("cpu").exists(), alarm("memory").exists()],
    checks: ["parameters"],
    tests: [
      unit(
        "parameters",
        "server parameters > fit the memory of %s, with every session sorting and every autovacuum worker at work",
      ),
      stack(
        "activity",
        "ops/activity > shows which statements cost most, without the values, and no verifier of a password",
      ),
    ],
    pages: ["performance.md", "activity.md"],
  },
};
