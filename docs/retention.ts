import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { OLD_VERSION_DAYS } from "../model/policies/backups";
import { parseSettings, Settings } from "../model/settings";

/** One place where personal data can be, and how long: computed from the settings of dev and prod. */
export interface Retention {
  where: string;
  what: string;
  /** The keys that decide. */
  setting: string;
  dev: string;
  prod: string;
}

/** The settings that stand in an environment's file. */
export function settingsOf(environment: string): Settings {
  const file = readFileSync(path.join(__dirname, "..", `Pulumi.${environment}.yaml`), "utf8");
  const { config } = parse(file) as { config: Record<string, unknown> };
  const own = Object.entries(config).filter(([key]) => key.startsWith("markenmate:"));
  return parseSettings(
    environment,
    Object.fromEntries(own.map(([key, value]) => [key.replace("markenmate:", ""), value])),
  );
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

const [dev, prod] = ["dev", "prod"].map(settingsOf) as [Settings, Settings];

export const RETENTIONS: Retention[] = PLACES.map(([where, what, setting, howLong]) => ({
  where,
  what,
  setting,
  dev: howLong(dev),
  prod: howLong(prod),
}));
