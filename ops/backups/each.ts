import { OpsError } from "../shared/errors";

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
