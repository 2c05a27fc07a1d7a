import Table from "cli-table3";
import { printable } from "../../lib/printable";

/** Columns of the narrowest terminal that people have. */
export const WIDTH = 100;

const PLAIN = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "" },
  ...{ "bottom-right": "", left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " },
};

/** Rows in columns, without lines between them; `widths` are the columns' own, and what is longer goes on below. */
export function table(widths: number[], rows: string[][]): string {
  const made = new Table({
    chars: PLAIN,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    colWidths: widths,
    wordWrap: true,
    wrapOnWordBoundary: true,
  });
  made.push(...rows.map((row) => row.map(printable)));
  return made
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
