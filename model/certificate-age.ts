/** Days that a server's certificate has to be good for. RDS renews its certificates long before. */
export const LEAST_CERTIFICATE_DAYS = 30;

const DAY_MS = 86_400_000;

/** Whole days from one moment to another; less than none when it has passed. */
export function daysUntil(end: Date, now: Date): number {
  return Math.floor((end.getTime() - now.getTime()) / DAY_MS);
}
