import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { installPlaceholder } from "../engine/placeholder";
import { ensureLocalCa } from "../rds/certificates";
import { startLocalRds } from "../rds/front";
import { ensureDistribution } from "../rds/distribution";
import { Instances, startInstances, stopInstances } from "../rds/instances";
import { awsEnvironment, withoutForeignAws } from "../shared/aws-environment";
import { byLine, capture, Captured, runInTerminal } from "../../lib/process";
import { UserError } from "../../lib/user-error";
import { startEmulator, stopEmulator } from "../emulator/emulator";
import { DEFAULT_DIR, ROOT, TOOLS_DIR } from "../shared/paths";
import { LocalProject } from "./project";
import { listenFor, Listening } from "./services";
import { attached, STAND_INS, standIns } from "./stand-ins";
import { installTools } from "./tools";
import { startTlsFront } from "./tls-front";

export interface PlatformOptions {
  /** The folder of the Pulumi program that runs on it, with its `Pulumi.yaml`. Default: the clone. */
  program?: string;
  /** Everything that this platform makes lies in this folder. Default: `.local/run` of the clone. */
  dir?: string;
  /** Packages for which the official plugin is used instead of the stand-in. Default: none. */
  officialPlugins?: string[];
  /** Whether the program is loaded once for all updates (engine/kept-program.ts). Default: false. */
  keepsProgram?: boolean;
  log?: (line: string) => void;
}

const REGION = "eu-central-1";

async function loadLanguageHost(options: { keepsPrograms: boolean }) {
  return (await import("../engine/language-host")).languageHost(options);
}

function folders(dir: string) {
  return { emulator: path.join(dir, "emulator"), rds: path.join(dir, "rds"), tls: path.join(dir, "tls") };
}

function checkOfficial(packages: string[]): void {
  const unknown = packages.filter((name) => !STAND_INS.includes(name));
  if (unknown.length > 0) {
    throw new UserError(`OFFICIAL_PLUGINS: ${unknown.join(", ")} is not among ${STAND_INS.join(", ")}`);
  }
}

/**
 * One machine's stand-in for AWS and for Pulumi's downloads: the emulator and the PostgreSQL servers, which go on running, and the
 * providers and the language host, which live as long as this object.
 */
export class Platform {
  /** The one that is selected. */
  private stack: string | undefined;

  private constructor(
    readonly dir: string,
    readonly environment: NodeJS.ProcessEnv,
    readonly project: LocalProject,
    private readonly program: string,
    readonly executable: string,
    /** How AWS is reached over TLS. */
    readonly overTls: { AWS_ENDPOINT_URL: string; NODE_EXTRA_CA_CERTS: string; AWS_CA_BUNDLE: string },
    private readonly services: Listening,
    private readonly ends: (() => Promise<void> | void)[],
  ) {}

  /** Starts what is not running yet. */
  static async open(options: PlatformOptions = {}): Promise<Platform> {
    const { program = ROOT, dir = DEFAULT_DIR, officialPlugins = [], keepsProgram = false } = options;
    const { log = () => undefined } = options;
    checkOfficial(officialPlugins);
    await mkdir(dir, { recursive: true });
    const { emulator: emulatorDir, rds: rdsDir, tls } = folders(dir);
    const project = new LocalProject(dir, program);
    const cli = await installTools({ toolsDir: TOOLS_DIR, engineVersions: [], log });
    const rdsOptions = { dataDir: rdsDir, tlsDir: tls, toolsDir: TOOLS_DIR, log };
    const [ca, emulator, own] = await Promise.all([
      ensureLocalCa(tls),
      startEmulator({ toolsDir: TOOLS_DIR, dataDir: emulatorDir, region: REGION, log }),
      project.environment(),
      startInstances(rdsOptions),
    ]);
    // The official host starts each program anew; an attached one goes before it.
    const ownHost = keepsProgram || !cli.hasLanguageHost;
    const [rds, tlsFront, services] = await Promise.all([
      startLocalRds({ ...rdsOptions, emulatorUrl: emulator.url, region: REGION }),
      startTlsFront(emulator.url, ca),
      listenFor({
        ...standIns(officialPlugins),
        ...(ownHost && { nodejs: () => loadLanguageHost({ keepsPrograms: keepsProgram }) }),
      }),
    ]);

    const aws = { ...awsEnvironment(emulator.url, REGION), AWS_ENDPOINT_URL_RDS: rds.url };
    Object.assign(process.env, aws); // the providers live in this process, and their clients read it
    for (const pid of await project.removeStaleLocks()) {
      log(`Pulumi: the command with process id ${pid} was killed; its lock on the stack is removed`);
    }
    const environment: NodeJS.ProcessEnv = {
      ...withoutForeignAws(process.env),
      ...aws,
      ...own,
      PULUMI_DEBUG_PROVIDERS: attached(services.ports),
    };
    if (ownHost) {
      await installPlaceholder(environment.PULUMI_HOME as string);
      environment.PULUMI_DEBUG_LANGUAGES = `nodejs:${services.ports.nodejs}`;
    }
    // By the second Node.js knows the authority, by the third AWS's SDK for Go, with which Pulumi decrypts by a key.
    const overTls = { AWS_ENDPOINT_URL: tlsFront.url, NODE_EXTRA_CA_CERTS: ca.caFile, AWS_CA_BUNDLE: ca.caFile };
    const ends = [() => rds.close(), () => tlsFront.close(), () => services.close()];
    return new Platform(dir, environment, project, program, cli.executable, overTls, services, ends);
  }

