import { Controls, faultForTheRole, faultInAws, faultInDatabase, resource, stack, unit } from "./control";

const instance = resource("database/database.ts", "aws:rds/instance:Instance");
const group = resource("database/database.ts", "aws:rds/parameterGroup:ParameterGroup");
const role = resource("access/roles.ts", "postgresql:index/role:Role");
const alarm = (name: string) => resource("observability/alarms.ts", "aws:cloudwatch/metricAlarm:MetricAlarm", { name });
const prodOptions = { where: ["prod with options"] } as const;
const THRESHOLD = (line: string) => unit("alarms", "alarms > %s has the guide's threshold", line);
const RINGS = stack("alarms", "the alarms > ring when the log says so, and tell of their end");

export const METRIC_CONTROLS: Controls = {
  "Metric: connections": {
    resources: [alarm("connections").is("threshold", 80)],
    checks: ["alarms"],
    tests: [
      THRESHOLD("connections"),
      stack("alarms", "the alarms > know the instance: its storage, its memory and its connections"),
    ],
    pages: ["alarms.md#connections"],
  },
  "Metric: failed logins": {
    resources: [alarm("failed-logins").is("threshold", 10), alarm("failed-logins").is("period", 60)],
    checks: ["alarms"],
    tests: [THRESHOLD("failed-logins"), RINGS],
    pages: ["alarms.md#failed-logins"],
  },
  "Metric: query duration": {
    resources: [alarm("slow-statements").is("threshold", 0)],
    checks: ["alarms"],
    tests: [THRESHOLD("slow-statements"), RINGS],
    pages: ["alarms.md#slow-statements"],
  },
  "Metric: locks": {
    resources: [alarm("deadlocks").is("threshold", 0)],
    checks: ["alarms"],
    tests: [THRESHOLD("deadlocks"), RINGS],
    pages: ["alarms.md#deadlocks"],
  },
  "Metric: disk": {
    how: "And one for storage that will be full in four days.",
    resources: [alarm("free-storage").exists(), alarm("storage-forecast").exists()],
    checks: ["alarms"],
    tests: [
      THRESHOLD("free-storage"),
      stack("alarms", "the alarms > know the instance: its storage, its memory and its connections"),
    ],
    pages: ["alarms.md#free-storage"],
  },
  "Metric: replication lag": {
    how: "With `database.readReplica`; dev and prod have none.",
    resources: [alarm("replica-lag").is("threshold", 5, prodOptions)],
    checks: ["alarms"],
    tests: [
      THRESHOLD("replica-lag"),
      unit(
        "alarms",
        "alarms > say of a replica all that RDS measures of the instance, with thresholds and sections of the same",
      ),
    ],
    pages: ["alarms.md#replica-lag"],
  },
};

export const SUPERUSER_CONTROLS: Controls = {
  "Superuser: vault": {
    resources: [
      instance.is("manageMasterUserPassword", true),
      instance.contains("masterUserSecretKmsKeyId", "-secrets"),
    ],
    checks: ["secrets"],
    tests: [
      stack(
        "rotation",
        "a rotation > of the master's password by RDS > needs nobody's hand: the next update works, and changes nothing",
      ),
    ],
    pages: ["rotation.md#the-masters-password"],
  },
  "Superuser: MFA": {
    how: "People read its password in a session with MFA alone; machines that deploy are named.",
    resources: [
      resource("access/credentials.ts", "aws:secretsmanager/secretPolicy:SecretPolicy", { name: "master" }).contains(
        "policy",
        "aws:MultiFactorAuthPresent",
      ),
    ],
    checks: ["secrets"],
    tests: [
      unit("policies", "secret policies > ask people for MFA to read the master's, and deployers not"),
      faultForTheRole("a master's secret that nothing guards"),
    ],
  },
  "Superuser: logged": {
    resources: [
      resource("observability/log-filters.ts", "aws:cloudwatch/logMetricFilter:LogMetricFilter", {
        name: "master-uses",
      }).exists(),
    ],
    checks: ["login-settings"],
    tests: [
      stack("audit-log", "the audit log > has changes of roles and rights, and everything of the master"),
      faultInDatabase("a master that is not audited in full"),
    ],
    pages: ["audit-log.md#who-is-logged-and-how-much"],
  },
  "Superuser: rotated": {
    resources: [
      resource("access/credentials.ts", "aws:secretsmanager/secretRotation:SecretRotation", { name: "master" }).is(
        "rotationRules.automaticallyAfterDays",
        30,
      ),
    ],
    checks: ["secrets"],
    tests: [
      stack("rotation", "a rotation > of the master's password by RDS > is due every thirty days"),
      stack("check-aws", "a fault is found, and nothing else with it: > passwords that are too old"),
    ],
  },
};

export const AUTOMATED_CHECK_CONTROLS: Controls = {
  "Check: passwords": {
    how: "Passwords are generated before a login is made. Which logins have a hash only a superuser sees, which nobody is on RDS: the check finds logins that are not the stack's instead.",
    resources: [resource("access/credentials.ts", "random:index/randomPassword:RandomPassword").atLeast("length", 32)],
    checks: ["logins", "passwords"],
    tests: [
      faultInDatabase("a login that nobody knows"),
      unit("components", "roles > get a verifier, never the password"),
    ],
    pages: ["check.md#what-it-cannot-see"],
  },
  "Check: superusers": {
    resources: [role.is("superuser", undefined)],
    checks: ["logins"],
    tests: [faultInDatabase("a superuser"), faultInDatabase("a superuser that calls itself RDS's")],
  },
  "Check: TLS": {
    how: "And tries to come in without it.",
    resources: [group.is("parameters[name=rds.force_ssl].value", "1")],
    checks: ["tls", "parameters"],
    tests: [faultInAws("connections without TLS, by the parameter group")],
  },
  "Check: PUBLIC": {
    resources: [
      resource("access/roles.ts", "postgresql:index/grant:Grant", { name: "public-database" }).is("privileges", []),
    ],
    checks: ["public"],
    tests: [faultInDatabase("a right of PUBLIC on a table"), faultInDatabase("a right of PUBLIC on a column")],
  },
  "Check: password encryption": {
    resources: [group.is("parameters[name=password_encryption].value", "scram-sha-256")],
    checks: ["passwords", "parameters"],
    tests: [
      stack("server-parameters", "the server settings on PostgreSQL %s > are in force, every one"),
      faultInDatabase("passwords as md5"),
    ],
  },
  "Check: log": {
    resources: [
      group.is("parameters[name=log_statement].value", "all", { where: ["dev"] }),
      group.is("parameters[name=log_statement].value", "none", { where: ["prod"] }),
    ],
    checks: ["parameters", "login-settings"],
    tests: [
      faultInDatabase("a login that is not logged, by ALTER ROLE"),
      faultInDatabase("a database in which slow statements are not logged"),
    ],
  },
};
