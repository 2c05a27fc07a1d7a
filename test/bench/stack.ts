import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { ROOT } from "../../platform/shared/paths";

/** A platform of its own: measuring leaves the stack of `make up` alone. */
export const DIR = path.join(ROOT, ".local", "bench");

/** The settings of `make up`, with this platform's certificate authority. */
export function config(): Record<string, unknown> {
  const text = readFileSync(path.join(ROOT, "Pulumi.local.yaml"), "utf8");
  return (parse(text.replaceAll(".local/run/", ".local/bench/")) as { config: Record<string, unknown> }).config;
}
