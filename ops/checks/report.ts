import { CheckResult, Finding } from "./finding";
import { MatrixCell } from "./database/access";

/** All that one run has seen. */
export interface Report {
  stack: string;
  database: string;
  /** When it was looked at. */
  at: Date;
  seconds: number;
  results: CheckResult[];
  matrix: MatrixCell[];
}

export function findingsOf({ results }: Pick<Report, "results">): Finding[] {
  return results.flatMap(({ findings }) => findings);
}

/** One line that tells it all. */
export function summary(report: Report): string {
  const { results, stack, seconds } = report;
  const findings = findingsOf(report).length;
  const skipped = results.filter((result) => result.skipped !== undefined).length;
  const passed = results.filter((result) => result.findings.length === 0 && result.skipped === undefined).length;
  return (
    `${stack}: ${findings === 0 ? "no finding" : findings === 1 ? "1 finding" : `${findings} findings`}; ` +
    `${passed} of ${results.length} checks passed${skipped > 0 ? `, ${skipped} could not be made in full` : ""}. ${seconds.toFixed(1)} s`
  );
}

/** For programs: the same keys in every run. */
export function asJson(report: Report) {
  return {
    result: findingsOf(report).length === 0 ? "clean" : "findings",
    database: report.database,
    at: report.at.toISOString(),
    seconds: report.seconds,
    checks: report.results.map(({ check, title, controls, findings, skipped }) => ({
      check,
      title,
      controls,
      status: findings.length > 0 ? "findings" : skipped === undefined ? "passed" : "skipped",
      ...(skipped !== undefined && { skipped }),
    })),
    findings: findingsOf(report),
  };
}
