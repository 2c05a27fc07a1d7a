import { say } from "./command";

const INTERVAL_MS = 5_000;
const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** `1.4 GiB`. */
export function bytes(count: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(count, 1)) / 10), UNITS.length - 1);
  const value = count / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}

/** Says every few seconds how far something has come, while it lasts. */
export async function withProgress<Result>(status: () => string, work: () => Promise<Result>): Promise<Result> {
  const timer = setInterval(() => say(status()), INTERVAL_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
