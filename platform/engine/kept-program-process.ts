import "../../lib/sdk-start";
import { once } from "node:events";
import path from "node:path";
import { inspect } from "node:util";
import { log, Resource, ResourceError, RunError } from "@pulumi/pulumi";
import { RunRequest } from "@pulumi/pulumi/proto/language_pb";
import * as debuggable from "@pulumi/pulumi/runtime/debuggable";
import * as settings from "@pulumi/pulumi/runtime/settings";
import { runInPulumiStack } from "@pulumi/pulumi/runtime/stack";
import { replaceEnvironment } from "./environment";
import type { Ran, Run } from "./kept-program";

/**
 * A process that calls one Pulumi program again and again (kept-program.ts). What happens around the program is that of the SDK's own
 * runner (sdk/nodejs/cmd/run) and of its Automation API (sdk/nodejs/automation/server).
 */

type Program = () => Promise<unknown>;

/** Which promises of the program are pending, and what to say of them. The SDK's types leave it out. */
const { leakedPromises } = debuggable as unknown as { leakedPromises: () => [Set<unknown>, string] };

/** Has the SDK forget the update before, and connects it to this one's engine: by the variables that its runner sets. */
function connect(request: RunRequest, engine: string): void {
  const settingsOf = {
    PULUMI_NODEJS_ORGANIZATION: request.getOrganization(),
    PULUMI_NODEJS_PROJECT: request.getProject(),
    PULUMI_NODEJS_ROOT_DIRECTORY: request.getInfo()?.getRootDirectory(),
    PULUMI_NODEJS_STACK: request.getStack(),
    PULUMI_NODEJS_DRY_RUN: request.getDryrun() && "true",
    PULUMI_NODEJS_PARALLEL: String(request.getParallel()),
    PULUMI_NODEJS_MONITOR: request.getMonitorAddress(),
    PULUMI_NODEJS_ENGINE: engine,
  };
  Object.assign(process.env, Object.fromEntries(Object.entries(settingsOf).filter(([, value]) => value)));
  settings.disconnectSync();
  Reflect.deleteProperty(globalThis, "globalStore"); // made anew from the environment
}

/** Shows each error once, in the runner's words. */
function reporter(): { report: (error: Error) => void; reported: Set<Error> } {
  const reported = new Set<Error>();
  const report = (error: Error) => {
    if (reported.has(error)) {
      return;
    }
    reported.add(error);
    if (RunError.isInstance(error)) {
      void log.error(error.message);
    } else if (ResourceError.isInstance(error)) {
      const { hideStack, message, resource } = error as unknown as Pick<ResourceError, "hideStack" | "message"> & {
        resource: Resource | undefined;
      };
      void log.error(hideStack ? message : inspect(error), resource);
    } else {
      void log.error(`Running program '${process.cwd()}' failed with an unhandled exception:\n${inspect(error)}`);
    }
  };
  return { report, reported };
}

/**
 * Runs the program to its end, which is when nothing is under way any more, as with a process of its own: a program that has failed leaves
 * resources behind that wait for ever.
 */
async function run({ request: bytes, engine, folder, environment }: Run): Promise<Ran> {
  const request = RunRequest.deserializeBinary(Uint8Array.from(bytes));
  replaceEnvironment(environment);
  process.chdir(folder);
  connect(request, engine);
  const { report, reported } = reporter();
  process.on("uncaughtException", report).on("unhandledRejection", report);
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- which program it is, the engine says
    const program = require(path.join(folder, request.getInfo()?.getEntryPoint() || ".")) as Program;
    runInPulumiStack(program).catch(report);
    await once(process, "beforeExit");
    const succeeded = () => reported.size === 0 && !log.hasErrors();
    const [leaked, message] = leakedPromises();
    if (leaked.size > 0 && succeeded()) {
      report(new RunError(message));
    }
    if (succeeded()) {
      // Only then does the engine delete what the program has no more.
      await settings.disconnect(true).catch(report);
    }
    return { succeeded: succeeded() };
  } finally {
    process.off("uncaughtException", report).off("unhandledRejection", report);
  }
}

process.on("message", (asked: Run) => {
  process.channel?.unref(); // so that nothing is under way but the program
  void run(asked).then((ran) => {
    process.channel?.ref();
    process.send?.(ran);
  });
});
// Whoever has started it is gone. With another code the SDK would count the promises of programs that have failed.
process.on("disconnect", () => process.exit(1));
