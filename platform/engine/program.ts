import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import * as messages from "@pulumi/pulumi/proto/language_pb";

/** Starts a Pulumi program in a process of its own, with the arguments and environment of sdk/nodejs/cmd/pulumi-language-nodejs. */

interface RuntimeOptions {
  nodeargs?: string;
  typescript?: boolean;
}

const RUNNER = require.resolve("@pulumi/pulumi/cmd/run");
/** The runner ends so when it has shown the error itself. */
const ENDED_AFTER_LOGGING = 32;

function optionsOf(request: messages.RunRequest): RuntimeOptions {
  return request.getInfo()?.getOptions()?.toJavaScript() ?? {};
}

/** The arguments that `Pulumi.yaml` has for Node.js. */
export function nodeArguments(request: messages.RunRequest): string[] {
  return (optionsOf(request).nodeargs ?? "").split(" ").filter(Boolean);
}

/** The folder in which the program runs. */
export function programFolder(request: messages.RunRequest): string {
  return request.getInfo()?.getProgramDirectory() || request.getPwd();
}

function runnerArguments(request: messages.RunRequest, engine: string): string[] {
  const flag = (name: string, value: string) => (value ? [`--${name}`, value] : []);
  return [
    ...nodeArguments(request),
    RUNNER,
    ...flag("monitor", request.getMonitorAddress()),
    ...flag("engine", engine),
    ...flag("organization", request.getOrganization()),
    ...flag("project", request.getProject()),
    ...flag("root-directory", request.getInfo()?.getRootDirectory() ?? ""),
    ...flag("stack", request.getStack()),
    ...flag("pwd", request.getPwd()),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    ...flag("parallel", String(request.getParallel())),
    request.getInfo()?.getEntryPoint() || request.getProgram() || ".",
    ...request.getArgsList(),
  ];
}

/** What the program finds in its environment: its configuration, and what the language host has in its own. */
export function programEnvironment(request: messages.RunRequest): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    PULUMI_NODEJS_TYPESCRIPT: String(optionsOf(request).typescript ?? true),
  };
}

/** Hands on what the program prints to the engine, which shows it between its own lines. */
async function show(output: Readable, severity: LogSeverity, engine: string): Promise<void> {
  const client = new EngineClient(engine, grpc.credentials.createInsecure());
  const sent: Promise<void>[] = [];
  for await (const line of createInterface({ input: output })) {
    const request = new LogRequest();
    request.setSeverity(severity);
    request.setMessage(line);
    sent.push(new Promise((resolve) => client.log(request, () => resolve())));
  }
  await Promise.all(sent);
  client.close();
}

/** Runs the program once, to its end. */
export async function runProgram(request: messages.RunRequest, engine: string): Promise<messages.RunResponse> {
  const program = spawn(process.execPath, runnerArguments(request, engine), {
    cwd: programFolder(request),
    env: programEnvironment(request),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const shown = Promise.all([
    show(program.stdout, LogSeverity.INFO, engine),
    show(program.stderr, LogSeverity.ERROR, engine),
  ]);
  const [code, signal] = (await once(program, "exit")) as [number | null, string | null];
  await shown;
  const response = new messages.RunResponse();
  if (code === ENDED_AFTER_LOGGING) {
    response.setBail(true);
  } else if (code !== 0) {
    response.setError(`The program ended with ${signal ?? `exit code ${code}`}`);
  }
  return response;
}
