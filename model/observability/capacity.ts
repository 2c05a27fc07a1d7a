import type { ServerParameter } from "../parameters";
import { evaluateFormula } from "../parameters/formula";
import { memoryOf } from "../parameters/instance-memory";

/** What an instance class has, as far as thresholds hang on it. */
export interface Capacity {
  /** max_connections: the settings' number, or what its formula comes to with the class's memory. */
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
