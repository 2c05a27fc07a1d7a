/** The fewest days for which a server's certificate must still be valid. RDS renews its certificates long before. */
export const LEAST_CERTIFICATE_DAYS = 30;

const DAY_MS = 86_400_000;

/** The whole days from `now` to `end`; negative when `end` has passed. */
export function daysUntil(end: Date, now: Date): number {
  return Math.floor((end.getTime() - now.getTime()) / DAY_MS);
}
