import { log, Resource } from "@pulumi/pulumi";
// The module itself, which is changed: an import of all that it exports would be a copy.
// eslint-disable-next-line @typescript-eslint/no-require-imports
import debuggable = require("@pulumi/pulumi/runtime/debuggable");

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

/** What is changed of the SDK's own module, which its types leave out. */
interface Debuggable {
  debugPromiseLeaks: boolean;
  debuggablePromise: (...args: unknown[]) => unknown;
}

/**
 * Takes no stack trace for each promise that the SDK waits for, and none for each resource: mapped to TypeScript, they are a third of
 * the program's time. Those of promises are shown when one never ends, if PULUMI_DEBUG_PROMISE_LEAKS asks for it, which still does.
 * Those of resources tell the state in which line a resource was made, which nothing here reads.
 */
function takeNoStackTraces(): void {
  Object.assign(Resource, { callsites: () => [] });
  const sdk = debuggable as Debuggable;
  const { debuggablePromise } = sdk;
  if (!sdk.debugPromiseLeaks) {
    sdk.debuggablePromise = (...args) => {
      const { stackTraceLimit } = Error;
      Error.stackTraceLimit = 0;
      try {
        return debuggablePromise(...args);
      } finally {
        Error.stackTraceLimit = stackTraceLimit;
      }
    };
  }
}

let set = false;

/** What the program wants otherwise than Pulumi's SDK has it. To be called before anything is registered. */
export function setSdkDefaults(): void {
  if (!set) {
    sendNoDebugMessages();
    leaveStackTracesToNode();
    takeNoStackTraces();
    set = true;
  }
}
