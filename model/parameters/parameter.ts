/** One server setting, as data. */
export interface ServerParameter {
  name: string;
  /** Text, in `unit`, or a formula of RDS over the memory of the instance class. */
  value: string;
  /** The parameter's own unit in pg_settings, which is what RDS wants; none for names and switches. */
  unit?: "ms" | "kB" | "8 kB pages" | "bytes";
  /** `dynamic` takes effect at once, `static` with the next restart (RDS: ApplyMethod immediate or pending-reboot). */
  apply: "dynamic" | "static";
  /** What it is for, and where it differs from the guide. */
  why: string;
  /** Controls and sections of the guide that it serves. */
  controls: string[];
  /** What an environment may set instead; without it PostgreSQL alone decides. */
  allowed?: { min?: number; max?: number; values?: string[] };
  /** A protection: prod takes no other value. */
  fixedInProd?: boolean;
}

export const ON_OFF = { values: ["0", "1"] };
