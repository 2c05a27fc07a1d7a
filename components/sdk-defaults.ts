import { log } from "@pulumi/pulumi";

/**
 * Sends none of the messages for `--debug` and `-v` that Pulumi's SDK has: it quotes every answer of the engine in them,
 * secrets in clear, and there is no option for it. It also sends them when nobody asked, one by one: a quarter of the program's
 * time. What the engine and the plugins have to say for `--debug` is still there.
 *
 * The engine itself writes values from `-v=9` on (Pulumi: "Troubleshooting", verbose logging); no program can prevent that.
 */
function sendNoDebugMessages(): void {
  Object.assign(log, { debug: () => Promise.resolve() });
}

/**
 * Lets Node.js say which lines of TypeScript a stack trace is about; typescript.cjs has turned that on. The SDK's runner has
 * source-map-support do so, slower, and the SDK looks at the stack of every promise that it waits for, and of every resource:
 * a quarter of the program's time.
 */
function leaveStackTracesToNode(): void {
  Reflect.deleteProperty(Error, "prepareStackTrace");
}

/** What the program wants otherwise than Pulumi's SDK has it. To be called before anything is registered. */
export function setSdkDefaults(): void {
  sendNoDebugMessages();
  leaveStackTracesToNode();
}
