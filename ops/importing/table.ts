import { OpsError } from "../shared/errors";
import type { Search } from "./search";
import { BUCKETS } from "./types/buckets";
import { DATABASE } from "./types/database";
import { EVENTS_AND_TASKS } from "./types/events-and-tasks";
import { KEYS_AND_RIGHTS } from "./types/keys-and-rights";
import { LOGS_AND_ALARMS } from "./types/logs-and-alarms";
import { NETWORK } from "./types/network";
import { SERVER } from "./types/server";
import type { Wanted } from "./wanted";

/** What becomes of the resources of a type. */
export interface Entry {
  /** The ids that could be meant, in the form in which the provider imports them ("Import" in the registry's page of each type). */
  find?: (it: Wanted, search: Search) => Promise<string[]>;
  /** The next update makes what is not imported, and why that does no harm. */
  again?: string;
  /** Inputs that no service tells, and which an import lacks: the program's own are taken. */
  untold?: string[];
  /** Inputs that the service tells, and the provider's import leaves out. */
  told?: (it: Wanted, search: Search) => Promise<Record<string, unknown>>;
  /** Why the next update may replace it. */
  replaced?: string;
  /** Its value is in a secret of the stack's: passwords.ts. */
  password?: true;
}

/** Every type of the program's. */
export const TABLE: Record<string, Entry> = {
  ...NETWORK,
  ...SERVER,
  ...KEYS_AND_RIGHTS,
  ...LOGS_AND_ALARMS,
  ...EVENTS_AND_TASKS,
  ...BUCKETS,
  ...DATABASE,
};

export function entryOf(type: string): Entry {
  const entry = TABLE[type];
  if (!entry) {
    throw new OpsError(`${type}: nobody has said how it is found; add it to ops/importing/types`);
  }
  return entry;
}
