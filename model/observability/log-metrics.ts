/**
 * What is counted in the server's log: the names under which alarms, dashboard and filters know it.
 */

/** CloudWatch metrics that filters on the server's log make, each a count. Source: the guide's "Monitor Suspicious Queries" and "Key Metrics to Monitor". */
export const LOG_METRICS = {
  failedLogins: "FailedLogins",
  deadlocks: "Deadlocks",
  slowStatements: "SlowStatements",
  suspiciousStatements: "SuspiciousStatements",
  privilegeChanges: "PrivilegeChanges",
  masterUses: "MasterUses",
} as const;
export type LogMetric = keyof typeof LOG_METRICS;

/** Their namespace: one for each stack. */
export function logMetricNamespace(stack: string): string {
  return `${stack}/postgresql-log`;
}
