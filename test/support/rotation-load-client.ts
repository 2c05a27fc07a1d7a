import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { RUNS_TYPESCRIPT } from "../../platform/shared/paths";
import type { LoadNews, LoadReport, LoadRequest, Work } from "./rotation-load";

export type LoadReports = Record<Work, LoadReport>;

/** The application under load. */
export interface Load {
  /** Waits until something of that kind has failed, from now on. */
  untilFailed(work: Work): Promise<void>;
  /** Ends it. Returns what it has seen. */
  stop(): Promise<LoadReports>;
}

export async function startLoad(request: LoadRequest): Promise<Load> {
  const child = fork(path.join(__dirname, "rotation-load.ts"), [], {
    execArgv: RUNS_TYPESCRIPT,
    env: { ...process.env, LOAD_REQUEST: JSON.stringify(request) },
  });
  const ended = once(child, "exit").then(() => {
    throw new Error("The application under load has ended by itself");
  });
  ended.catch(() => undefined);
  const told = (isWanted: (news: LoadNews) => boolean) => {
    const news = new Promise<LoadNews>((resolve) => {
      child.on("message", function listen(message: LoadNews) {
        if (isWanted(message)) {
          child.off("message", listen);
          resolve(message);
        }
      });
    });
    return Promise.race([news, ended]);
  };
  await told(({ running }) => running === true);
  return {
    async untilFailed(work) {
      await told(({ failed }) => failed === work);
    },
    async stop() {
      child.send("stop");
      return (await told(({ reports }) => reports !== undefined)).reports as LoadReports;
    },
  };
}
