import { dashboardBody } from "../../model/observability/dashboard";
import { Annotation, Graph, Widget } from "../../model/observability/grid";
import { LINES, SAMPLE, SERIES } from "./dashboard-sample";

/** Draws the dashboard as CloudWatch would, of made-up values: docs/dashboard.svg, which `make docs` writes. */

const COLUMN = 40;
const ROW = 27;
const GAP = 4;
const INK = { text: "#16191f", faint: "#545b64", grid: "#e3e6ea", frame: "#c9ced4", red: "#d13212", green: "#1d8102" };
/** How wide a letter is, for breaking lines: of the size. */
const LETTER = 0.54;
const MONO = 0.61;

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const escape = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const round = (value: number) => String(Math.round(value * 10) / 10);

function text(x: number, y: number, content: string, look: Record<string, string | number> = {}): string {
  const attributes = Object.entries(look).map(([name, value]) => ` ${name}="${value}"`);
  return `<text x="${round(x)}" y="${round(y)}"${attributes.join("")}>${escape(content)}</text>`;
}

function rectangle({ x, y, width, height }: Box, look: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" ${look}/>`;
}

const title = ({ x, y }: Box, content: string) =>
  text(x + 12, y + 20, content, { "font-size": 14, "font-weight": 600 });

/** A word and how it looks. */
type Word = { word: string; look: "" | "bold" | "code" };

/** Markdown's **bold** and `code`, word by word. */
function words(line: string): Word[] {
  return line.split(/(\*\*.*?\*\*|`.*?`)/).flatMap((part): Word[] => {
    const look = part.startsWith("**") ? "bold" : part.startsWith("`") ? "code" : "";
    const plain = part.replace(/^(\*\*|`)|(\*\*|`)$/g, "");
    const broken = look === "code" ? [plain] : plain.split(/(?<= )/);
    return broken.filter((word) => word !== "").map((word) => ({ word, look }));
  });
}

const SPANS = { "": "", bold: ' font-weight="600"', code: ' font-family="ui-monospace, monospace" font-size="11.5"' };

function paragraph(line: string, box: Box, y: number): { drawn: string; next: number } {
  const size = 12.5;
  const lines: Word[][] = [[]];
  let used = 0;
  for (const one of words(line)) {
    const width = one.word.length * size * (one.look === "code" ? MONO * 0.94 : LETTER);
    // A full stop stays with its word.
    if (used + width > box.width - 30 && !/^[.,)]/.test(one.word)) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)?.push(one);
    used += width;
  }
  const indent = /^\d\. /.test(line) ? 15 : 0;
  const drawn = lines.map((some, index) => {
    const spans = some.map(({ word, look }) => `<tspan${SPANS[look]}>${escape(word)}</tspan>`).join("");
    const x = box.x + 12 + (index > 0 ? indent : 0);
    return `<text xml:space="preserve" x="${round(x)}" y="${round(y + index * 17)}" font-size="${size}">${spans}</text>`;
  });
  return { drawn: drawn.join(""), next: y + lines.length * 17 + 3 };
}

function drawText(box: Box, markdown: string): string {
  const [head = "", ...rest] = markdown.split("\n");
  if (rest.length === 0) {
    return text(box.x + 2, box.y + 19, head.replace("## ", ""), { "font-size": 16, "font-weight": 600 });
  }
  let y = box.y + 42;
  const drawn = rest.map((line) => {
    const { drawn: some, next } = line === "" ? { drawn: "", next: y + 6 } : paragraph(line, box, y);
    y = next;
    return some;
  });
  return [frame(box), title(box, head.replace("## ", "")), ...drawn].join("\n");
}

const frame = (box: Box) => rectangle(box, `rx="5" fill="#fff" stroke="${INK.frame}"`);

