import { objectsIn, toList, Value, Values } from "../resource";

/** Statements of policies, as IAM writes them: one member of a list may stand without it. */
export type Statement = Values;

/** The statements of a policy document in a property; none of one that is unknown or is no JSON. */
export function parseStatements(document: Value): Statement[] {
  if (typeof document !== "string") {
    return objectsIn((document as Values | undefined)?.Statement);
  }
  try {
    return objectsIn((JSON.parse(document) as Values).Statement);
  } catch {
    return [];
  }
}

export const toStrings = (value: Value): string[] => toList(value).map(String);

export const allows = ({ Effect }: Statement) => Effect === "Allow";

/** Whether it is about everybody in the world. */
export const isForAnybody = ({ Principal }: Statement) =>
  Principal === "*" || objectsIn(Principal).some((principal) => toStrings(principal.AWS).includes("*"));

/** How a finding calls a statement. */
export const nameStatement = ({ Sid }: Statement) =>
  typeof Sid === "string" && Sid ? `the statement ${Sid}` : "a statement";
