import { Statement } from "../../model/aws/account";

/** Statements as IAM reads them, conditions left out: whether they could allow an action on a resource at all. */
const list = (value: string | string[] | undefined) => [value ?? []].flat();

const compiled = new Map<string, RegExp>();

function matches(pattern: string, value: string): boolean {
  const known = compiled.get(pattern) ?? compile(pattern);
  compiled.set(pattern, known);
  return known.test(value);
}

function compile(pattern: string): RegExp {
  const parts = pattern.split(/([*?])/).map((part) => {
    return part === "*" ? "[^]*" : part === "?" ? "[^]" : part.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`);
}

/** `without`: actions that are taken out of the statements before. */
export function allows(statements: Statement[], action: string, resource: string, without: string[] = []): boolean {
  return statements.some(
    ({ Effect, Action, Resource }) =>
      Effect === "Allow" &&
      list(Action)
        .filter((allowed) => !without.includes(allowed))
        .some((allowed) => matches(allowed, action)) &&
      list(Resource).some((allowed) => matches(allowed, resource)),
  );
}

/** Every action that is allowed somewhere, once. */
export function actionsOf(statements: Statement[]): string[] {
  return [
    ...new Set(statements.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action }) => list(Action))),
  ].sort();
}
