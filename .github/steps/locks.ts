import { readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { z } from "zod";

/** Who holds a stack's lock, and whether that one is gone. No Pulumi in here. */

/** One lock of a backend of one's own (a bucket, a folder): pulumi/pkg v3.259, backend/diy/lock.go. */
export interface Lock {
  user: string;
  host: string;
  pid: number;
  /** To the second. */
  at: Date;
}

/** What a run writes down before it updates a stack, and takes away when it is done. */
export const runRecord = z.object({
  /** `<run id>/<attempt>` of GitHub's. */
  run: z.string(),
  user: z.string(),
  host: z.string(),
  at: z.iso.datetime(),
});
export type RunRecord = z.output<typeof runRecord>;

export interface Machine {
  user: string;
  host: string;
  alive(pid: number): boolean;
}

/** One that has ended is in the list until its parent has asked how: in a container without an init, for ever. */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

export const thisMachine = (): Machine => ({
  user: userInfo().username,
  host: hostname(),
  alive: isAlive,
});

/** What a command that finds the stack locked says. Empty: it was not about a lock. */
export function readLocks(message: string): Lock[] {
  return [...message.matchAll(/: created by (.+)@([^\s@]+) \(pid (\d+)\) at (\S+)/g)].map(
    ([, user = "", host = "", pid, at = ""]) => ({ user, host, pid: Number(pid), at: new Date(at) }),
  );
}

export const told = ({ user, host, pid, at }: Lock) => `${user}@${host}, process ${pid}, since ${at.toISOString()}`;

/**
 * Why a lock has to be left alone; undefined if it is that of an update of a run which is gone. Runs that update a stack are in one
 * concurrency group, so that one which is on record while another runs has not ended in good order. Whoever is not on record is a
 * person, perhaps at work.
 */
export function keepLock(lock: Lock, record: RunRecord | undefined, here: Machine): string | undefined {
  if (!record || record.user !== lock.user || record.host !== lock.host) {
    return "no run of a pipeline's has written down that it works there";
  }
  if (lock.at.getTime() < Math.floor(Date.parse(record.at) / 1000) * 1000) {
    return `it is older than the run ${record.run}`;
  }
  return lock.host === here.host && here.alive(lock.pid) ? "that process is at work" : undefined;
}
