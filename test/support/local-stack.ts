import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client, ClientConfig } from "pg";
import { Outputs, stackOutputs } from "../../local/outputs";
import { Captured } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { Platform, removePlatform } from "../../platform/host/platform";
import { temporaryFolder } from "./engine";
import { asRole, readable } from "./iam";
import { leftovers } from "./leftovers";
import { keep, place, restore } from "./prepared";
import { makeSecretsKey } from "./secrets-key";
import { keepsProgram, usesPassphrase } from "./shortcuts";

type Values = Record<string, unknown>;

export interface LoginSecret {
  engine: string;
  host: string;
  port: number;
  dbname: string;
  username: string;
  password: string;
  url: string;
}

export interface PreviewSummary {
  changeSummary?: Record<string, number>;
  steps: { op: string; urn: string; detailedDiff?: Record<string, { kind: string }> | null }[];
}

/** The whole stack on a platform of its own, as `make up` would build it, for one test file. */
export class LocalStack {
  private constructor(
    public platform: Platform,
    readonly name: string,
    /** What the platform said while it started. */
    readonly log: string[],
  ) {}

  /** One that is not there yet. */
  static async open(name: string, database: Values = {}, others: Values = {}): Promise<LocalStack> {
    return LocalStack.at(await temporaryFolder(name), name, database, others);
  }

  /** One that is up, called `test`: brought up once by each worker with the default settings, and from then on restored (prepared.ts). */
  static async prepared(database: Values = {}, others: Values = {}): Promise<LocalStack> {
    const engineVersion = (database.engineVersion ?? "17") as string;
    if (!(await restore(engineVersion))) {
      const first = await LocalStack.at(place(), "test", { engineVersion }, {});
      await first.up();
      await first.platform.close();
      await keep(engineVersion);
    }
    const stack = await LocalStack.at(place(), "test", { engineVersion, ...database }, others);
    const { engineVersion: _, ...own } = database;
    if (Object.keys({ ...own, ...others }).length > 0) {
      await stack.up();
    }
    return stack;
  }

  private static async at(dir: string, name: string, database: Values, others: Values): Promise<LocalStack> {
    const log: string[] = [];
    const platform = await LocalStack.platform(dir, log);
    await LocalStack.use(platform, name, database, others);
    return new LocalStack(platform, name, log);
  }

  private static platform(dir: string, log: string[]): Promise<Platform> {
    return Platform.open({ dir, keepsProgram: keepsProgram(), log: (line) => log.push(line) });
  }

  /** Another stack on the same platform, which ends with this one. */
  async beside(name: string, database: Values = {}, others: Values = {}): Promise<LocalStack> {
    await LocalStack.use(this.platform, name, database, others);
    return new LocalStack(this.platform, name, this.log);
  }

  private static async use(platform: Platform, name: string, database: Values, others: Values): Promise<void> {
    const config = LocalStack.config(platform.dir, database, others);
    await platform.useStack(name, config, usesPassphrase() ? undefined : makeSecretsKey);
  }

  /** What stands in a stack's file: `database` and the other groups and keys of the settings. */
  private static config(dir: string, database: Values, others: Values): Values {
    return {
      "aws:region": "eu-central-1",
      ...Object.fromEntries(Object.entries(others).map(([key, value]) => [`markenmate:${key}`, value])),
      "markenmate:database": {
        deletionProtection: false,
        finalSnapshot: false,
        caFile: path.relative(ROOT, path.join(dir, "tls", "ca.pem")),
        extensions: ["pg_stat_statements"],
        ...database,
      },
    };
  }

  /** Changes the settings for the commands that follow. */
  configure(database: Values, others: Values = {}): Promise<void> {
    return this.platform.useStack(this.name, LocalStack.config(this.platform.dir, database, others));
  }

  pulumi(...args: string[]): Promise<Captured> {
    return this.platform.capture([...args, "--stack", this.name, "--non-interactive"]);
  }

