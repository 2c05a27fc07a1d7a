import { readFileSync } from "node:fs";
import path from "node:path";

/** The Go module that holds the CLI. */
export const MODULE = "github.com/pulumi/pulumi/pkg/v3";

/** The version of the CLI in go.mod, which both ways to get it follow. */
export function pinnedVersion(): string {
  const goMod = readFileSync(path.join(__dirname, "go.mod"), "utf8");
  const version = new RegExp(`${MODULE} v(\\S+)`).exec(goMod)?.[1];
  if (!version) {
    throw new Error(`platform/engine/go.mod names no version of ${MODULE}`);
  }
  return version;
}

/** Compares dotted numbers: whether `version` is `oldest` or newer. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [mine, least] = [version, oldest].map((text) => text.split(/[.-]/).slice(0, 3).map(Number));
  for (const [index, wanted] of (least ?? []).entries()) {
    const had = mine?.[index] ?? 0;
    if (had !== wanted) {
      return had > wanted;
    }
  }
  return true;
}
