/** One server parameter, as data. */
export interface ServerParameter {
  name: string;
  /** The value as text: in `unit`, or a formula of RDS over the memory of the instance class. */
  value: string;
  /** The parameter's own unit in pg_settings, which is what RDS wants; none for names and switches. */
  unit?: "ms" | "kB" | "8 kB pages" | "bytes";
  /** `dynamic` takes effect at once, `static` with the next restart (RDS: ApplyMethod immediate or pending-reboot). */
  apply: "dynamic" | "static";
  /** What the value is for, and why it differs from the guide if it does. */
  why: string;
  /** The controls and sections of the guide that it serves. */
  controls: string[];
  /** The values that an environment may set instead; without it PostgreSQL alone decides. */
  allowed?: { min?: number; max?: number; values?: string[] };
  /** Whether it is a protection for which prod takes no other value. */
  fixedInProd?: boolean;
}

/** The two values of a switch, as RDS writes them. */
export const ON_OFF = { values: ["0", "1"] };