  /** Runs a Pulumi command in this terminal, as the user would, and returns its exit code. */
  async pulumi(args: string[]): Promise<number> {
    // `config` is to change the program's own file, not the copy.
    const cwd = args[0] === "config" ? this.program : this.project.dir;
    this.expect(args);
    return runInTerminal(this.executable, args, { cwd, env: this.selecting });
  }

  /** Runs a Pulumi command in this terminal, hands on each line that it prints, and returns its exit code. */
  async pulumiByLine(args: string[], onLine: Parameters<typeof byLine>[3]): Promise<number> {
    this.expect(args);
    return byLine(this.executable, args, { cwd: this.project.dir, env: this.selecting }, onLine);
  }

  /** Loads the services while Pulumi starts, for a command that may be going to connect to them. */
  private expect([command = ""]: string[]): void {
    if (!["about", "config", "login", "stack", "version", "whoami"].includes(command)) {
      setImmediate(this.services.load);
    }
  }

  /** The environment with the stack selected, for commands that name none. */
  private get selecting(): NodeJS.ProcessEnv {
    return { ...this.environment, PULUMI_STACK: this.stack };
  }

  /** Where and with what environment a command finds this platform's stack, its `pulumi`, AWS over TLS, and PostgreSQL's programs. */
  async forCommands(): Promise<{ cwd: string; env: NodeJS.ProcessEnv }> {
    const programs = [this.executable, await this.clientProgram("psql")].map((file) => path.dirname(file));
    const PATH = [...programs, process.env.PATH].join(path.delimiter);
    return { cwd: this.project.dir, env: { ...this.environment, ...this.overTls, PATH } };
  }

  /** Runs a Pulumi command and keeps what it prints. */
  capture(args: string[]): Promise<Captured> {
    this.expect(args);
    return capture(this.executable, args, { cwd: this.project.dir, env: this.selecting });
  }

  /**
   * Makes the stack if there is none yet, with `config` or else with what stands in `Pulumi.<stack>.yaml`, and selects it. The secrets of a
   * new one are encrypted by what `secretsProvider` names, as `pulumi stack init` takes it; default: this platform's passphrase.
   */
  async useStack(
    stack: string,
    config?: Record<string, unknown>,
    secretsProvider: () => Promise<string> = () => Promise.resolve("passphrase"),
  ): Promise<void> {
    await this.project.write(stack, config);
    this.stack = stack;
    if (await this.project.has(stack)) {
      return;
    }
    const encrypted = ["--secrets-provider", await secretsProvider()];
    const { code, stderr } = await this.capture(["stack", "init", stack, ...encrypted, "--non-interactive"]);
    if (code !== 0) {
      throw new UserError(`Pulumi could not make the stack ${stack}:\n${stderr.trim()}`);
    }
  }

  /** The path of psql, pg_dump … of the version of the running instance. */
  async clientProgram(name: string): Promise<string> {
    const options = { dataDir: folders(this.dir).rds, tlsDir: folders(this.dir).tls, toolsDir: TOOLS_DIR };
    const [instance] = await new Instances({ ...options, log: () => undefined }).list();
    const { binDir } = await ensureDistribution({
      ...options,
      engineVersion: instance?.engineVersion ?? "17",
      log: () => undefined,
    });
    return path.join(binDir, name);
  }

  /** Ends the providers and the language host. The emulator and the PostgreSQL servers go on running. */
  async close(): Promise<void> {
    await Promise.all(this.ends.map(async (end) => end()));
  }
}

/** Ends every process of the platform in `dir`; what they hold stays. */
export async function stopPlatform(dir = DEFAULT_DIR, log: (line: string) => void = () => undefined): Promise<void> {
  const { emulator, rds, tls } = folders(dir);
  await stopInstances({ dataDir: rds, tlsDir: tls, toolsDir: TOOLS_DIR, log });
  await stopEmulator(emulator);
}

/** Ends the platform in `dir` and removes all that it made, the tools that every platform shares excepted. */
export async function removePlatform(dir = DEFAULT_DIR, log?: (line: string) => void): Promise<void> {
  await stopPlatform(dir, log);
  await rm(dir, { recursive: true, force: true });
}

/** Whether there is a platform in `dir` at all. */
export function hasPlatform(dir = DEFAULT_DIR): boolean {
  return existsSync(path.join(dir, "project"));
}