/** Whether the last value is beyond the limit. */
function rings({ title: name, annotations }: Graph): boolean {
  const [limit] = annotations?.horizontal ?? [];
  const last = seriesOf(name).at(-1) ?? 0;
  return limit !== undefined && (limit.label.startsWith("alarm above") ? last > limit.value : last < limit.value);
}

function seriesOf(name: string): number[] {
  const series = SERIES[name];
  if (!series) {
    throw new Error(`tools/docs/dashboard-sample.ts has no values for "${name}"`);
  }
  return series;
}

function drawTiles(box: Box, arns: string[], ringing: Set<string>): string {
  const columns = 2;
  const rows = Math.ceil(arns.length / columns);
  const [width, height] = [(box.width - 16) / columns, (box.height - 36) / rows];
  const names = arns.map((arn) => arn.split(":alarm:")[1] ?? arn);
  // As sortBy says: those that ring first.
  const sorted = [...names.filter((name) => ringing.has(name)), ...names.filter((name) => !ringing.has(name))];
  const drawn = sorted.map((name, index) => {
    const [x, y] = [box.x + 8 + (index % columns) * width, box.y + 30 + Math.floor(index / columns) * height];
    const tile = { x: x + 3, y: y + 2, width: width - 6, height: height - 5 };
    const red = ringing.has(name);
    const [fill, ink, state] = red ? [INK.red, "#fff", "ALARM"] : ["#e9f3e6", INK.green, "OK"];
    const look = { "font-size": 11.5, fill: red ? "#fff" : INK.text };
    const middle = tile.y + tile.height / 2;
    return [
      rectangle(tile, `rx="4" fill="${fill}"`),
      text(tile.x + 8, middle - 2, name, { ...look, "font-weight": red ? 600 : 400 }),
      text(tile.x + 8, middle + 11, state, { "font-size": 11, "font-weight": 600, fill: ink }),
    ].join("");
  });
  return [frame(box), title(box, "Alarms"), ...drawn].join("\n");
}

/** Where an axis ends, and how far its lines are apart. */
function scale(most: number): { end: number; step: number } {
  const rough = Math.max(most, 1) / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((one) => one >= rough) ?? rough;
  const whole = Math.max(most, 1) > 4 ? step : Math.max(step, 0.5);
  return { end: Math.ceil(Math.max(most, 1) / whole) * whole, step: whole };
}

const TIMES: Record<string, string[]> = {
  "-PT3H": ["00:00", "01:00", "02:00", "03:00"],
  "-P7D": ["7 days ago", "", "", "now"],
};

function drawGraph(box: Box, graph: Graph, start: string): string {
  const { left } = graph.yAxis;
  const values = seriesOf(graph.title);
  const [limit] = graph.annotations?.horizontal ?? [];
  const { end, step } = scale(left.max ?? Math.max(...values, (limit?.value ?? 0) * 1.1));
  const plot = { x: box.x + 40, y: box.y + 50, width: box.width - 58, height: box.height - 76 };
  const up = (value: number) => plot.y + plot.height * (1 - Math.min(value, end) / end);
  const along = (index: number) => plot.x + (plot.width * index) / (values.length - 1);
  const faint = { "font-size": 11, fill: INK.faint };
  const levels = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  const last = values.at(-1) ?? 0;
  const now = rings(graph) ? INK.red : "#1f77b4";
  return [
    frame(box),
    title(box, graph.title),
    text(box.x + 12, box.y + 36, left.label, faint),
    ...levels.map((level) => {
      const line = `<path d="M${round(plot.x)} ${round(up(level))}h${round(plot.width)}" stroke="${INK.grid}"/>`;
      return (
        line +
        text(plot.x - 5, up(level) + 4, String(Math.round(level * 100) / 100), { ...faint, "text-anchor": "end" })
      );
    }),
    ...(TIMES[start] ?? []).map((time, index, all) => {
      const anchor = index === 0 ? "start" : index === all.length - 1 ? "end" : "middle";
      const x = plot.x + (plot.width * index) / (all.length - 1);
      return text(x, plot.y + plot.height + 16, time, { ...faint, "text-anchor": anchor });
    }),
    limit ? drawLimit(limit, plot, up) : "",
    `<polyline points="${values.map((value, index) => `${round(along(index))},${round(up(value))}`).join(" ")}" fill="none" stroke="#1f77b4" stroke-width="2"/>`,
    `<circle cx="${round(along(values.length - 1))}" cy="${round(up(last))}" r="3.5" fill="${now}"/>`,
    text(box.x + box.width - 12, box.y + 20, `now ${round(last)}`, {
      ...{ "font-size": 12.5, "font-weight": 600, fill: now, "text-anchor": "end" },
    }),
  ].join("\n");
}

