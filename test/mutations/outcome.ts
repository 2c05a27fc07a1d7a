/** The parts of vitest's JSON report that are read. */
export interface Report {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
}

export type Outcome =
  /** `by` is the first test that failed. */
  | { kind: "found"; by: string }
  | { kind: "passed" }
  /** The tests themselves could not be run, so that nothing can be said. */
  | { kind: "broken"; why: string };

/** Says what a run of tests came to. A file that fails before it has any test proves nothing. */
export function outcomeOf(exitCode: number | null, report: Report | undefined): Outcome {
  const files = report?.testResults ?? [];
  const empty = files.find(({ assertionResults }) => assertionResults.length === 0);
  if (files.length === 0 || empty) {
    return {
      kind: "broken",
      why: empty ? `${empty.name}: no test was collected: ${empty.message}` : "no test was run",
    };
  }
  const failed = files.find(({ status }) => status === "failed");
  if (failed) {
    const test = failed.assertionResults.find(({ status }) => status === "failed");
    return { kind: "found", by: test?.fullName ?? "what comes before the tests" };
  }
  return exitCode === 0 ? { kind: "passed" } : { kind: "broken", why: `the run ended with exit code ${exitCode}` };
}
