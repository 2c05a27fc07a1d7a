import { AlarmDefinition, measuredMetrics, Metric } from "./alarms";
import { LOG_METRICS, LogMetric, logMetricNamespace } from "./log-metrics";
import type { DashboardInput } from "./dashboard";
import { Annotation, Graph, MetricOptions, MetricRow } from "./grid";

/** How a graph looks: there is one for each alarm, which shows its threshold, and one for each metric that is only counted. */
interface Look {
  title: string;
  /** The label of the axis. */
  unit: string;
  /** How many of the measured unit make one of the shown unit, e.g. the bytes of a GiB. */
  divisor?: number;
  /** The end of the axis. */
  max?: number;
  /** Values above this are drawn at this height. */
  most?: number;
  start?: string;
}

const GIB = 1024 ** 3;
const BLUE = "#1f77b4";
const RED = "#d13212";
const FIVE_MINUTES = 300;

/** The graphs of the servers, by the alarm's section, in the order of the dashboard. */
const SERVER: Record<string, Look> = {
  "replica-lag": { title: "Read replica is behind", unit: "seconds" },
  connections: { title: "Connections", unit: "connections" },
  cpu: { title: "CPU", unit: "%", max: 100 },
  memory: { title: "Free memory", unit: "GiB", divisor: GIB },
  "cpu-credits": { title: "CPU credits", unit: "credits" },
  "free-storage": { title: "Free storage", unit: "GiB", divisor: GIB },
  // Storage that does not shrink is full in 365 days: nobody would see the four days below that.
  "storage-forecast": { title: "Days of storage left", unit: "days", most: 30, start: "-P7D" },
};

const LOGGED: Record<LogMetric, string> = {
  failedLogins: "Failed logins",
  slowStatements: "Slow statements",
  deadlocks: "Deadlocks",
  suspiciousStatements: "Suspicious statements",
  privilegeChanges: "Changes of privileges",
  masterUses: "Sessions of the master",
};

/** The sections of graphs on the dashboard: the server, its read replica, the log. */
export function graphSections(input: DashboardInput): { heading: string; graphs: Graph[] }[] {
  const namespace = logMetricNamespace(input.stack);
  const ofLog = input.definitions.filter(({ metric }) => metric?.namespace === namespace);
  const others = input.definitions.filter((one) => !ofLog.includes(one));
  const place = ({ section }: AlarmDefinition) => Object.keys(SERVER).indexOf(section) + 1 || Infinity;
  const ofServers = others.sort((a, b) => place(a) - place(b));
  const replica = ofServers.filter(isOfReplica);
  const draw = (definitions: AlarmDefinition[]) => definitions.map((one) => alarmGraph(input, one, lookOf(one)));
  const log = (Object.keys(LOGGED) as LogMetric[]).flatMap((key) => {
    const look = { title: LOGGED[key], unit: "count" };
    const alarms = ofLog.filter(({ metric }) => metric?.name === LOG_METRICS[key]);
    return alarms.length > 0
      ? alarms.map((one) => alarmGraph(input, one, look))
      : [
          graph(input, look, FIVE_MINUTES, [
            row(input, { namespace, name: LOG_METRICS[key], statistic: "Sum" }, line(look)),
          ]),
        ];
  });
  return [
    { heading: "The server", graphs: draw(ofServers.filter((one) => !isOfReplica(one))) },
    ...(replica.length > 0 ? [{ heading: "Its read replica", graphs: draw(replica) }] : []),
    { heading: "What the log tells", graphs: log },
  ];
}

/** The look of an alarm's graph. A replica's says so in its title where the instance has the same: enlarged, a graph shows no heading. */
function lookOf({ name, section, formula }: AlarmDefinition): Look {
  const look = SERVER[section] ?? { title: section, unit: formula?.label ?? "" };
  return name === section ? look : { ...look, title: `Replica: ${look.title}` };
}

const isOfReplica = (alarm: AlarmDefinition) => measuredMetrics(alarm).some(({ of }) => of === "replica");

function alarmGraph(input: DashboardInput, alarm: AlarmDefinition, look: Look): Graph {
  const drawn = graph(input, look, alarm.periodSeconds, metricRows(input, alarm, look));
  return { ...drawn, annotations: { horizontal: [limit(alarm, look)] } };
}

function graph(
  { region }: DashboardInput,
  { title, unit, max, start }: Look,
  period: number,
  metrics: MetricRow[],
): Graph {
  return {
    title,
    region,
    view: "timeSeries",
    period,
    metrics,
    yAxis: { left: { min: 0, ...(max !== undefined && { max }), label: unit, showUnits: false } },
    // Each graph has one line, and the title names it.
    legend: { position: "hidden" },
    ...(start && { start }),
  };
}

function limit({ comparison, threshold }: AlarmDefinition, { divisor = 1, unit }: Look): Annotation {
  const value = threshold / divisor;
  const side = comparison === "GreaterThanThreshold" ? "above" : "below";
  const shown = `${Math.round(value * 100) / 100}${unit === "%" ? " %" : unit === "GiB" ? " GiB" : ""}`;
  // Above zero is the whole graph.
  return { label: `alarm ${side} ${shown}`, value, color: RED, ...(value > 0 && { fill: side }) };
}

const line = ({ title }: Look): MetricOptions => ({ label: title, color: BLUE });

/** The metric rows of a graph: first the row that is drawn, then the hidden ones that it is computed from. */
function metricRows(input: DashboardInput, { metric, formula }: AlarmDefinition, look: Look): MetricRow[] {
  const { divisor, most } = look;
  const shown = (expression: string) => [{ id: "shown", expression, ...line(look) }];
  const hidden = { visible: false };
  if (metric) {
    return divisor === undefined
      ? [row(input, metric, line(look))]
      : [shown(`measured / ${divisor}`), row(input, metric, { id: "measured", ...hidden })];
  }
  const { expression = "", metrics = {} } = formula ?? {};
  return [
    ...(most === undefined
      ? [shown(expression)]
      : [shown(`IF(result > ${most}, ${most}, result)`), [{ id: "result", expression, ...hidden }]]),
    ...Object.entries(metrics).map(([id, one]) => row(input, one, { id, ...hidden })),
  ];
}

function row(input: DashboardInput, { namespace, name, statistic, of }: Metric, options: MetricOptions): MetricRow {
  const identifier = of === "replica" ? input.replicaIdentifier : input.instanceIdentifier;
  if (identifier === undefined) {
    throw new Error(`${name} is of a read replica, and there is none`);
  }
  return [namespace, name, ...(of ? ["DBInstanceIdentifier", identifier] : []), { ...options, stat: statistic }];
}
