import { Option } from "commander";
import { Misuse, OpsError, Refusal } from "./errors";

/** With `access.mode: ssm` people reach the database through a session of theirs. */
export function forwardedPort(): Option {
  return new Option(
    "--forwarded-port <port>",
    "reach the database through a port of this machine that is forwarded to it (access.mode ssm)",
  ).argParser((text) => {
    if (!/^\d{1,5}$/.test(text)) {
      throw new Misuse(`--forwarded-port: ${text} is no port; give a number, e.g. 15432`);
    }
    return Number(text);
  });
}

/** Of several applications with databases of their own. */
export function database(otherwise: string): Option {
  return new Option("--database <name>", `of several applications, the one that is meant; left out, ${otherwise}`);
}

/** Does it for each, whatever becomes of the others, and fails afterwards if one has failed. */
export async function forEach<Item, Result>(items: Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const failures: Error[] = [];
  for (const item of items) {
    await work(item).then(
      (result) => results.push(result),
      (error: Error) => failures.push(error),
    );
  }
  const [failure, ...more] = failures;
  if (failure && more.length === 0) {
    throw failure;
  }
  if (failure) {
    throw new OpsError(failures.map(({ message }) => message).join("\n"));
  }
  return results;
}

/** What a command says of one, and of several. */
export function firstAndOthers<Result extends object>([first, ...others]: Result[]): object {
  return { ...first, ...(others.length > 0 && { others }) };
}

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
