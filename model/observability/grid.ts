/** The widgets of a dashboard, and their places on its grid. */

/** A metric with its dimensions and drawing options, or the options alone for a formula. */
export type MetricRow = (string | MetricOptions)[];

export interface MetricOptions {
  id?: string;
  expression?: string;
  label?: string;
  stat?: string;
  color?: string;
  /** Whether the metric is drawn; hidden, it is only used in formulas. */
  visible?: boolean;
}

export interface Annotation {
  label: string;
  value: number;
  color: string;
  /** The side of the threshold on which the alarm rings. */
  fill?: "above" | "below";
}

export interface Graph {
  title: string;
  region: string;
  view: "timeSeries";
  /** Seconds between two points. */
  period: number;
  metrics: MetricRow[];
  yAxis: { left: { min: number; max?: number; label: string; showUnits: false } };
  legend: { position: "hidden" };
  annotations?: { horizontal: Annotation[] };
  /** The start of the graph, where it differs from the dashboard's. */
  start?: string;
}

export type Content =
  | { type: "alarm"; properties: { title: string; alarms: string[]; sortBy: "stateUpdatedTimestamp" } }
  | { type: "text"; properties: { markdown: string } }
  | { type: "metric"; properties: Graph }
  | { type: "log"; properties: { title: string; region: string; view: "table"; query: string } };

export type Widget = { x: number; y: number; width: number; height: number } & Content;

/** A row of widgets beside each other. */
export interface Row {
  height: number;
  cells: ({ width: number } & Content)[];
}

/** Puts rows below each other on CloudWatch's grid of 24 columns. */
export function placeRows(rows: Row[]): Widget[] {
  let y = 0;
  return rows.flatMap(({ height, cells }) => {
    let x = 0;
    const placed = cells.map((cell): Widget => {
      const widget = { x, y, height, ...cell };
      x += cell.width;
      return widget;
    });
    y += height;
    return placed;
  });
}
