import Table from "cli-table3";
import { CheckResult } from "./finding";
import { findingsOf, Report, summary } from "./report";

/** Columns of the narrowest terminal that people have. */
const WIDTH = 100;
const PLAIN = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "" },
  ...{ "bottom-right": "", left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " },
};

/** Names come from the database: what would move a terminal's cursor is shown as a question mark. */
// eslint-disable-next-line no-control-regex -- these are what it is about
export const printable = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "?");

function table(widths: number[], rows: string[][]): string {
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

const status = ({ findings, skipped }: CheckResult) =>
  findings.length > 0 ? `${findings.length} found` : skipped === undefined ? "ok" : "in part";

/** For people: each check with a line of its own, and then what was found. */
export function asText(report: Report): string {
  const checks = table(
    [20, 10, WIDTH - 34],
    report.results.map((result) => [
      result.check,
      status(result),
      result.skipped === undefined ? result.title : `${result.title}. Not looked at: ${result.skipped}`,
    ]),
  );
  const findings = findingsOf(report).map(
    ({ check, controls, subject, found, expected, cure }, index) =>
      `${index + 1}. ${printable(subject)}  [${check}]\n` +
      table(
        [11, WIDTH - 16],
        [
          ["found", found],
          ["expected", expected],
          ["cure", cure],
          ["serves", controls.join(", ")],
        ],
      ).replace(/^/gm, "   "),
  );
  return [checks, ...findings, summary(report)].join("\n\n");
}
