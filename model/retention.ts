import { OLD_VERSION_DAYS } from "./policies/backups";
import type { Settings } from "./settings";

/** One place where personal data can be, and how long they stay there in each environment. */
export interface Retention {
  where: string;
  what: string;
  /** The keys that decide. */
  setting: string;
  dev: string;
  prod: string;
}

const days = (count: number) => `${count} days`;

const PLACES: [where: string, what: string, setting: string, howLong: (settings: Settings) => string][] = [
  ["the database", "all", "", () => "until the application deletes them"],
  [
    "RDS's snapshots and logs of changes",
    "all",
    "`database.backupRetentionDays`",
    ({ database }) => days(database.backupRetentionDays),
  ],
  [
    "the final snapshot",
    "all",
    "`database.finalSnapshot`",
    ({ database }) => (database.finalSnapshot ? "until somebody deletes it" : "there is none"),
  ],
  [
    "the daily dumps",
    "all",
    "`backup.retentionDays`",
    ({ backup }) => `${days(backup.retentionDays)}, and ${OLD_VERSION_DAYS} more as an older version`,
  ],
  [
    "of these, what nobody can delete before",
    "all",
    "`backup.lockMode`, `backup.lockDays`",
    ({ backup }) => (backup.lockMode === "none" ? "nothing" : `${days(backup.lockDays)} (${backup.lockMode})`),
  ],
  ["a verification's copy", "all", "", () => "minutes"],
  [
    "PostgreSQL's log",
    "addresses; text of statements that wrote, failed or took over a second, with their values where `logs.values` says so",
    "`logs.retentionDays`",
    ({ logs }) => days(logs.retentionDays),
  ],
  ["Performance Insights", "text of statements, without values", "", () => "7 days"],
  [
    "flow logs, logs of shell sessions and of accesses to the bucket",
    "addresses, names of administrators, what they typed",
    "`logs.retentionDays`",
    ({ logs }) => days(logs.retentionDays),
  ],
];

/** Where personal data can be under the settings of dev and of prod. */
export function retentionsOf(dev: Settings, prod: Settings): Retention[] {
  return PLACES.map(([where, what, setting, howLong]) => ({
    where,
    what,
    setting,
    dev: howLong(dev),
    prod: howLong(prod),
  }));
}
