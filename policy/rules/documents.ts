import { objectsIn, toList, Value, Values } from "../resource";

/** A statement of an IAM policy, in which a list of one may be written without the list. */
export type Statement = Values;

/** Parses the statements of a policy document; none when it is unknown or no JSON. */
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

/** Whether a statement is about everybody in the world. */
export const isForAnybody = ({ Principal }: Statement) =>
  Principal === "*" || objectsIn(Principal).some((principal) => toStrings(principal.AWS).includes("*"));

/** Names a statement for a finding. */
export const nameStatement = ({ Sid }: Statement) =>
  typeof Sid === "string" && Sid ? `the statement ${Sid}` : "a statement";
