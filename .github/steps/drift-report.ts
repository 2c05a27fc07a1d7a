import { AWS_CHECKS } from "../../ops/checks/aws";
import { Finding } from "../../ops/checks/finding";
import { code, listed, plain } from "./markdown";
import { nameOf, Step } from "./preview-events";

/** What is not as it should be with one stack. */
export interface Drift {
  stack: string;
  /** What is in AWS no longer as its state has it. */
  changes: Step[];
  /** What the live check has found. */
  findings: Finding[];
  /** Why it could not be looked at, or not at all of it. */
  failures: string[];
}

/** `unknown` wins over `clean` alone: drift that was seen is there, whatever else could not be looked at. */
export type DriftState = "clean" | "drifted" | "unknown";

export function stateOf(drifts: Drift[]): DriftState {
  if (drifts.some(({ changes, findings }) => changes.length + findings.length > 0)) {
    return "drifted";
  }
  return drifts.some(({ failures }) => failures.length > 0) ? "unknown" : "clean";
}

/** What `ops/check --json` says. */
export interface Checked {
  findings: Finding[];
  checks: { check: string; skipped?: string }[];
}

/**
 * In AWS a check is left out when a right is missing, and then nobody knows. (Inside of the database it is what PostgreSQL shows to no
 * login but a superuser's, every night.)
 */
export const ofCheck = ({ findings, checks }: Checked): Pick<Drift, "findings" | "failures"> => ({
  findings,
  failures: checks.flatMap(({ check, skipped }) =>
    skipped !== undefined && AWS_CHECKS.some((title) => title.check === check) ? [`${check}: ${skipped}`] : [],
  ),
});

const changeLine = ({ op, urn, type, paths }: Step) =>
  `${op === "delete" ? "gone" : "changed"} ${code(nameOf(urn))} (${plain(type)})${paths.length > 0 ? `: ${paths.map(code).join(", ")}` : ""}`;

const findingLine = ({ check, subject, found, expected, cure }: Finding) =>
  `${code(check)} ${plain(subject)}: found ${plain(found)}, expected ${plain(expected)}. Cure: ${plain(cure)}`;

function section({ stack, changes, findings, failures }: Drift): string[] {
  const part = (title: string, lines: string[]) => (lines.length > 0 ? [`${title}\n\n${listed(lines)}`] : []);
  const parts = [
    ...part(
      "Not as the last update has left it (`pulumi refresh --preview-only --run-program --diff` shows how):",
      changes.map(changeLine),
    ),
    ...part("The live check found (`ops/check` shows it):", findings.map(findingLine)),
    ...part("It could not be looked at:", failures.map(plain)),
  ];
  return [`#### ${code(stack)}`, ...(parts.length > 0 ? parts : ["As it should be."])];
}

/** What the issue says. Values of properties are not in it. */
export function driftReport(drifts: Drift[]): string {
  return drifts.flatMap(section).join("\n\n");
}
