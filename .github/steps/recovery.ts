import { run as runCommand } from "../../lib/process";
import { say } from "../../ops/shared/command";
import { OpsError } from "../../ops/shared/errors";
import { PulumiStack } from "../../ops/shared/pulumi";
import { keepLock, Lock, readLocks, runRecord, RunRecord, thisMachine, told } from "./locks";
import { adoptCreations, Exported, Pending } from "./pending";
import { nameOf } from "./preview-events";
import { pulumi } from "./pulumi";

/** The stack's tag with the run that updates it. */
const TAG = "pipeline:run";

async function recorded(stack: PulumiStack): Promise<RunRecord | undefined> {
  const tags = await stack.readJson<Record<string, string>>("stack", "tag", "list");
  const text = tags[TAG];
  return text === undefined ? undefined : runRecord.parse(JSON.parse(text));
}

/** Takes the lock and gives it back, without looking at any resource: Pulumi has no command that tells of locks. */
async function locksOf(stack: string): Promise<Lock[]> {
  const nothing = ["refresh", "--yes", "--skip-preview", "--target", "**::nothing-has-this-name"];
  const { code, stdout, stderr } = await pulumi(stack, nothing);
  const locks = readLocks(stdout + stderr);
  if (code !== 0 && locks.length === 0) {
    throw new OpsError(`The state of ${stack} cannot be looked at:\n${(stderr || stdout).trim()}`);
  }
  return locks;
}

async function removeLocks(name: string, locks: Lock[], record: RunRecord | undefined): Promise<void> {
  const stack = new PulumiStack(name);
  const here = thisMachine();
  const kept = locks.flatMap((lock) => {
    const reason = keepLock(lock, record, here);
    return reason === undefined ? [] : [`  ${told(lock)}: ${reason}`];
  });
  if (kept.length > 0) {
    throw new OpsError(
      `The stack ${name} is locked, and the lock is left alone:\n${kept.join("\n")}\n` +
        "Wait until that update has ended. If it has, and nobody works on the stack: `pulumi cancel --stack " +
        `${name}\`, and then run this job again`,
    );
  }
  await stack.read("cancel", "--yes");
  locks.forEach((lock) => say(`${name}: removed the lock of the run ${record?.run}, which is gone: ${told(lock)}`));
}

const stateOf = async (stack: PulumiStack) => JSON.parse(await stack.read("stack", "export")) as Exported;

/**
 * Finds out what became of what an update had begun when it was killed. A refresh alone does so for changes and deletions; of creations
 * Pulumi knows no id to ask for. (`refresh --import-pending-creates` does not help: in 3.259 it marks them as imports, and nothing reads
 * that mark.) What has a name of its own is asked for by that. The rest is made once more, and is told here, for the first one may
 * have been left behind.
 */
async function adoptPending(name: string, pending: Pending[]): Promise<void> {
  pending.forEach(({ type, resource }) => say(`${name}: an update was killed while ${type} ${nameOf(resource.urn)}`));
  const { state, unknown } = adoptCreations(await stateOf(new PulumiStack(name)));
  unknown.forEach(({ type, urn }) =>
    say(
      `${name}: ${type} ${nameOf(urn)} may have been made; it is made once more. Look whether there are two, and delete the older; ` +
        "where AWS refuses a second one, take the first over with `pulumi import`",
    ),
  );
  await runCommand("pulumi", ["stack", "import", "--stack", name, "--non-interactive"], {
    input: JSON.stringify(state),
  });
}

/** Brings a state up to date that is not to be believed. */
async function refresh(name: string): Promise<void> {
  say(`${name}: looking how far it came`);
  // With the program: the master's password may have changed, and with `access.mode: ssm` it opens the way in.
  if (!(await new PulumiStack(name).watch("refresh", "--yes", "--skip-preview", "--run-program"))) {
    throw new OpsError(`The state of ${name} could not be brought up to date; what Pulumi says is above`);
  }
}

/**
 * Updates a stack, whatever became of the update before. Which run does it stands in the stack's tag: one that is killed leaves that
 * behind, and so is known. While a state is not to be believed the tag stays, so that the next run refreshes it, whatever stops this one.
 */
export async function updating<Result>(name: string, update: () => Promise<Result>): Promise<Result> {
  const stack = new PulumiStack(name);
  const killed = await recorded(stack);
  const { deployment } = await stateOf(stack);
  const pending = deployment.pending_operations ?? [];
  const locks = await locksOf(name);
  if (locks.length > 0) {
    await removeLocks(name, locks, killed);
  }
  const { user, host } = thisMachine();
  const { GITHUB_RUN_ID: id = "none", GITHUB_RUN_ATTEMPT: attempt = "1" } = process.env;
  const record: RunRecord = { run: `${id}/${attempt}`, user, host, at: new Date().toISOString() };
  await stack.read("stack", "tag", "set", TAG, JSON.stringify(record));
  if (pending.length > 0) {
    await adoptPending(name, pending);
  }
  if (killed || pending.length > 0) {
    await refresh(name);
  }
  try {
    return await update();
  } finally {
    await stack.read("stack", "tag", "rm", TAG);
  }
}
