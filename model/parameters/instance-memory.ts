/** GiB of memory for each size of the general-purpose families (t, m), by AWS's table. */
const SIZES: Record<string, number> = { micro: 1, small: 2, medium: 4, large: 8, xlarge: 16 };

/** How many times that memory the other families have; the more specific patterns come first. */
const FAMILIES: [beginning: RegExp, factor: number][] = [
  [/^(x2iedn|x1e)/, 8],
  [/^x/, 4],
  [/^[rz]/, 2],
  [/^[tm]/, 1],
  [/^c/, 0.5],
];
const GIB = 1024 ** 3;

/**
 * The memory of an RDS instance class in bytes, for the formulas in parameter groups and for alarms (RDS: "DB instance classes").
 *
 * @throws Error for a class that it does not know
 */
export function memoryOf(instanceClass: string): number {
  const [, family = "", size = ""] = /^db\.([a-z][a-z0-9-]*)\.(\w+)$/.exec(instanceClass) ?? [];
  const multiple = /^(\d+)xlarge$/.exec(size)?.[1];
  const gib = multiple ? Number(SIZES.xlarge) * Number(multiple) : SIZES[size];
  const factor = FAMILIES.find(([beginning]) => beginning.test(family))?.[1];
  if (gib === undefined || factor === undefined) {
    throw new Error(`Invalid DB Instance class: ${instanceClass}`);
  }
  return gib * factor * GIB;
}

/** Whether {@link memoryOf} knows the class. */
export function isKnownClass(instanceClass: string): boolean {
  try {
    return memoryOf(instanceClass) > 0;
  } catch {
    return false;
  }
}
