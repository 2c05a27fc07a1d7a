import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { version } from "@pulumi/pulumi/package.json";
import { runKeptProgram } from "./kept-program";
import { runPlugin } from "./policy-host";
import { runProgram } from "./program";

/**
 * The Node.js language host: runs the program when the engine asks for it. The official host comes with the official
 * download of the CLI and not with its Go module; where the CLI was built, this takes its place. It starts Node.js in
 * the same way: the SDK's own runner, with the arguments and environment of sdk/nodejs/cmd/pulumi-language-nodejs.
 */
export interface LanguageHost {
  server: grpc.Server;
  close(): void;
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

/**
 * Makes the server of the host; `PULUMI_DEBUG_LANGUAGES=nodejs:<port>` attaches the engine to where it listens. With `keepsPrograms` it
 * loads the program, and for policies the SDK, once for all updates (kept-program.ts, kept-pack.ts); without it, which is the default, once
 * for each, as the official host does.
 */
export function languageHost(options: { keepsPrograms?: boolean } = {}): LanguageHost {
  const run = options.keepsPrograms ? runKeptProgram : runProgram;
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
    run: answer((request: messages.RunRequest, peer) => run(request, engines.get(peer) ?? "")),
    runPlugin: runPlugin(options.keepsPrograms === true),
    cancel: answer(() => new Empty()),
  });
  return { server, close: () => server.forceShutdown() };
}
