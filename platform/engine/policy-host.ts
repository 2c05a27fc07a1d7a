import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as analyzer from "@pulumi/pulumi/proto/analyzer_pb";
import * as messages from "@pulumi/pulumi/proto/language_pb";
import { keptPack, Pack, Served } from "./kept-pack";

/**
 * Runs a policy pack when the engine asks for it, as the official host does (sdk/nodejs/cmd/pulumi-language-nodejs,
 * RunPlugin, and sdk/policy_proxy.go): the pack learns from its environment which stack it looks at, and the engine says
 * that only to a server that is there already. So this is that server, and passes on everything else.
 */
type PluginCall = grpc.ServerWritableStream<messages.RunPluginRequest, messages.RunPluginResponse>;

const RUNNER = "@pulumi/pulumi/cmd/run-policy-pack";
const raw = (bytes: Buffer) => bytes;
const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** As the official host: the runner takes what stands in `nodeargs` for arguments of its own, so they do nothing here. */
function runnerArguments(request: messages.RunPluginRequest, directory: string): string[] {
  const options = request.getInfo()?.getOptions()?.toJavaScript() as { nodeargs?: string } | undefined;
  return [
    require.resolve(RUNNER, { paths: [directory] }),
    ...(options?.nodeargs ?? "").split(" ").filter(Boolean),
    ...request.getArgsList(),
    directory,
  ];
}

function environmentOf(list: string[], stack: analyzer.AnalyzerStackConfigureRequest | undefined): NodeJS.ProcessEnv {
  const given = Object.fromEntries(
    list.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
  return {
    ...given,
    ...(stack && {
      PULUMI_NODEJS_ORGANIZATION: stack.getOrganization(),
      PULUMI_NODEJS_PROJECT: stack.getProject(),
      PULUMI_NODEJS_STACK: stack.getStack(),
      PULUMI_NODEJS_DRY_RUN: String(stack.getDryRun()),
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(stack.getConfigMap().toArray())),
    }),
  };
}

const said = (text: string | Uint8Array, how: "setStdout" | "setStderr") =>
  new messages.RunPluginResponse()[how](typeof text === "string" ? Buffer.from(text) : text);

/** Has a pack served by a process of its own, as the official host does. */
function ownPack({ directory, environment }: Served, request: messages.RunPluginRequest): Pack {
  const pack = spawn(process.execPath, runnerArguments(request, directory), {
    cwd: directory,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { stdout: pack.stdout, stderr: pack.stderr, closed: once(pack, "close"), end: () => pack.kill("SIGKILL") };
}

class PolicyPack {
  private readonly server = new grpc.Server(UNLIMITED);
  private started: Promise<grpc.Client> | undefined;

  constructor(
    private readonly call: PluginCall,
    private readonly directory: string,
    private readonly begin: typeof ownPack,
  ) {}

  /** Listens in the pack's place, and tells the engine where. */
  async serve(): Promise<void> {
    const { handshake, configureStack, ...others } = AnalyzerService as unknown as grpc.ServiceDefinition;
    const codec = {
      requestSerialize: raw,
      requestDeserialize: raw,
      responseSerialize: raw,
      responseDeserialize: raw,
    };
    const forwarded = Object.entries(others).map(([name, method]) => [name, { ...method, ...codec }] as const);
    this.server.addService({ handshake, configureStack, ...Object.fromEntries(forwarded) } as grpc.ServiceDefinition, {
      handshake: (_call: unknown, callback: grpc.sendUnaryData<unknown>) =>
        callback(null, new analyzer.AnalyzerHandshakeResponse()),
      configureStack: (
        { request }: { request: analyzer.AnalyzerStackConfigureRequest },
        callback: grpc.sendUnaryData<unknown>,
      ) => {
        void this.start(request);
        callback(null, new analyzer.AnalyzerStackConfigureResponse());
      },
      ...Object.fromEntries(forwarded.map(([name, { path }]) => [name, this.forward(path)])),
    });
    const port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    this.call.on("cancelled", () => this.server.forceShutdown());
    this.call.write(said(`${port}\n`, "setStdout"));
  }

  private forward(method: string): grpc.handleUnaryCall<Buffer, Buffer> {
    return ({ request }, callback) => {
      this.start().then(
        (client) => client.makeUnaryRequest(method, raw, raw, request, callback),
        (error: Error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
      );
    };
  }

  /** The pack's own process, once; without a stack where the engine names none (`pulumi policy publish`). */
  private start(stack?: analyzer.AnalyzerStackConfigureRequest): Promise<grpc.Client> {
    this.started ??= this.run(stack);
    // Whoever waits for it hears of a failure; nobody may wait yet.
    this.started.catch(() => undefined);
    return this.started;
  }

  private async run(stack: analyzer.AnalyzerStackConfigureRequest | undefined): Promise<grpc.Client> {
    const { request } = this.call;
    const environment = environmentOf(request.getEnvList(), stack);
    const pack = this.begin({ directory: this.directory, environment }, request);
    this.call.on("cancelled", () => pack.end());
    pack.stderr.on("data", (chunk: Buffer) => this.call.write(said(chunk, "setStderr")));
    const lines = createInterface({ input: pack.stdout });
    const ended = pack.closed.then(() => this.end());
    const first = await Promise.race([once(lines, "line"), ended]);
    if (!first) {
      throw new Error(`the policy pack in ${this.directory} ended before it listened`);
    }
    lines.on("line", (line) => this.call.write(said(`${line}\n`, "setStdout")));
    const client = new grpc.Client(`127.0.0.1:${first[0]}`, grpc.credentials.createInsecure(), UNLIMITED);
    return stack ? this.configured(client, stack) : client;
  }

  private configured(client: grpc.Client, stack: analyzer.AnalyzerStackConfigureRequest): Promise<grpc.Client> {
    const { path } = (AnalyzerService as unknown as grpc.ServiceDefinition).configureStack as { path: string };
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, raw, raw, Buffer.from(stack.serializeBinary()), (error) =>
        error && error.code !== grpc.status.UNIMPLEMENTED ? reject(error) : resolve(client),
      );
    });
  }

  private end(): void {
    this.server.forceShutdown();
    this.call.end();
  }
}

/**
 * The engine's request to run a plugin that is a program in Node.js: of those this host knows policy packs. With `keeps` they are served by
 * processes that are kept (kept-pack.ts).
 */
export const runPlugin = (keeps: boolean) => (call: PluginCall) => {
  const directory = call.request.getInfo()?.getProgramDirectory();
  if (call.request.getKind() !== "analyzer" || !directory) {
    call.emit("error", { code: grpc.status.UNIMPLEMENTED, details: "The local language host runs policy packs only" });
    return;
  }
  new PolicyPack(call, directory, keeps ? keptPack : ownPack).serve().catch((error: Error) => {
    call.emit("error", { code: grpc.status.UNKNOWN, details: error.message });
  });
};
