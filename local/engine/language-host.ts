import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { version } from "@pulumi/pulumi/package.json";
import { runPlugin } from "./policy-host";

/**
 * The Node.js language host: runs the program when the engine asks for it. The official host comes with the official
 * download of the CLI and not with its Go module; where the CLI was built, this takes its place. It starts Node.js in
 * the same way: the SDK's own runner, with the arguments and environment of sdk/nodejs/cmd/pulumi-language-nodejs.
 */
export interface LanguageHost {
  port: number;
  close(): void;
}

interface RuntimeOptions {
  nodeargs?: string;
  typescript?: boolean;
}

const RUNNER = require.resolve("@pulumi/pulumi/cmd/run");
/** The runner ends so when it has shown the error itself. */
const ENDED_AFTER_LOGGING = 32;

function runnerArguments(request: messages.RunRequest, engine: string): string[] {
  const options = (request.getInfo()?.getOptions()?.toJavaScript() ?? {}) as RuntimeOptions;
  const flag = (name: string, value: string) => (value ? [`--${name}`, value] : []);
  return [
    ...(options.nodeargs ?? "").split(" ").filter(Boolean),
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

function runnerEnvironment(request: messages.RunRequest): NodeJS.ProcessEnv {
  const options = (request.getInfo()?.getOptions()?.toJavaScript() ?? {}) as RuntimeOptions;
  return {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    PULUMI_NODEJS_TYPESCRIPT: String(options.typescript ?? true),
  };
}

/** What the program prints is shown by the engine, between its own lines. */
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

async function runProgram(request: messages.RunRequest, engine: string): Promise<messages.RunResponse> {
  const program = spawn(process.execPath, runnerArguments(request, engine), {
    cwd: request.getInfo()?.getProgramDirectory() || request.getPwd(),
    env: runnerEnvironment(request),
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

function about(): messages.AboutResponse {
  const response = new messages.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  return response;
}

function pluginInfo(): PluginInfo {
  const info = new PluginInfo();
  info.setVersion(version);
  return info;
}

function answer<Request, Response>(
  handler: (request: Request, peer: string) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handler(call.request, call.getPeer()))
      .then(
        (response) => callback(null, response),
        (error: Error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
      );
  };
}

/** Serves the host on a free port of loopback; `PULUMI_DEBUG_LANGUAGES=nodejs:<port>` attaches the engine to it. */
export async function startLanguageHost(): Promise<LanguageHost> {
  /** Preview and update of one command are two connections, each from an engine with an address of its own. */
  const engines = new Map<string, string>();
  const server = new grpc.Server();
  server.addService(LanguageRuntimeService, {
    handshake: answer((request: messages.LanguageHandshakeRequest, peer) => {
      engines.set(peer, request.getEngineAddress());
      return new messages.LanguageHandshakeResponse();
    }),
    getPluginInfo: answer(pluginInfo),
    about: answer(about),
    // Nothing is to be downloaded: the plugins are attached, or installed by whoever wants the official ones.
    getRequiredPlugins: answer(() => new messages.GetRequiredPluginsResponse()),
    getRequiredPackages: answer(() => new messages.GetRequiredPackagesResponse()),
    getProgramDependencies: answer(() => new messages.GetProgramDependenciesResponse()),
    run: answer((request: messages.RunRequest, peer) => runProgram(request, engines.get(peer) ?? "")),
    runPlugin,
    cancel: answer(() => new Empty()),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { port, close: () => server.forceShutdown() };
}
