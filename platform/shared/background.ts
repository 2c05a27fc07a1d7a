import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A process that outlives the command that started it. It is known by its id and by the moment of its start:
 * ids are used again, so an id alone could end somebody else's process.
 */
interface Started {
  pid: number;
  startedAt: string;
}

async function startTime(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field, the command's name, may hold spaces; what follows its closing bracket does not. Field 22 is the start time.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

async function recorded(pidFile: string): Promise<Started | undefined> {
  try {
    return JSON.parse(await readFile(pidFile, "utf8")) as Started;
  } catch {
    return undefined;
  }
}

/** The id of the process that `pidFile` names, if it is still that very process. */
export async function runningPid(pidFile: string): Promise<number | undefined> {
  const started = await recorded(pidFile);
  return started && (await startTime(started.pid)) === started.startedAt ? started.pid : undefined;
}

/** Starts a process in a session of its own, so that Ctrl-C in the terminal does not reach it. */
export async function startInBackground(options: {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  logFile: string;
  pidFile: string;
}): Promise<number> {
  const log = openSync(options.logFile, "a");
  try {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ["ignore", log, log],
    });
    await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    child.unref();
    const pid = child.pid as number;
    const startedAt = await startTime(pid);
    await writeFile(options.pidFile, JSON.stringify({ pid, startedAt } satisfies Partial<Started>));
    return pid;
  } finally {
    closeSync(log);
  }
}

/** Ends the process that `pidFile` names and waits until it is gone; after ten seconds it is killed. */
export async function stopInBackground(pidFile: string): Promise<void> {
  const pid = await runningPid(pidFile);
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    for (let waited = 0; (await runningPid(pidFile)) !== undefined; waited += 50) {
      if (waited === 10_000) {
        process.kill(pid, "SIGKILL");
      }
      await sleep(50);
    }
  }
  await rm(pidFile, { force: true });
}
