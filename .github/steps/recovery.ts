import { say } from "../../ops/command";
import { OpsError, PulumiStack } from "../../ops/pulumi";
import { keepLock, Lock, readLocks, runRecord, RunRecord, thisMachine, told } from "./locks";
import { nameOf } from "./preview-events";
import { pulumi } from "./pulumi";

/** The stack's tag with the run that updates it. */
const TAG = "pipeline:run";

/** One of `pending_operations` in the stack's state: begun, and nobody knows whether it was done. */
interface Pending {
  type: string;
  resource: { urn: string };
}

interface Exported {
  deployment: { pending_operations?: Pending[] | null };
}

async function recorded(stack: PulumiStack): Promise<RunRecord | undefined> {
  const tags = await stack.readJson<Record<string, string>>("stack", "tag", "list");
  const text = tags[TAG];
  return text === undefined ? undefined : runRecord.parse(JSON.parse(text));
}

/** Says, while a stack is updated, which run does it. What is killed leaves that behind, and so is known. */
export async function onRecord<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const stack = new PulumiStack(name);
  const { user, host } = thisMachine();
  const { GITHUB_RUN_ID: id = "none", GITHUB_RUN_ATTEMPT: attempt = "1" } = process.env;
  const record: RunRecord = { run: `${id}/${attempt}`, user, host, at: new Date().toISOString() };
  await stack.read("stack", "tag", "set", TAG, JSON.stringify(record));
  try {
    return await work();
  } finally {
    await stack.read("stack", "tag", "rm", TAG);
  }
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

async function removeLocks(name: string, locks: Lock[]): Promise<void> {
  const stack = new PulumiStack(name);
  const record = await recorded(stack);
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

/**
 * What an update that was killed had begun. A refresh finds out what became of it, creations excepted: of those Pulumi knows no id to ask
 * for. Up to 3.259 an update that finds them on record says so and goes on, and leaves them there for good; so they are taken off it
 * (`--import-pending-creates` would not help: 3.259 marks them, and forgets them in the same command). What was made has its name, so
 * that the update which makes it again fails and says so; what has none is told here.
 */
async function settlePending(name: string, pending: Pending[]): Promise<void> {
  pending.forEach(({ type, resource }) => say(`${name}: an update was killed while ${type} ${nameOf(resource.urn)}`));
  const stack = new PulumiStack(name);
  const settled = await stack.watch("refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--run-program");
  if (!settled) {
    throw new OpsError(`The state of ${name} could not be brought up to date; what Pulumi says is above`);
  }
  const creations = pending.filter(({ type }) => type === "creating").map(({ resource }) => resource.urn);
  if (creations.length > 0) {
    say(
      `${name}: whether these were made is not known. The update makes them; one that is there already is told of by name, and is ` +
        `taken over with \`pulumi import\`:\n${creations.map((urn) => `  ${urn}`).join("\n")}`,
    );
  }
}

/** Makes a stack ready for an update, whatever became of the one before. */
export async function recover(name: string): Promise<void> {
  const { deployment } = await new PulumiStack(name).readJson<Exported>("stack", "export");
  const locks = await locksOf(name);
  if (locks.length > 0) {
    await removeLocks(name, locks);
  }
  const pending = deployment.pending_operations ?? [];
  if (pending.length > 0) {
    await settlePending(name, pending);
  }
}
