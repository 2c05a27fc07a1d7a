import type { ServerParameter } from "../parameters";
import { evaluateFormula } from "../parameters/formula";
import { memoryOf } from "../parameters/instance-memory";

/** The capacity of an instance class, as far as thresholds depend on it. */
export interface Capacity {
  /** The value of max_connections: a number, or the result of its formula with the class's memory. */
  maxConnections: number;
  memoryBytes: number;
  /** Whether the class saves up CPU credits (db.t…). */
  burstable: boolean;
}

export function capacityOf(instanceClass: string, parameters: readonly ServerParameter[]): Capacity {
  const memoryBytes = memoryOf(instanceClass);
  const limit = parameters.find(({ name }) => name === "max_connections")?.value ?? "";
  return {
    maxConnections: Number(evaluateFormula(limit, memoryBytes)),
    memoryBytes,
    burstable: instanceClass.startsWith("db.t"),
  };
}
