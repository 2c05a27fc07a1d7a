import Table from "cli-table3";

/** Columns of the narrowest terminal that people have. */
export const WIDTH = 100;

const PLAIN = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "" },
  ...{ "bottom-right": "", left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " },
};

/**
 * Names, statements and applications come from the database, and whoever connects chooses some of them: what would move a terminal's
 * cursor, or turn the direction of writing, is shown as a question mark.
 */
export const printable = (text: string) =>
  // eslint-disable-next-line no-control-regex -- these are what it is about
  text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "?");

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
