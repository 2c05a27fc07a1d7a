/** Evaluates one term: `{DBInstanceClassMemory*3/32768}` or a plain number. NaN for anything else. */
function term(text: string, memoryBytes: number): number {
  const product = /^\{DBInstanceClassMemory((?:[*/]\d+)*)\}$/.exec(text)?.[1];
  if (product === undefined) {
    return Number(text);
  }
  const factors = product.match(/[*/]\d+/g) ?? [];
  return factors.reduce((value, factor) => {
    const by = Number(factor.slice(1));
    return factor.startsWith("*") ? value * by : value / by;
  }, memoryBytes);
}

/**
 * Evaluates a formula of RDS, such as `{DBInstanceClassMemory/32768}`, alone or inside LEAST, GREATEST and SUM, for an instance with
 * this memory. A value that is no formula is returned as it is.
 */
export function evaluateFormula(value: string, memoryBytes: number): string {
  const compact = value.replaceAll(" ", "");
  const [, name, inside] = /^(LEAST|GREATEST|SUM)\((.*)\)$/.exec(compact) ?? [];
  if (!name && !compact.startsWith("{DBInstanceClassMemory")) {
    return value;
  }
  const terms = (inside ?? compact).split(",").map((text) => term(text, memoryBytes));
  const sum = terms.reduce((total, number) => total + number, 0);
  const result = name === "LEAST" ? Math.min(...terms) : name === "GREATEST" ? Math.max(...terms) : sum;
  return Number.isNaN(result) ? value : String(Math.floor(result));
}
