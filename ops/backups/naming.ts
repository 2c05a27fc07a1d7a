import { DUMPS_PREFIX } from "../../model/policies/backups";

/**
 * Where a backup lies, and what binds it to its place. No I/O in here.
 *
 * A backup is two objects: `dumps/<database>/<time>/dump` and, written last, `…/manifest`. Without its manifest it is none.
 */
export interface BackupName {
  database: string;
  /** When it was begun, as part of its name: `2026-11-25T02-30-00-000Z`. */
  takenAt: string;
}

/** What the servers' logs and others who look call the sessions of backups. */
export const APPLICATION_NAME = "markenmate-backups";

export type Part = "dump" | "manifest";

const TAKEN_AT = /^(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)-(\d{3}Z)$/;

export function nameAt(database: string, time: Date): BackupName {
  return { database, takenAt: time.toISOString().replaceAll(/[:.]/g, "-") };
}

/** Names of databases may hold a slash, or anything else. */
export const folderOf = (database: string) => `${DUMPS_PREFIX}${encodeURIComponent(database)}/`;

export function keyOf(name: BackupName, part: Part): string {
  return `${folderOf(name.database)}${name.takenAt}/${part}`;
}

/** The backup whose manifest has that key; undefined for every other key. */
export function nameOfManifest(key: string): BackupName | undefined {
  const [, database, takenAt, part, ...more] = key.split("/");
  const isManifest = key.startsWith(DUMPS_PREFIX) && part === "manifest" && more.length === 0;
  return isManifest && database && takenAt && TAKEN_AT.test(takenAt)
    ? { database: decodeURIComponent(database), takenAt }
    : undefined;
}

export function timeOf({ takenAt }: BackupName): Date {
  return new Date(takenAt.replace(TAKEN_AT, "$1:$2:$3.$4"));
}

/**
 * What is encrypted says of itself what it is, and cannot be decrypted as anything else (KMS: "Encryption context"): a dump of
 * another database or day in this one's place is found out.
 */
export function encryptionContext(stack: string, { database, takenAt }: BackupName, part: Part) {
  return { stack, database, takenAt, part };
}
