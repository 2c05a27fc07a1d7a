/**
 * What the tests do otherwise than users, for the sake of time, and how a test that is about it does without. To be called before a
 * platform is opened; it holds for the file that calls it.
 */

/** Lets Pulumi write its state before and after each step. The tests have it written once, at the end (vitest.config.mts). */
export function keepCheckpoints(): void {
  delete process.env.PULUMI_SKIP_CHECKPOINTS;
}

let eachAnew = false;

/** Starts the program anew for each update. The tests load it once (platform/engine/kept-program.ts). */
export function startEachProgram(): void {
  eachAnew = true;
}

/** Loads it once again: for what comes after the part that is about the process. Holds from the next `reopen()`. */
export function keepProgramFromNowOn(): void {
  eachAnew = false;
}

export const keepsProgram = () => !eachAnew;

let byPassphrase = false;

/** Encrypts the secrets of stacks that are made with a passphrase, as `make up` does. The tests' own have a key (secrets-key.ts). */
export function usePassphrase(): void {
  byPassphrase = true;
}

export const usesPassphrase = () => byPassphrase;

/** Takes all of them again, for the next file. */
export function shortcutsAsUsual(): void {
  byPassphrase = false;
  eachAnew = false; // and the environment is the first one again (own-environment.ts)
}
