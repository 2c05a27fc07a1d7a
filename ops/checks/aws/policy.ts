import { Problem } from "../finding";
import { UPDATE } from "./wishes";

interface Statement {
  Sid?: string;
  Effect: string;
  Principal?: string | Record<string, string | string[]>;
  Action?: string | string[];
  Condition?: Record<string, Record<string, unknown>>;
}

function statements(policy: string): Statement[] {
  const { Statement: list = [] } = JSON.parse(policy || "{}") as { Statement?: Statement | Statement[] };
  return Array.isArray(list) ? list : [list];
}

function forEverybody({ Principal }: Statement): boolean {
  const principals = typeof Principal === "string" ? [Principal] : Object.values(Principal ?? {}).flat();
  return principals.includes("*");
}

/** Conditions that keep a statement for everybody within an account or an organisation (IAM: "public" as S3 and Access Analyzer define it). */
const NARROWING = [
  "aws:sourceaccount",
  "aws:principalaccount",
  "aws:sourcearn",
  "aws:principalarn",
  "aws:principalorgid",
  "kms:calleraccount",
  "kms:viaservice",
  "aws:sourceowner",
];

/** What a policy lets everybody do, in words. */
export function openStatements(policy: string): string[] {
  return statements(policy)
    .filter((statement) => statement.Effect === "Allow" && forEverybody(statement))
    .filter(({ Condition = {} }) => {
      const keys = Object.values(Condition).flatMap((condition) => Object.keys(condition));
      return !keys.some((key) => NARROWING.includes(key.toLowerCase()));
    })
    .map(({ Sid }) => `the statement ${Sid ?? "without a name"} lets everybody in`);
}

/** A policy that lets everybody in is a problem, one for each statement that does. */
export function openToEverybody(subject: string, policy: string): Problem[] {
  return openStatements(policy).map((found) => ({
    subject: `${subject}: policy`,
    found,
    expected: "no statement that lets everybody in",
    cure: UPDATE,
  }));
}

/** Whether a policy refuses what comes without TLS. */
export function refusesPlain(policy: string): boolean {
  return statements(policy).some(
    (statement) =>
      statement.Effect === "Deny" &&
      forEverybody(statement) &&
      Object.values(statement.Condition ?? {}).some(
        (condition) => String(condition["aws:SecureTransport"]) === "false",
      ),
  );
}

/** Whether a policy refuses an action to somebody at least, whatever IAM policies say. */
export function refusesSomebody(policy: string, action: string): boolean {
  return statements(policy).some(
    (statement) =>
      statement.Effect === "Deny" && forEverybody(statement) && [statement.Action ?? []].flat().includes(action),
  );
}
