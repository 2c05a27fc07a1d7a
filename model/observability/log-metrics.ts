/**
 * The metrics that are counted in the server's log, by the names that alarms, dashboard and filters share.
 */

/**
 * The CloudWatch metrics that filters on the server's log make, each a count. Source: the guide's "Monitor Suspicious Queries" and
 * "Key Metrics to Monitor".
 */
export const LOG_METRICS = {
  failedLogins: "FailedLogins",
  deadlocks: "Deadlocks",
  slowStatements: "SlowStatements",
  suspiciousStatements: "SuspiciousStatements",
  privilegeChanges: "PrivilegeChanges",
  masterUses: "MasterUses",
} as const;
export type LogMetric = keyof typeof LOG_METRICS;

/** The namespace of these metrics: one for each stack. */
export function logMetricNamespace(stack: string): string {
  return `${stack}/postgresql-log`;
}
