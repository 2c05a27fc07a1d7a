import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { version as awsVersion } from "@pulumi/aws/package.json";
import { version as postgresqlVersion } from "@pulumi/postgresql/package.json";
import { readEvents, Told } from "../../../.github/steps/preview-events";
import { ensurePulumi } from "../../../platform/engine/cli";
import { languageHost } from "../../../platform/engine/language-host";
import { installPlaceholder } from "../../../platform/engine/placeholder";
import { awsEnvironment, withoutForeignAws } from "../../../platform/shared/aws-environment";
import { capture } from "../../../lib/process";
import { ROOT, TOOLS_DIR } from "../../../platform/shared/paths";
import { listenFor } from "../../../platform/host/services";
import { attached, standIns } from "../../../platform/host/stand-ins";
import { temporaryFolder } from "../engine";
import { PROGRAM_RUNTIME } from "../program-runtime";

/** What a policy says, as the engine tells it. */
export interface Violation {
  policyName: string;
  enforcementLevel: string;
  resourceUrn: string;
  message: string;
}

export interface Judged {
  code: number;
  violations: Violation[];
  output: string;
}

/** The discard port: a preview of what is not there yet asks AWS nothing. */
const NOBODY = "http://127.0.0.1:9";

/** A real engine with the stand-ins and the real pack, which previews small programs as a stack that is not there yet. */
export class PolicyEngine {
  private constructor(
    private readonly dir: string,
    private readonly executable: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly ends: (() => unknown)[],
  ) {}

  static async start(stacks: string[]): Promise<PolicyEngine> {
    const dir = await temporaryFolder("policies");
    const cli = await ensurePulumi({ toolsDir: TOOLS_DIR, log: () => undefined });
    const services = await listenFor({
      ...standIns([]),
      nodejs: () => Promise.resolve(languageHost({ keepsPrograms: true })),
    });
    await mkdir(path.join(dir, "state"));
    await installPlaceholder(path.join(dir, "home"));
    const main = path.join(ROOT, "test/support/policies/program.ts");
    await writeFile(
      path.join(dir, "Pulumi.yaml"),
      JSON.stringify({ name: "markenmate", main, runtime: PROGRAM_RUNTIME }),
    );
    const aws = awsEnvironment(NOBODY, "eu-central-1");
    Object.assign(process.env, aws); // the providers live in this process
    const environment = {
      ...withoutForeignAws(process.env),
      PULUMI_BACKEND_URL: `file://${path.join(dir, "state")}`,
      PULUMI_HOME: path.join(dir, "home"),
      PULUMI_CONFIG_PASSPHRASE: "policies",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // Without it, `--json` leaves violations out.
      PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "1",
      PULUMI_DEBUG_PROVIDERS: attached(services.ports),
      PULUMI_DEBUG_LANGUAGES: `nodejs:${services.ports.nodejs}`,
    };
    const ends = [() => services.close(), () => rm(dir, { recursive: true, force: true })];
    const engine = new PolicyEngine(dir, cli.executable, environment, ends);
    for (const stack of stacks) {
      await engine.pulumi(["stack", "init", stack]);
    }
    return engine;
  }

  /** Previews cases as a stack of that name, under the pack. */
  async judge(stack: string, kind: "violates" | "passes", policies?: string[]): Promise<Judged> {
    const config = [`kind=${kind}`, ...(policies ? [`policies=${policies.join(",")}`] : [])];
    const { code, stdout, stderr } = await this.pulumi([
      ...["preview", "--json", "--stack", stack, "--policy-pack", path.join(ROOT, "policy")],
      ...config.flatMap((setting) => ["--config", setting]),
    ]);
    const events = stdout.split("\n").filter((line) => line.startsWith("{"));
    const violations = events
      .map((line) => (JSON.parse(line) as { policyEvent?: Violation }).policyEvent)
      .filter((event) => event !== undefined);
    return { code, violations, output: `${stdout}\n${stderr}` };
  }

  /** Puts into the stack's state, as if it had been made, what the case `versioned-bucket` has not, or has under another name. */
  async holds(stack: string, options: { protect: boolean }): Promise<void> {
    const file = path.join(this.dir, "state.json");
    const urn = (type: string, name: string) => `urn:pulumi:${stack}::markenmate::${type}::${name}`;
    // The program's own default providers: resources that go over to another provider are replaced for that reason.
    const provider = (name: string, version: string) => ({
      ...{ urn: urn(`pulumi:providers:${name}`, `default_${version.replaceAll(".", "_")}`), custom: true, id: "one" },
      ...{ type: `pulumi:providers:${name}`, inputs: { version }, outputs: { version } },
    });
    const providers = [provider("aws", awsVersion), provider("postgresql", postgresqlVersion)];
    const held = (type: string, name: string, inputs: Record<string, unknown>) => ({
      ...{ urn: urn(type, name), type, custom: true, id: name, inputs, outputs: inputs, ...options },
      provider: `${providers.find(({ type: its }) => its.endsWith(`:${type.split(":")[0]}`))?.urn}::one`,
    });
    const resources = [
      ...providers,
      held("aws:rds/instance:Instance", "database", { engine: "postgres" }),
      held("aws:kms/key:Key", "key", {}),
      held("aws:s3/bucket:Bucket", "versioned-bucket-bucket", { bucket: "shop-under-its-old-name" }),
      held("postgresql:index/role:Role", "shop-migrate", { name: "shop_migrate" }),
    ];
    await writeFile(file, JSON.stringify({ version: 3, deployment: { manifest: {}, resources } }));
    const { code, stderr } = await this.pulumi(["stack", "import", "--force", "--stack", stack, "--file", file]);
    if (code !== 0) {
      throw new Error(`pulumi stack import: exit code ${code}\n${stderr}`);
    }
  }

  /** A preview of the case `versioned-bucket`, under the pack, as the pipelines read it (.github/steps/pulumi.ts). */
  async foreseen(stack: string): Promise<Told & { code: number; output: string }> {
    const config = ["kind=passes", "policies=versioned-bucket"].flatMap((setting) => ["--config", setting]);
    const log = path.join(this.dir, "events.json");
    const pack = ["--policy-pack", path.join(ROOT, "policy")];
    const args = ["preview", "--diff", "--event-log", log, "--stack", stack, ...pack, ...config];
    const { code, stdout, stderr } = await this.pulumi(args, { ...this.environment, PULUMI_DEBUG_COMMANDS: "true" });
    return { ...readEvents(await readFile(log, "utf8")), code, output: `${stdout}\n${stderr}` };
  }

  private pulumi(args: string[], env = this.environment) {
    return capture(this.executable, [...args, "--non-interactive"], { cwd: this.dir, env });
  }

  async close(): Promise<void> {
    for (const end of this.ends) {
      await end();
    }
  }
}
