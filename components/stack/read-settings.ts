import { runtime } from "@pulumi/pulumi";
import { parseSettings, Settings } from "../../model/settings";

/** Reads and checks the configuration of the stack that is being run. */
export function readSettings(project: string, stack: string): Settings {
  const raw: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(runtime.allConfig())) {
    if (key.startsWith(`${project}:`)) {
      raw[key.slice(project.length + 1)] = parseValue(value);
    }
  }
  return parseSettings(stack, raw);
}

/** Objects, lists, numbers and switches arrive as JSON, strings as they are. */
function parseValue(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
