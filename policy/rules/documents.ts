import { blocks, list, Value, Values } from "../resource";

/** Statements of policies, as IAM writes them: one member of a list may stand without it. */
export type Statement = Values;

/** The statements of a policy document in a property; none of one that is unknown or is no JSON. */
export function statements(document: Value): Statement[] {
  if (typeof document !== "string") {
    return blocks((document as Values | undefined)?.Statement);
  }
  try {
    return blocks((JSON.parse(document) as Values).Statement);
  } catch {
    return [];
  }
}

export const strings = (value: Value): string[] => list(value).map(String);

export const allows = ({ Effect }: Statement) => Effect === "Allow";

/** Whether it is about everybody in the world. */
export const isAnybody = ({ Principal }: Statement) =>
  Principal === "*" || blocks(Principal).some((principal) => strings(principal.AWS).includes("*"));

/** How a finding calls a statement. */
export const called = ({ Sid }: Statement) => (typeof Sid === "string" && Sid ? `the statement ${Sid}` : "a statement");
