import { LOG_METRICS, LogMetric, logMetricNamespace } from "./log-metrics";

/**
 * When people are told, as data: the guide's "Key Metrics to Monitor" and what AWS adds.
 *
 * Every alarm tells of its end, too. What becomes of missing data is chosen for each: RDS writes its metrics every minute while the
 * instance runs, so that a gap means that it does not, of which RDS's own events tell; metrics of a log have no data while nothing is
 * logged, and then nothing has happened.
 */
export interface AlarmDefinition {
  /** What the alarm's name ends with. */
  name: string;
  /** The heading of its section in docs/alarms.md: its name, or that of the instance's alarm which is the same for a replica. */
  section: string;
  /** What it says, in one sentence. */
  says: string;
  /** What is measured: a metric, or a formula over some. */
  metric?: Metric;
  formula?: { expression: string; label: string; metrics: Record<string, Metric> };
  comparison: "GreaterThanThreshold" | "LessThanThreshold";
  threshold: number;
  /** In words, for the documentation: `80 % of max_connections`. */
  limit: string;
  periodSeconds: number;
  /** How many periods in a row. */
  periods: number;
  missing: "missing" | "notBreaching" | "breaching";
  /** Guide sections and control ids. */
  controls: string[];
}

export interface Metric {
  namespace: string;
  name: string;
  statistic: "Average" | "Minimum" | "Maximum" | "Sum";
  /** The instance that it is of; left out, it has no dimension. */
  of?: "instance" | "replica";
}

/** What an alarm measures: the metric, or those of the formula. */
export function measuredMetrics({ metric, formula }: AlarmDefinition): Metric[] {
  return metric ? [metric] : Object.values(formula?.metrics ?? {});
}

export interface AlarmsInput {
  stack: string;
  maxConnections: number;
  /** Of the instance class. */
  memoryBytes: number;
  /** What is allocated now: RDS grows it by itself. */
  allocatedGb: number;
  /** Whether the class saves up CPU credits (db.t…). */
  burstable: boolean;
}

const GUIDE = "guide: Key Metrics to Monitor";
const GIB = 1024 ** 3;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** The guide's thresholds. */
const CONNECTIONS_SHARE = 0.8;
const FAILED_LOGINS_A_MINUTE = 10;
const FREE_STORAGE_SHARE = 0.2;
const REPLICA_LAG_SECONDS = 5;
/** Ours: below a tenth Linux begins to swap; a forecast of four days leaves a weekend. */
const FREE_MEMORY_SHARE = 0.1;
const BUSY_CPU_PERCENT = 80;
const LEAST_CREDITS = 20;
const LEAST_DAYS_TO_FULL = 4;
/** More days than anybody plans for: storage that does not fill up. */
const NEVER_DAYS = 365;

const rds = (name: string, statistic: Metric["statistic"], of: Metric["of"]): Metric => ({
  namespace: "AWS/RDS",
  name,
  statistic,
  of,
});

/** Something that should not be in the log at all, or not so often. */
function logged(stack: string, key: LogMetric): Metric {
  return { namespace: logMetricNamespace(stack), name: LOG_METRICS[key], statistic: "Sum" };
}

type Definition = Omit<AlarmDefinition, "section">;

const above = { comparison: "GreaterThanThreshold", missing: "notBreaching" } as const;
const below = { comparison: "LessThanThreshold", missing: "missing" } as const;

const named = (definition: Definition): AlarmDefinition => ({ ...definition, section: definition.name });

/** Of the instance, and of what is logged: a read replica's log counts into the same metrics. */
export function alarmDefinitions(input: AlarmsInput): AlarmDefinition[] {
  return [...serverAlarms(input, "instance"), ...logAlarms(input.stack)].map(named);
}

/** Of a read replica, which is of the instance's class and has storage of its own: its lag, and the same as of the instance. */
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

/** Of all servers of the stack together. */
function logAlarms(stack: string): Definition[] {
  /** Once is too often. */
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
