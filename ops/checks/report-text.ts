import { printable } from "../../lib/printable";
import { table, WIDTH } from "../shared/table";
import { CheckResult } from "./finding";
import { findingsOf, Report, summary } from "./report";

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
