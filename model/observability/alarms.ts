import { LOG_METRICS, LogMetric, logMetricNamespace } from "./log-metrics";

/**
 * An alarm, as data. Source: the guide's "Key Metrics to Monitor" and what AWS adds.
 *
 * Every alarm notifies when it ends, too. Each says how to treat missing data. RDS writes its metrics every minute while the instance
 * runs: a gap means that it does not run, which RDS's own events report. A metric of the log has no data while nothing is logged, and
 * then nothing has happened.
 */
export interface AlarmDefinition {
  /** The end of the alarm's name, after `<stack>-`. */
  name: string;
  /** The heading of its section in docs/alarms.md: its own name; for a replica's alarm that of the same alarm for the instance. */
  section: string;
  /** The message of the alarm, in one sentence. */
  says: string;
  /** The metric that is measured; left out when a formula is. */
  metric?: Metric;
  /** The formula over several metrics that is measured; left out when one metric is. */
  formula?: { expression: string; label: string; metrics: Record<string, Metric> };
  comparison: "GreaterThanThreshold" | "LessThanThreshold";
  threshold: number;
  /** The threshold in words, for the documentation: `80 % of max_connections`. */
  limit: string;
  periodSeconds: number;
  /** How many periods in a row must be beyond the threshold. */
  periods: number;
  missing: "missing" | "notBreaching" | "breaching";
  /** The guide sections and control ids that it serves. */
  controls: string[];
}

/** A metric of CloudWatch, with the statistic that is taken of it. */
export interface Metric {
  namespace: string;
  name: string;
  statistic: "Average" | "Minimum" | "Maximum" | "Sum";
  /** The instance that it measures; a metric of the log has none. */
  of?: "instance" | "replica";
}

/** The metrics that an alarm measures: its metric, or those of its formula. */
export function measuredMetrics({ metric, formula }: AlarmDefinition): Metric[] {
  return metric ? [metric] : Object.values(formula?.metrics ?? {});
}

/** The facts about a server that its alarms depend on. */
export interface AlarmsInput {
  stack: string;
  maxConnections: number;
  /** The memory of the instance class. */
  memoryBytes: number;
  /** GiB of storage that are allocated now; RDS grows it by itself. */
  allocatedGb: number;
  /** Whether the class saves up CPU credits (db.t…). */
  burstable: boolean;
}

const GUIDE = "guide: Key Metrics to Monitor";
const GIB = 1024 ** 3;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** The guide's thresholds: connections, failed logins, free storage and replica lag. */
const CONNECTIONS_SHARE = 0.8;
const FAILED_LOGINS_A_MINUTE = 10;
const FREE_STORAGE_SHARE = 0.2;
const REPLICA_LAG_SECONDS = 5;
/** Our own thresholds: below a tenth of its memory Linux begins to swap; a forecast of four days leaves a weekend. */
const FREE_MEMORY_SHARE = 0.1;
const BUSY_CPU_PERCENT = 80;
const LEAST_CREDITS = 20;
const LEAST_DAYS_TO_FULL = 4;
/** The forecast for storage that does not fill up: more days than anybody plans for. */
const NEVER_DAYS = 365;

const rds = (name: string, statistic: Metric["statistic"], of: Metric["of"]): Metric => ({
  namespace: "AWS/RDS",
  name,
  statistic,
  of,
});

/** A metric that counts lines of the server's log which should not be there at all, or not so often. */
function logged(stack: string, key: LogMetric): Metric {
  return { namespace: logMetricNamespace(stack), name: LOG_METRICS[key], statistic: "Sum" };
}

type Definition = Omit<AlarmDefinition, "section">;

const above = { comparison: "GreaterThanThreshold", missing: "notBreaching" } as const;
const below = { comparison: "LessThanThreshold", missing: "missing" } as const;

const named = (definition: Definition): AlarmDefinition => ({ ...definition, section: definition.name });

/** The alarms of the instance and of the log; a read replica's log counts into the same metrics. */
export function alarmDefinitions(input: AlarmsInput): AlarmDefinition[] {
  return [...serverAlarms(input, "instance"), ...logAlarms(input.stack)].map(named);
}

/** The alarms of a read replica: its lag, and the instance's. It has the instance's class and storage of its own. */
export function replicaAlarmDefinitions(input: AlarmsInput): AlarmDefinition[] {
  const same = serverAlarms(input, "replica").map((definition) => ({
    ...named(definition),
    name: `replica-${definition.name}`,
    says: `Read replica: ${definition.says}`,
  }));
  return [named(REPLICA_LAG), ...same];
}

