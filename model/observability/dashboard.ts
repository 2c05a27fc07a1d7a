import { AlarmDefinition } from "./alarms";
import { queryString } from "./log-queries";
import { graphSections } from "./graphs";
import { placeRows, Row, Widget } from "./grid";

/** The facts that a dashboard is made from. */
export interface DashboardInput {
  stack: string;
  region: string;
  instanceIdentifier: string;
  /** The identifier of the read replica, if there is one. */
  replicaIdentifier?: string;
  /** The log groups of the server and of its read replica. */
  logGroupNames: string[];
  /** The ARNs of all alarms, each of which gets a tile: 100 at most. */
  alarmArns: string[];
  definitions: AlarmDefinition[];
}

/** The body of a dashboard, as CloudWatch wants it. Source: AWS, "Dashboard body structure and syntax". */
export interface DashboardBody {
  /** The start of the graphs when the dashboard is opened, e.g. `-PT3H` for three hours ago. */
  start: string;
  /** `inherit`: a graph keeps the period of its alarm, whatever time range is shown. */
  periodOverride: "inherit";
  widgets: Widget[];
}

const HEIGHT = { heading: 1, graph: 6, log: 7 };
/** The height of the first row: two tiles stand beside each other, and the text of what to do needs some room, too. */
const tilesHeight = ({ alarmArns }: DashboardInput) => Math.max(8, Math.ceil(alarmArns.length / 2) + 2);

/** Builds the dashboard, to be read from top to bottom: is something wrong, what to do, what the server does, what the log tells. */
export function dashboardBody(input: DashboardInput): DashboardBody {
  const rows: Row[] = [
    { height: tilesHeight(input), cells: [tiles(input), whatToDo(input)] },
    ...graphSections(input).flatMap(({ heading, graphs }): Row[] => [
      { height: HEIGHT.heading, cells: [{ width: 24, type: "text", properties: { markdown: `## ${heading}` } }] },
      ...split(graphs).map((some) => ({
        height: HEIGHT.graph,
        cells: some.map((properties) => ({ width: 24 / some.length, type: "metric" as const, properties })),
      })),
    ]),
    { height: HEIGHT.log, cells: [lastErrors(input)] },
  ];
  return { start: "-PT3H", periodOverride: "inherit", widgets: placeRows(rows) };
}

/** Splits items into rows of four at most, none of them much emptier than the others. */
function split<Item>(items: Item[]): Item[][] {
  const rows = Math.ceil(items.length / 4);
  const size = Math.ceil(items.length / rows);
  return Array.from({ length: rows }, (_, row) => items.slice(row * size, (row + 1) * size));
}

function tiles({ alarmArns }: DashboardInput) {
  // The alarms that ring come first.
  const properties = { title: "Alarms", alarms: alarmArns, sortBy: "stateUpdatedTimestamp" as const };
  return { width: 12, type: "alarm" as const, properties };
}

function whatToDo({ stack }: DashboardInput) {
  const environment = stack.slice(stack.lastIndexOf("-") + 1);
  const markdown = [
    `## ${stack}: what to do`,
    "1. **A red tile:** its name is a section of `docs/alarms.md`, which says what it means and what helps.",
    `2. **What happens now:** \`ops/activity blocked --stack ${environment}\`, then \`sessions\`, \`long\`, \`statements\`.`,
    `3. **What is set wrong:** \`ops/check --stack ${environment}\`.`,
    `4. **What happened:** the saved queries \`${stack}/…\` in Logs Insights, see \`docs/investigate.md\`.`,
    "",
    "Nothing is red, but people complain? Begin at 2.",
  ].join("\n");
  return { width: 12, type: "text" as const, properties: { markdown } };
}

function lastErrors({ logGroupNames, region }: DashboardInput) {
  const errors = { name: "errors", question: "", regex: /(ERROR|FATAL|PANIC): / };
  const query = queryString({ ...errors, then: "sort @timestamp desc\n| limit 50" }).replaceAll("\n", " ");
  const properties = {
    title: "Last errors",
    region,
    view: "table" as const,
    query: [...logGroupNames.map((name) => `SOURCE '${name}'`), query].join(" | "),
  };
  return { width: 24, type: "log" as const, properties };
}
