/**
 * The days of the week, as RDS writes them in the windows in which it may work on the database, in UTC.
 * Source: AWS, "Maintaining a DB instance" and "Backup window": each at least 30 minutes, and they must not overlap.
 */
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY = 24 * 60;
const WEEK = 7 * DAY;
const SHORTEST = 30;

/** A window: the minute of the day or week at which it begins, and its length. It may go on past midnight or the week's end. */
interface Span {
  begin: number;
  minutes: number;
}

const clock = (hours = "", minutes = "") => Number(hours) * 60 + Number(minutes);
const TIME = "([01]\\d|2[0-3]):([0-5]\\d)";

/** Parses a daily window, such as "01:00-02:00"; undefined for what is none. */
export function parseBackupWindow(text: string): Span | undefined {
  const match = new RegExp(`^${TIME}-${TIME}$`).exec(text);
  if (!match) {
    return undefined;
  }
  const begin = clock(match[1], match[2]);
  return { begin, minutes: (clock(match[3], match[4]) - begin + DAY) % DAY };
}

/** Parses a weekly window, such as "sun:03:00-sun:04:00"; undefined for what is none. */
export function parseMaintenanceWindow(text: string): Span | undefined {
  const match = new RegExp(`^(${DAYS.join("|")}):${TIME}-(${DAYS.join("|")}):${TIME}$`).exec(text);
  if (!match) {
    return undefined;
  }
  const begin = DAYS.indexOf(match[1] as string) * DAY + clock(match[2], match[3]);
  const end = DAYS.indexOf(match[4] as string) * DAY + clock(match[5], match[6]);
  return { begin, minutes: (end - begin + WEEK) % WEEK };
}

/** Finds what is wrong with one window, if anything. `example` shows how one is written. */
export function findWindowProblem(span: Span | undefined, example: string): string | undefined {
  if (!span) {
    return `is no window that RDS knows; write it as ${example}, in UTC`;
  }
  return span.minutes < SHORTEST ? `is shorter than RDS's minimum of ${SHORTEST} minutes; make it longer` : undefined;
}

/** Whether the daily backup and the weekly maintenance overlap. */
export function overlap(backup: Span, maintenance: Span): boolean {
  const end = maintenance.begin + maintenance.minutes;
  // From the day before the week to the one after it: either window may go on past midnight.
  return Array.from({ length: 9 }, (_, day) => (day - 1) * DAY + backup.begin).some(
    (begin) => begin < end && maintenance.begin < begin + backup.minutes,
  );
}
