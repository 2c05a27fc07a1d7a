import { setTimeout } from "node:timers/promises";

export const PATIENCE_MS = 10_000;

/** Looks again and again until no session is left. Returns those that are still there when its patience ends. */
export async function waitUntilGone<Left>(look: () => Promise<Left[]>): Promise<Left[]> {
  for (const begun = Date.now(); ; await setTimeout(100)) {
    const left = await look();
    if (left.length === 0 || Date.now() - begun > PATIENCE_MS) {
      return left;
    }
  }
}