  /** Runs a Pulumi command that must succeed and returns all that it printed. */
  async succeed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi(...args);
    if (code !== 0) {
      throw new Error(`pulumi ${args.join(" ")}: exit code ${code}\n${stdout}\n${stderr}`);
    }
    return stdout + stderr;
  }

  up(...args: string[]): Promise<string> {
    return this.succeed("up", "--yes", "--skip-preview", ...args);
  }

  /** What comes of destroying the buckets alone, with all that hangs on them. */
  destroyBuckets(): Promise<Captured> {
    const buckets = ["--target", "**s3/bucket:Bucket**", "--target-dependents"];
    return this.pulumi("destroy", "--yes", "--skip-preview", ...buckets);
  }

  async preview(...args: string[]): Promise<PreviewSummary> {
    const { code, stdout, stderr } = await this.pulumi("preview", "--json", ...args);
    if (code !== 0) {
      throw new Error(`pulumi preview: exit code ${code}\n${stdout}\n${stderr}`);
    }
    return JSON.parse(stdout) as PreviewSummary;
  }

  async outputs(): Promise<Outputs> {
    const outputs = await stackOutputs(this.platform, this.name);
    if (!outputs) {
      throw new Error("The stack has no outputs: it was not brought up");
    }
    return outputs;
  }

  async secret(arn: string, VersionStage = "AWSCURRENT"): Promise<LoginSecret> {
    const { SecretString } = await new SecretsManagerClient({}).send(
      new GetSecretValueCommand({ SecretId: arn, VersionStage }),
    );
    return JSON.parse(SecretString as string) as LoginSecret;
  }

  ca(): string {
    return readFileSync(path.join(this.platform.dir, "tls", "ca.pem"), "utf8");
  }

  /**
   * How a role, one of a further application (`shop/app`), or `master`, connects: over TLS, the server's certificate and name
   * verified.
   */
  async connection(role: string, settings: ClientConfig = {}): Promise<ClientConfig> {
    const { secretArns, applications, masterSecretArn, databaseHost, databasePort, databaseName } =
      await this.outputs();
    const [name = "", own] = role.split("/");
    const arn = own === undefined ? secretArns[role] : applications?.[name]?.secretArns[own];
    const { username, password, dbname } = await this.secret(role === "master" ? masterSecretArn : (arn as string));
    return {
      host: databaseHost,
      port: databasePort,
      database: role === "master" ? databaseName : dbname,
      user: username,
      password,
      ssl: { ca: this.ca() },
      // Tests name tables as an application does; these find PostgreSQL's own names alone.
      ...(["master", "backup", "monitor"].includes(role) && { options: '-c search_path="$user",public' }),
      ...settings,
    };
  }

  /** Logs in, does the work and logs out. */
  async as<Result>(
    role: string,
    work: (client: Client) => Promise<Result>,
    settings: ClientConfig = {},
  ): Promise<Result> {
    const client = new Client(await this.connection(role, settings));
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** All that the stack's PostgreSQL servers ever logged. */
  async serverLog(): Promise<string> {
    const rds = path.join(this.platform.dir, "rds");
    const files = (await readdir(rds, { recursive: true })).filter((file) => file.endsWith(".log"));
    return (await Promise.all(files.map((file) => readFile(path.join(rds, file), "utf8")))).join("\n");
  }

  /** What an SDK still finds in the emulator, `kind: name` each. */
  leftovers(): Promise<string[]> {
    return leftovers();
  }

  /** The roles whose secrets somebody can read who has that policy and nothing else. */
  async readableWith(policyArn: string): Promise<string[]> {
    const { secretArns } = await this.outputs();
    return asRole({ policyArn }, (credentials) => readable(credentials, secretArns));
  }

  /** Ends what lives with the platform's object and starts it anew, as the next command does. */
  async reopen(): Promise<void> {
    await this.platform.close();
    this.platform = await LocalStack.platform(this.platform.dir, this.log);
  }

  async close(): Promise<void> {
    await this.platform.close();
    await removePlatform(this.platform.dir);
  }
}
