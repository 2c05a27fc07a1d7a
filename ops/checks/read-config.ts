import type { CheckConfig } from "../../model/outputs/check";
import { readOutput } from "../shared/stack-output";

/** Reads what the live check has to know. */
export function readCheckConfig(stack: string | undefined): Promise<CheckConfig> {
  return readOutput(stack, "check", async () => (await import("../../model/outputs/check")).checkConfig);
}
