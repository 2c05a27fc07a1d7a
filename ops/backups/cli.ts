import { OpsError } from "../pulumi";
import { Misuse, Refusal } from "../command";

/** A signal to end: Ctrl-C, or ECS that stops its task. What is half done is taken back then. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => controller.abort(new OpsError(`Ended by ${signal}`)));
  }
  return controller.signal;
}

/** What fails outside of this program is told without a stack trace: a server that is away, a right that is missing. */
export async function explained<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OpsError || error instanceof Refusal || error instanceof Misuse) {
      throw error;
    }
    const { name, message, code } = error as Error & { code?: string };
    const kind = [name, code].filter((text) => text && text !== "Error" && text !== "error").join(" ");
    throw new OpsError(`${what} has failed: ${message || kind}${message && kind ? ` (${kind})` : ""}`);
  }
}
