import { Problem } from "../finding";

interface Wish {
  subject: string;
  found: string | number | boolean | undefined;
  expected: string | number | boolean;
  cure?: string;
}

/** What the stack has made, the stack makes right. */
export const UPDATE = "pulumi up --refresh";

/** The wishes that did not come true. */
export function unfulfilled(wishes: Wish[]): Problem[] {
  return wishes
    .filter(({ found, expected }) => found !== expected)
    .map(({ subject, found, expected, cure = UPDATE }) => ({
      subject,
      found: String(found ?? "nothing"),
      expected: String(expected),
      cure,
    }));
}