function serverAlarms(
  { maxConnections, memoryBytes, allocatedGb, burstable }: AlarmsInput,
  of: "instance" | "replica",
): Definition[] {
  return [
    {
      ...above,
      name: "connections",
      says: "More than 80 % of the connections that the server has are in use",
      metric: rds("DatabaseConnections", "Maximum", of),
      threshold: Math.floor(maxConnections * CONNECTIONS_SHARE),
      limit: `${CONNECTIONS_SHARE * 100} % of max_connections, for 5 minutes`,
      periodSeconds: MINUTE,
      periods: 5,
      missing: "missing",
      controls: [GUIDE, "CIS 5.5"],
    },
    {
      ...below,
      name: "free-storage",
      says: "Less than 20 % of the storage is free",
      metric: rds("FreeStorageSpace", "Minimum", of),
      threshold: Math.floor(allocatedGb * FREE_STORAGE_SHARE * GIB),
      limit: `${FREE_STORAGE_SHARE * 100} % of what is allocated, for 15 minutes`,
      periodSeconds: 5 * MINUTE,
      periods: 3,
      controls: [GUIDE],
    },
    {
      ...below,
      name: "storage-forecast",
      says: "At the rate of the last hours the storage will be full within four days",
      formula: {
        // RATE is per second. What does not shrink is never full.
        expression: `IF(RATE(free) < 0, free / (0 - RATE(free)) / ${DAY}, ${NEVER_DAYS})`,
        label: "days until the storage is full",
        metrics: { free: rds("FreeStorageSpace", "Average", of) },
      },
      threshold: LEAST_DAYS_TO_FULL,
      limit: `${LEAST_DAYS_TO_FULL} days ahead, twice in 12 hours`,
      periodSeconds: 6 * HOUR,
      periods: 2,
      controls: [GUIDE],
    },
    {
      ...above,
      name: "cpu",
      says: "The processors are busy",
      metric: rds("CPUUtilization", "Average", of),
      threshold: BUSY_CPU_PERCENT,
      limit: `${BUSY_CPU_PERCENT} %, for 15 minutes`,
      periodSeconds: 5 * MINUTE,
      periods: 3,
      missing: "missing",
      controls: ["guide: Monitoring & Alerting"],
    },
    ...(burstable
      ? [
          {
            ...below,
            name: "cpu-credits",
            says: "The instance has nearly used up its CPU credits, and will be slow or cost more",
            metric: rds("CPUCreditBalance", "Minimum", of),
            threshold: LEAST_CREDITS,
            limit: `${LEAST_CREDITS} credits, for 15 minutes`,
            periodSeconds: 5 * MINUTE,
            periods: 3,
            controls: ["guide: Monitoring & Alerting"],
          },
        ]
      : []),
    {
      ...below,
      name: "memory",
      says: "Less than a tenth of the instance's memory is free",
      metric: rds("FreeableMemory", "Minimum", of),
      threshold: Math.floor(memoryBytes * FREE_MEMORY_SHARE),
      limit: `${FREE_MEMORY_SHARE * 100} % of the class's memory, for 15 minutes`,
      periodSeconds: 5 * MINUTE,
      periods: 3,
      controls: ["guide: Monitoring & Alerting"],
    },
  ];
}

const REPLICA_LAG: Definition = {
  ...above,
  name: "replica-lag",
  says: "The read replica is more than 5 seconds behind, or does not follow at all",
  formula: {
    // RDS says -1 when the replica does not follow.
    expression: `IF(lag < 0, ${DAY}, lag)`,
    label: "seconds behind",
    metrics: { lag: rds("ReplicaLag", "Maximum", "replica") },
  },
  threshold: REPLICA_LAG_SECONDS,
  limit: `${REPLICA_LAG_SECONDS} seconds, for 3 minutes`,
  // A replica that says nothing is one that does not follow.
  periodSeconds: MINUTE,
  periods: 3,
  missing: "breaching",
  controls: [GUIDE],
};

/** The alarms of the log, which all servers of the stack share. */
function logAlarms(stack: string): Definition[] {
  /** An alarm about something that is too often when it happens once. */
  const event = { ...above, threshold: 0, limit: "once in 5 minutes", periodSeconds: 5 * MINUTE, periods: 1 };
  return [
    {
      ...above,
      name: "failed-logins",
      says: "More than 10 logins have failed within a minute",
      metric: logged(stack, "failedLogins"),
      threshold: FAILED_LOGINS_A_MINUTE,
      limit: `${FAILED_LOGINS_A_MINUTE} a minute`,
      periodSeconds: MINUTE,
      periods: 1,
      controls: [GUIDE, "guide: Monitor Failed Login Attempts"],
    },
    {
      ...event,
      name: "slow-statements",
      says: "A statement has taken longer than 5 seconds",
      metric: logged(stack, "slowStatements"),
      controls: [GUIDE],
    },
    {
      ...event,
      name: "deadlocks",
      says: "Two transactions have waited for each other, and one of them was ended",
      metric: logged(stack, "deadlocks"),
      controls: [GUIDE],
    },
    {
      ...event,
      name: "suspicious-statements",
      says: "A statement looks like an attempt at SQL injection",
      metric: logged(stack, "suspiciousStatements"),
      controls: ["guide: Monitor Suspicious Queries"],
    },
  ];
}
