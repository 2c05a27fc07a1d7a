/** Something that is not as it should be. */
export interface Finding {
  /** Which check found it, e.g. `grants`, `bucket`. */
  check: string;
  /** Ids of controls and sections of the guide, e.g. "CIS 4.5", "guide: Permission Verification". */
  controls: readonly string[];
  /** What it is about: a role, a table, a parameter, a bucket. */
  subject: string;
  found: string;
  expected: string;
  /** What a person does about it: a statement or a command that can be copied, or a page of the docs. */
  cure: string;
}

/** What a check is, as the documentation lists it. */
export interface CheckTitle {
  check: string;
  /** What holds when it finds nothing. */
  title: string;
  controls: readonly string[];
}

/** What a check comes to. */
export interface CheckResult extends CheckTitle {
  findings: Finding[];
  /** Why it could not be made. It is shown, and is no finding; it did not pass either. */
  skipped?: string;
}

/** What a check says of one subject; which check it is, and what it serves, is added. */
export type Problem = Omit<Finding, "check" | "controls">;

export function result(title: CheckTitle, problems: Problem[], skipped?: string): CheckResult {
  const { check, controls } = title;
  return {
    ...title,
    findings: problems.map((problem) => ({ check, controls, ...problem })),
    ...(skipped !== undefined && { skipped }),
  };
}