function drawLimit({ label, value, color, fill }: Annotation, plot: Box, up: (value: number) => number): string {
  const y = up(value);
  const area = fill === "above" ? { ...plot, height: y - plot.y } : { ...plot, y, height: plot.y + plot.height - y };
  return [
    fill ? rectangle(area, `fill="${color}" fill-opacity="0.08"`) : "",
    `<path d="M${round(plot.x)} ${round(y)}h${round(plot.width)}" stroke="${color}" stroke-width="1.5" stroke-dasharray="5 3"/>`,
    text(plot.x + 4, y - 5, label, { "font-size": 11, "font-weight": 600, fill: color }),
  ].join("");
}

function drawLog(box: Box, name: string): string {
  const rows = [["@timestamp", "@message"], ...LINES];
  const drawn = rows.map(([time = "", line = ""], index) => {
    const y = box.y + 42 + index * 24;
    const look = {
      "font-size": 12,
      ...(index === 0 ? { "font-weight": 600 } : { "font-family": "ui-monospace, monospace" }),
    };
    const rule = `<path d="M${round(box.x + 12)} ${round(y + 7)}h${round(box.width - 24)}" stroke="${INK.grid}"/>`;
    return text(box.x + 12, y, time, look) + text(box.x + 110, y, line, look) + rule;
  });
  return [frame(box), title(box, name), ...drawn].join("\n");
}

function draw(widget: Widget, start: string, ringing: Set<string>): string {
  const { x, y, width, height } = widget;
  const box = {
    ...{ x: x * COLUMN + GAP, y: y * ROW + GAP },
    ...{ width: width * COLUMN - 2 * GAP, height: height * ROW - 2 * GAP },
  };
  switch (widget.type) {
    case "text":
      return drawText(box, widget.properties.markdown);
    case "alarm":
      return drawTiles(box, widget.properties.alarms, ringing);
    case "metric":
      return drawGraph(box, widget.properties, widget.properties.start ?? start);
    case "log":
      return drawLog(box, widget.properties.title);
  }
}

export function dashboardPicture(): string {
  const { widgets, start } = dashboardBody(SAMPLE);
  // An alarm is known by what it measures: its graph is that of the same title when it is drawn alone.
  const ringing = SAMPLE.definitions.filter((one) => {
    const alone = dashboardBody({ ...SAMPLE, definitions: [one] }).widgets;
    return alone.some(
      (widget) => widget.type === "metric" && widget.properties.annotations && rings(widget.properties),
    );
  });
  const names = new Set(ringing.map(({ name }) => `${SAMPLE.stack}-${name}`));
  const height = Math.max(...widgets.map((widget) => widget.y + widget.height)) * ROW;
  const size = `viewBox="0 0 ${24 * COLUMN} ${height}" width="${24 * COLUMN}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="system-ui, sans-serif" fill="${INK.text}" role="img" aria-label="The dashboard of ${SAMPLE.stack}: alarms, what to do, graphs with their limits, the last errors; of made-up values">`,
    `<rect width="100%" height="100%" fill="#f4f5f7"/>`,
    ...widgets.map((widget) => draw(widget, start, names)),
    "</svg>",
    "",
  ].join("\n");
}
