import { alarmDefinitions, AlarmsInput, replicaAlarmDefinitions } from "../../model/observability/alarms";
import { DashboardInput } from "../../model/observability/dashboard";

/** A made-up night for the picture of the dashboard: since ten past two something holds locks and gives no connection back. */

const GIB = 1024 ** 3;
const stack = "shop-prod";

const known: AlarmsInput = { stack, maxConnections: 100, memoryBytes: 8 * GIB, allocatedGb: 100, burstable: false };
const definitions = [...alarmDefinitions(known), ...replicaAlarmDefinitions(known)];

export const SAMPLE: DashboardInput = {
  ...{ stack, region: "eu-central-1", instanceIdentifier: stack, replicaIdentifier: `${stack}-replica` },
  logGroupNames: [stack, `${stack}-replica`].map((name) => `/aws/rds/instance/${name}/postgresql`),
  alarmArns: definitions.map(({ name }) => `arn:aws:cloudwatch:eu-central-1:123456789012:alarm:${stack}-${name}`),
  definitions,
};

/** Points of a graph: every five minutes of three hours, every six hours of a week. */
export const POINTS = { "-PT3H": 37, "-P7D": 29 };
/** When it began: the 26th of them. */
const BEGAN = 26;

/** Looks like chance and is the same every time: from 0 to 1. */
const noise = (index: number, of: number) => ((index * 7919 + of * 104_729 + index * index * 31) % 1000) / 1000;
const series = (value: (index: number) => number, count = POINTS["-PT3H"]) =>
  Array.from({ length: count }, (_, i) => value(i));
const since = (index: number) => Math.max(0, index - BEGAN);
const at = (...events: [index: number, count: number][]) =>
  series((i) => events.find(([index]) => index === i)?.[1] ?? 0);

/** By the graph's title, in its unit. */
export const SERIES: Record<string, number[]> = {
  Connections: series((i) => Math.min(97, 31 + 6 * noise(i, 1) + since(i) * 9)),
  CPU: series((i) => 34 + 12 * noise(i, 2) - Math.min(18, since(i) * 3)),
  "Free memory": series((i) => 3.6 + 0.2 * noise(i, 3) - Math.min(1.4, since(i) * 0.17)),
  "Free storage": series((i) => 41.5 - i * 0.012 + 0.05 * noise(i, 4)),
  "Days of storage left": series((i) => 26 - i * 0.4 - 2 * noise(i, 5), POINTS["-P7D"]),
  "Read replica is behind": series((i) => 0.2 + 0.9 * noise(i, 6)),
  "Replica: Connections": series((i) => 12 + 4 * noise(i, 11)),
  "Replica: CPU": series((i) => 18 + 9 * noise(i, 12)),
  "Replica: Free memory": series((i) => 4.4 + 0.2 * noise(i, 13)),
  "Replica: Free storage": series((i) => 41.8 - i * 0.012 + 0.05 * noise(i, 14)),
  "Replica: Days of storage left": series((i) => 26 - i * 0.4 - 2 * noise(i, 15), POINTS["-P7D"]),
  "Failed logins": at([7, 1], [19, 2]),
  "Slow statements": series((i) => (since(i) > 0 ? Math.round(3 + 2 * since(i) - 3 * noise(i, 7)) : 0)),
  Deadlocks: at(),
  "Suspicious statements": at(),
  "Changes of privileges": at([24, 3]),
  "Sessions of the master": at([24, 1]),
};

/** The newest lines of the log, and when they were written. */
export const LINES: [time: string, line: string][] = [
  [
    "02:59:41",
    "…markenmate_app@shop:[8812]:FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
  ],
  [
    "02:59:37",
    "…markenmate_app@shop:[8809]:FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
  ],
  ["02:58:12", "…markenmate_app@shop:[8640]:ERROR:  canceling statement due to statement timeout"],
  ["02:57:55", "…markenmate_app@shop:[8633]:ERROR:  canceling statement due to statement timeout"],
  ["02:31:06", "…markenmate_app@shop:[7121]:ERROR:  canceling statement due to statement timeout"],
];
