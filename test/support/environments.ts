import { readFileSync } from "node:fs";
import path from "node:path";
import { runtime } from "@pulumi/pulumi";
import { parse } from "yaml";
import { ROOT } from "../../platform/shared/paths";
import { record, Registered } from "./mocks";

function configIn(environment: string): Record<string, unknown> {
  const file = readFileSync(path.join(ROOT, `Pulumi.${environment}.yaml`), "utf8");
  return (parse(file) as { config: Record<string, unknown> }).config;
}

/** The settings that stand in a stack's file, without the project's prefix. */
export function environmentSettings(environment: string): Record<string, Record<string, unknown>> {
  const entries = Object.entries(configIn(environment)).filter(([key]) => key.startsWith("markenmate:"));
  return Object.fromEntries(entries.map(([key, value]) => [key.slice("markenmate:".length), value])) as never;
}

/** The configuration that stands in a stack's file, as the engine hands it to the program. */
export function configOf(environment: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(configIn(environment)).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

/**
 * Everything that the whole program registers as that stack, with `config` or what stands in the stack's file: a new one, or one that
 * the update before has left with these `outputs`.
 */
export async function registeredBy(
  environment: string,
  config = configOf(environment),
  outputs: object = {},
): Promise<Registered[]> {
  runtime.setAllConfig(config);
  const { default: program } = (await import("../../index")) as { default: () => Promise<unknown> };
  // A preview: an update would open the way in to the database.
  return record(program, { stack: environment, preview: true, outputs });
}
