import { log } from "@pulumi/pulumi";

/** Where the SDK begins to quote values: what a call has answered, what it was asked, what is being sent. */
const VALUES = /(, resp: |, obj=|: primitive=|, props=)[^]*$/;

/**
 * Keeps values out of what Pulumi's SDK writes with `--debug` or `-v`: it quotes every answer of the engine there, secrets in
 * clear. There is no option for it. To be called before anything is registered.
 *
 * The engine itself writes values from `-v=9` on (Pulumi: "Troubleshooting", verbose logging); no program can prevent that.
 */
export function keepValuesOutOfDebugLog(): void {
  const { debug } = log;
  Object.assign(log, {
    debug: (message: string, ...others: unknown[]) =>
      (debug as (...all: unknown[]) => Promise<void>)(message.replace(VALUES, "$1(left out)"), ...others),
  });
}
