/** GiB of memory by the size in the class's name: the general (t, m) and the memory (r, x) families of AWS's table. */
const SIZES: Record<string, [general: number, memory: number]> = {
  micro: [1, 1],
  small: [2, 2],
  medium: [4, 8],
  large: [8, 16],
  xlarge: [16, 32],
};
const GIB = 1024 ** 3;

/** Memory of an RDS instance class in bytes, for the formulas in parameter groups and for alarms (RDS: "DB instance classes"). Throws for a class it cannot read. */
export function memoryOf(instanceClass: string): number {
  const [, family, size] = /^db\.([a-z])[a-z0-9-]*\.(\w+)$/.exec(instanceClass) ?? [];
  const multiple = /^(\d+)xlarge$/.exec(size ?? "");
  const column = family === "r" || family === "x" ? 1 : 0;
  const gib = multiple ? (SIZES.xlarge?.[column] ?? 0) * Number(multiple[1]) : SIZES[size ?? ""]?.[column];
  if (!family || gib === undefined) {
    throw new Error(`Invalid DB Instance class: ${instanceClass}`);
  }
  return gib * GIB;
}
