import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { parseSettings, Settings } from "../../model/settings";

/** The settings that stand in an environment's file. */
export function settingsOf(environment: string): Settings {
  const file = readFileSync(path.join(__dirname, "../..", `Pulumi.${environment}.yaml`), "utf8");
  const { config } = parse(file) as { config: Record<string, unknown> };
  const own = Object.entries(config).filter(([key]) => key.startsWith("markenmate:"));
  return parseSettings(
    environment,
    Object.fromEntries(own.map(([key, value]) => [key.replace("markenmate:", ""), value])),
  );
}
