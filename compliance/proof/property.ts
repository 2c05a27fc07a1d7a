/** What stands at `path` in a resource's inputs: `a.b`, `list[key=value].b`, `list.*.b` for each member. */
export function valuesAt(inputs: unknown, path: string): unknown[] {
  // A parameter's name has dots of its own.
  const steps = path.match(/[^.[\]]+(\[[^\]]*\])?/g) ?? [];
  return steps.reduce<unknown[]>((values, step) => values.flatMap((value) => descend(value, step)), [inputs]);
}

function descend(value: unknown, step: string): unknown[] {
  const [, property = step, key, wanted] = /^([^[]+)\[([^=]+)=(.*)\]$/.exec(step) ?? [];
  if (step === "*") {
    return Array.isArray(value) ? (value as unknown[]) : [];
  }
  const next = (value as Record<string, unknown> | undefined)?.[property];
  if (key === undefined) {
    return [next];
  }
  const members = Array.isArray(next) ? (next as Record<string, unknown>[]) : [];
  return members.filter((member) => String(member[key]) === wanted);
}
