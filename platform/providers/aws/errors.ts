import pRetry from "p-retry";

/** The code by which AWS names an error; SDK exceptions have it as their name. */
export function codeOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/**
 * A handler that says what was being done, and AWS's code, which the message of an SDK exception leaves out. The exception
 * itself stays here: it holds the whole request, with its credentials and perhaps a password.
 */
export function failure(doing: string): (error: unknown) => never {
  return (error) => {
    const { name, message } = error as Error;
    throw new Error(`${doing}: ${name === "Error" ? message : `${name}: ${message}`}`);
  };
}

/** The call's result; undefined when it failed with one of the codes, which say that the thing is not there. */
export async function unlessMissing<Result>(call: Promise<Result>, ...codes: string[]): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(codeOf(error))) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Tries again while the call fails with one of the codes. The official provider does so for many minutes, because in AWS
 * things need that long to let go of each other; an emulator is done at once or never.
 */
export function retryWhile<Result>(codes: string[], call: () => Promise<Result>): Promise<Result> {
  return pRetry(call, {
    retries: 8,
    minTimeout: 100,
    maxTimeout: 2_000,
    shouldRetry: ({ error }) => codes.includes(codeOf(error)),
  });
}
