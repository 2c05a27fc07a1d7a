import { isDeepStrictEqual } from "node:util";

/** verify.SuppressEquivalentJSONDiffs: order of keys and white space mean nothing. */
export function sameJson(before: unknown, after: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(before as string), JSON.parse(after as string));
  } catch {
    return false;
  }
}

/** validation.StringIsJSON. */
export function json(name: string): (value: string) => string | undefined {
  return (value) => {
    try {
      JSON.parse(value);
      return undefined;
    } catch (error) {
      return `"${name}" contains an invalid JSON: ${(error as Error).message}`;
    }
  };
}
