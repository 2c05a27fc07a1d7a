/** What is wrong with a value, in the words of the Terraform SDK (helper/validation); undefined when nothing is. */
type Validation<Value> = (value: Value) => string | undefined;

/** validation.IntBetween. */
export function between(name: string, least: number, most: number): Validation<number> {
  return (value) =>
    value < least || value > most
      ? `expected ${name} to be in the range (${least} - ${most}), got ${value}`
      : undefined;
}

/** validation.IntAtLeast. */
export function atLeast(name: string, least: number): Validation<number> {
  return (value) => (value < least ? `expected ${name} to be at least (${least}), got ${value}` : undefined);
}

/** validation.StringInSlice, and enum.Validate. */
export function oneOf(name: string, ...allowed: string[]): Validation<string> {
  return (value) =>
    allowed.includes(value) ? undefined : `expected ${name} to be one of ["${allowed.join('" "')}"], got ${value}`;
}

/** validation.StringLenBetween, and validation.StringMatch when there is a pattern. */
export function text(name: string, least: number, most: number, allowed?: RegExp): Validation<string> {
  return (value) => {
    if (value.length < least || value.length > most) {
      return `expected length of ${name} to be in the range (${least} - ${most}), got ${value}`;
    }
    return allowed?.test(value) === false
      ? `invalid value for ${name} (expected value to match regular expression ${allowed})`
      : undefined;
  };
}

/** Of several findings the first, where each property of a block has rules of its own. */
export function first(...findings: (string | undefined)[]): string | undefined {
  return findings.find((finding) => finding !== undefined);
}

/** A validation of what may be absent. */
export function ifSet<Value>(validation: Validation<Value>): (value: unknown) => string | undefined {
  return (value) => (value === undefined ? undefined : validation(value as Value));
}
