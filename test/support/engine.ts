import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ensurePulumi } from "../../platform/engine/cli";
import { languageHost } from "../../platform/engine/language-host";
import { ProviderModel } from "../../platform/providers/protocol/model";
import { serve } from "../../platform/providers/protocol/serve";
import { capture, Captured } from "../../lib/process";
import { TOOLS_DIR } from "../../platform/shared/paths";
import { listenFor } from "../../platform/host/services";
import { runFolder } from "./run-folder";

/** One step of an update or preview, as `--json` tells it. */
export interface Step {
  op: string;
  urn: string;
  detailedDiff?: Record<string, { kind: string; inputDiff: boolean }> | null;
  replaceReasons?: string[] | null;
  newState?: { outputs?: Record<string, unknown>; inputs?: Record<string, unknown> };
}

/** A folder below the clone, so that programs in it find the clone's packages. */
export async function temporaryFolder(name: string): Promise<string> {
  const parent = runFolder();
  await mkdir(parent, { recursive: true });
  return mkdtemp(path.join(parent, `${name}-`));
}

/** Where state and secrets are kept: what the environment has besides, and what a new stack is told. */
export interface ToyBackend {
  environment: NodeJS.ProcessEnv;
  init: string[];
}

/** Loaded once for all updates (platform/engine/kept-program.ts), it loads what the test has written anew for each. */
const MAIN = `
  module.exports = async () => {
    const program = require.resolve("./program.js");
    delete require.cache[program];
    const exported = require(program);
    return typeof exported === "function" ? exported() : exported;
  };
`;

/** A real engine with one small provider and a program that each test writes anew. */
export class ToyEngine {
  private constructor(
    readonly dir: string,
    private readonly executable: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly ends: (() => unknown)[],
  ) {}

  static async start<Context>(
    provider: ProviderModel<Context>,
    backend?: ToyBackend,
    hosted: Parameters<typeof languageHost>[0] = { keepsPrograms: true },
  ): Promise<ToyEngine> {
    const dir = await temporaryFolder("engine");
    const cli = await ensurePulumi({ toolsDir: TOOLS_DIR, log: () => undefined });
    const services = await listenFor({
      provider: () => Promise.resolve(serve(provider)),
      host: () => Promise.resolve(languageHost(hosted)),
    });
    await mkdir(path.join(dir, "state"));
    await mkdir(path.join(dir, "home"));
    await writeFile(path.join(dir, "home", "logs"), ""); // none are written then (platform/host/project.ts)
    await writeFile(path.join(dir, "Pulumi.yaml"), "name: toy\nruntime: nodejs\n");
    await writeFile(path.join(dir, "package.json"), '{ "name": "toy", "main": "index.js" }');
    await writeFile(path.join(dir, "index.js"), MAIN);
    const environment = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${path.join(dir, "state")}`,
      PULUMI_HOME: path.join(dir, "home"),
      PULUMI_CONFIG_PASSPHRASE: "toy",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      GOGC: "off",
      GOMEMLIMIT: "512MiB",
      PULUMI_DEBUG_PROVIDERS: `${provider.package}:${services.ports.provider}`,
      PULUMI_DEBUG_LANGUAGES: `nodejs:${services.ports.host}`,
      ...backend?.environment,
    };
    const ends = [() => services.close(), () => rm(dir, { recursive: true, force: true })];
    const engine = new ToyEngine(dir, cli.executable, environment, ends);
    await engine.pulumi("stack", "init", "toy", ...(backend?.init ?? []));
    return engine;
  }

  /** Writes the program: the body of a module in which `pulumi` and `Thing` are known. */
  async program(body: string): Promise<void> {
    const head = `
      const pulumi = require("@pulumi/pulumi");
      class Thing extends pulumi.CustomResource {
        constructor(name, args, options) {
          super("toy:index:Thing", name, { ...args, label: args.label, serial: undefined, stamp: undefined }, options);
        }
      }
      class Provider extends pulumi.ProviderResource {
        constructor(name, args) { super("toy", name, args); }
      }
    `;
    await writeFile(path.join(this.dir, "program.js"), head + body);
  }

  pulumi(...args: string[]): Promise<Captured> {
    return this.pulumiAs({}, ...args);
  }

  /** With an environment that is another in part. */
  pulumiAs(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Captured> {
    const env = { ...this.environment, ...environment };
    return capture(this.executable, [...args, "--non-interactive"], { cwd: this.dir, env });
  }

  /** Runs a command that must succeed and returns what it printed. */
  async succeed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi(...args);
    if (code !== 0) {
      throw new Error(`pulumi ${args.join(" ")}: exit code ${code}\n${stdout}\n${stderr}`);
    }
    return stdout;
  }

  up(...args: string[]): Promise<string> {
    return this.succeed("up", "--yes", "--skip-preview", ...args);
  }

  /** The steps of a preview, those of the stack itself and of providers left out. */
  async preview(): Promise<Step[]> {
    const { steps } = JSON.parse(await this.succeed("preview", "--json", "--show-sames")) as { steps: Step[] };
    return steps.filter(({ urn }) => urn.includes("toy:index:Thing"));
  }

  async close(): Promise<void> {
    for (const end of this.ends) {
      await end();
    }
  }
}
