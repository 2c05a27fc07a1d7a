import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { CreateDBInstanceCommandInput, CreateDBInstanceCommand, DBInstance, RDSClient } from "@aws-sdk/client-rds";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client, ClientConfig } from "pg";
import { awsEnvironment } from "../../platform/shared/aws-environment";
import { Emulator, startEmulator } from "../../platform/emulator/emulator";
import { TOOLS_DIR } from "../../platform/shared/paths";
import { ensureLocalCa } from "../../platform/rds/certificates";
import { ensureDistribution } from "../../platform/rds/distribution";
import { startLocalRds } from "../../platform/rds/front";
import { startInstances, stopInstances } from "../../platform/rds/instances";
import { temporaryFolder } from "./engine";

/** Whether this machine has pgaudit for a version: only Debian has it, for 15. */
export async function hasPgaudit(engineVersion: string): Promise<boolean> {
  const distribution = await ensureDistribution({ toolsDir: TOOLS_DIR, engineVersion, log: () => undefined });
  return distribution.hasPgaudit;
}

const REGION = "eu-central-1";

/** The emulator and the local RDS in front of it, for one test file, with clients that know no more than an SDK does. */
export class LocalRds {
  /** What was said while the tests ran. */
  readonly log: string[] = [];
  private front?: { url: string; close(): Promise<void> };
  rds!: RDSClient;

  private constructor(
    readonly dir: string,
    private readonly toolsDir: string,
    private readonly emulator: Emulator,
    readonly secrets: SecretsManagerClient,
  ) {}

  static async open(name: string, { dir = "", toolsDir = TOOLS_DIR } = {}): Promise<LocalRds> {
    dir ||= await temporaryFolder(name);
    const emulator = await startEmulator({ toolsDir: TOOLS_DIR, dataDir: path.join(dir, "emulator") });
    Object.assign(process.env, awsEnvironment(emulator.url, REGION));
    const local = new LocalRds(dir, toolsDir, emulator, new SecretsManagerClient({ endpoint: emulator.url }));
    await ensureLocalCa(local.tlsDir);
    await local.openFront();
    return local;
  }

  get dataDir(): string {
    return path.join(this.dir, "rds");
  }

  get tlsDir(): string {
    return path.join(this.dir, "tls");
  }

  private get options() {
    const log = (line: string) => void this.log.push(line);
    return { dataDir: this.dataDir, tlsDir: this.tlsDir, toolsDir: this.toolsDir, region: REGION, log };
  }

  async openFront(): Promise<void> {
    this.front = await startLocalRds({ ...this.options, emulatorUrl: this.emulator.url });
    this.rds = new RDSClient({ endpoint: this.front.url, maxAttempts: 1 });
  }

  async closeFront(): Promise<void> {
    this.rds.destroy();
    await this.front?.close();
  }

  startInstances(): Promise<void> {
    return startInstances(this.options);
  }

  stopInstances(): Promise<void> {
    return stopInstances(this.options);
  }

  ca(): string {
    return readFileSync(path.join(this.tlsDir, "ca.pem"), "utf8");
  }

  async create(identifier: string, settings: Partial<CreateDBInstanceCommandInput> = {}): Promise<DBInstance> {
    const { DBInstance: made } = await this.rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: identifier,
        DBInstanceClass: "db.t4g.small",
        Engine: "postgres",
        AllocatedStorage: 20,
        DBName: "shop",
        MasterUsername: "keeper",
        ManageMasterUserPassword: true,
        ...settings,
      }),
    );
    return made as DBInstance;
  }

  async password({ MasterUserSecret }: DBInstance): Promise<string> {
    const SecretId = MasterUserSecret?.SecretArn;
    const { SecretString } = await this.secrets.send(new GetSecretValueCommand({ SecretId }));
    return (JSON.parse(SecretString as string) as { password: string }).password;
  }

  /** The master's login: over TLS, the server's certificate and name verified. */
  async login(instance: DBInstance, settings: ClientConfig = {}): Promise<Client> {
    const client = new Client({
      host: instance.Endpoint?.Address,
      port: instance.Endpoint?.Port,
      database: instance.DBName,
      user: instance.MasterUsername,
      password: settings.password ?? (await this.password(instance)),
      ssl: { ca: this.ca() },
      ...settings,
    });
    client.on("error", () => undefined); // a restart ends it
    await client.connect();
    return client;
  }

  /** Logs in as the master, does the work and logs out. */
  async as<Result>(
    instance: DBInstance,
    work: (client: Client) => Promise<Result>,
    settings: ClientConfig = {},
  ): Promise<Result> {
    const client = await this.login(instance, settings);
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** The one value that a query returns. */
  value(instance: DBInstance, sql: string): Promise<unknown> {
    return this.as(
      instance,
      async (client) => Object.values((await client.query<Record<string, unknown>>(sql)).rows[0] ?? {})[0],
    );
  }

  async close(): Promise<void> {
    await this.closeFront();
    await this.stopInstances();
    await this.emulator.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}
