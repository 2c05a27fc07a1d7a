import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { chown } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { UserError } from "./user-error";

/**
 * The account of this machine that runs a PostgreSQL server: the user's own. PostgreSQL refuses to run as root: for root it is
 * `postgres` if there is such an account, else `nobody`.
 */
export interface ServerAccount {
  /** The words to put before a command so that it runs as the account: none, or `setpriv` and its arguments. */
  prefix: string[];
  /** Makes the account the owner of a file or folder. */
  giveTo(file: string): Promise<void>;
}

const CANDIDATES = ["postgres", "nobody"];

function findAccount(name: string): { uid: number; gid: number } | undefined {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/**
 * Finds an account that can run a server whose programs and data lie below `folders`, which must exist.
 *
 * @throws UserError when there is none
 */
export async function findServerAccount(...folders: string[]): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) {
    return { prefix: [], giveTo: () => Promise.resolve() };
  }
  if (!(await succeeds("setpriv", ["--version"]))) {
    throw new UserError(
      "PostgreSQL refuses to run as root, and setpriv is not there to run it as another; install util-linux",
    );
  }
  const ids = CANDIDATES.map(findAccount).find(Boolean);
  if (!ids) {
    throw new UserError(`PostgreSQL refuses to run as root, and there is no account ${CANDIDATES.join(" or ")}`);
  }
  const { uid, gid } = ids;
  const prefix = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  const reached = await Promise.all(folders.map((folder) => canReach(prefix, folder)));
  if (reached.includes(false)) {
    // The clone lies below a folder that is closed to others, such as root's own. The account is let through by a
    // capability instead of by opening that folder. PostgreSQL looks for its programs by access(2), which forgets the
    // capabilities of everybody but root unless it is told not to (man 7 capabilities, SECBIT_NO_SETUID_FIXUP).
    prefix.push("--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup");
  }
  return { prefix, giveTo: (file) => chown(file, uid, gid) };
}

function canReach([command = "", ...args]: string[], folder: string): Promise<boolean> {
  return succeeds(command, [...args, "test", "-x", path.join(folder, ".")]);
}

function succeeds(command: string, args: string[]): Promise<boolean> {
  return promisify(execFile)(command, args, { cwd: "/" }).then(
    () => true,
    () => false,
  );
}
