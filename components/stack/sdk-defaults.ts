import { log, Resource } from "@pulumi/pulumi";
// `require`, for the module itself is changed: `import *` would be a copy.
// eslint-disable-next-line @typescript-eslint/no-require-imports
import debuggable = require("@pulumi/pulumi/runtime/debuggable");

/**
 * Drops the debug messages of Pulumi's SDK, for which there is no option. They quote every answer of the engine, with secrets in
 * clear, and the SDK sends them one by one even without `--debug`: a quarter of the program's time. The messages of the engine and
 * the plugins for `--debug` are still shown.
 *
 * The engine itself writes values from `-v=9` on (Pulumi: "Troubleshooting", verbose logging); no program can prevent that.
 */
function sendNoDebugMessages(): void {
  Object.assign(log, { debug: () => Promise.resolve() });
}

/**
 * Lets Node.js map stack traces to lines of TypeScript, as typescript.cjs has turned on. The SDK's runner leaves that to
 * source-map-support, which is slower, and the SDK looks at the stack of every promise that it waits for, and of every resource:
 * a quarter of the program's time.
 */
function leaveStackTracesToNode(): void {
  Reflect.deleteProperty(Error, "prepareStackTrace");
}

/** The part of the SDK's module that is changed here, and that its types leave out. */
interface Debuggable {
  debugPromiseLeaks: boolean;
  debuggablePromise: (...args: unknown[]) => unknown;
}

/**
 * Stops the SDK from taking a stack trace of each promise that it waits for, and of each resource: mapped to TypeScript, they are a
 * third of the program's time. A promise's trace is for PULUMI_DEBUG_PROMISE_LEAKS, which shows promises that never end, and with
 * which it is still taken. A resource's trace records in the state which line made it, which nothing here reads.
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

/** Changes the defaults of Pulumi's SDK that the program does not want. Must be called before anything is registered. */
export function setSdkDefaults(): void {
  if (!set) {
    sendNoDebugMessages();
    leaveStackTracesToNode();
    takeNoStackTraces();
    set = true;
  }
}
