/** What a dashboard is made of, and where it is. */

/** A metric with its dimensions and how it is drawn, or a formula alone. */
export type MetricRow = (string | MetricOptions)[];

export interface MetricOptions {
  id?: string;
  expression?: string;
  label?: string;
  stat?: string;
  color?: string;
  /** Whether it is drawn, or only counted with. */
  visible?: boolean;
}

export interface Annotation {
  label: string;
  value: number;
  color: string;
  /** The side that is too much or too little. */
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
  /** How far back, where it is not what the dashboard says. */
  start?: string;
}

export type Content =
  | { type: "alarm"; properties: { title: string; alarms: string[]; sortBy: "stateUpdatedTimestamp" } }
  | { type: "text"; properties: { markdown: string } }
  | { type: "metric"; properties: Graph }
  | { type: "log"; properties: { title: string; region: string; view: "table"; query: string } };

export type Widget = { x: number; y: number; width: number; height: number } & Content;

/** Widgets beside each other. */
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
