import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Client } from "pg";
import { UserError } from "../../lib/user-error";
import { freePort, isFree } from "../shared/ports";
import type { Master } from "./bootstrap";
import { clientCertificate, ensureLocalCa, serverCertificate } from "./certificates";
import { Parameters, renderConfiguration, SUPERUSER } from "./configuration";
import { Distribution, ensureDistribution, majorOf } from "./distribution";
import { RdsError } from "./errors";
import { memoryOf } from "../../model/parameters/instance-memory";
import { Server } from "./server";
import { refuseIgnoredSettings, reloadAndWait } from "./settings-in-force";

export interface LocalRdsOptions {
  /** A folder for each instance lies in here. */
  dataDir: string;
  /** Where the certificate authority lies. */
  tlsDir: string;
  toolsDir: string;
  log: (line: string) => void;
}

/** What is remembered of an instance, in its folder. */
export interface InstanceRecord {
  identifier: string;
  engineVersion: string;
  instanceClass: string;
  /** Where the server listens, on loopback. It may differ from the port that was asked for: several instances share this machine. */
  port: number;
  masterUsername: string;
  database: string;
  parameterGroup: string;
  parameters: Parameters;
  /** The master's secret, when RDS manages the password. */
  secret?: { arn: string; kmsKeyId: string };
  /** Logs that RDS would hand on to CloudWatch. */
  logExports?: string[];
  /** Where the data lie, beside this record: another folder after each upgrade. */
  dataFolder?: string;
}

const RECORD = "instance.json";
/** RDS's rule. The identifier names a folder, so nothing else may get that far. */
export const IDENTIFIER = /^(?=.{1,63}$)[a-z](-?[a-z0-9])*$/i;
/** The name that the certificates are for, and under which clients reach the servers. */
const HOST_NAME = "localhost";

/** The PostgreSQL servers of one platform. */
export class Instances {
  constructor(private readonly options: LocalRdsOptions) {}

  private dir(identifier: string): string {
    return path.join(this.options.dataDir, identifier);
  }

  async list(): Promise<InstanceRecord[]> {
    const names = await readdir(this.options.dataDir).catch(() => []);
    const found = names.filter((name) => this.has(name));
    // One that is being deleted meanwhile is gone.
    const records = await Promise.all(found.map((name) => this.get(name).catch(() => undefined)));
    return records.filter((record) => record !== undefined);
  }

  has(identifier: string): boolean {
    return IDENTIFIER.test(identifier) && existsSync(path.join(this.dir(identifier), RECORD));
  }

  async get(identifier: string): Promise<InstanceRecord> {
    return JSON.parse(await readFile(path.join(this.dir(identifier), RECORD), "utf8")) as InstanceRecord;
  }

  async save(record: InstanceRecord): Promise<void> {
    const file = path.join(this.dir(record.identifier), RECORD);
    await writeFile(`${file}.new`, JSON.stringify(record, null, 2));
    await rename(`${file}.new`, file); // nobody reads half of it
  }

  private distribution({ engineVersion }: InstanceRecord): Promise<Distribution> {
    return ensureDistribution({ ...this.options, engineVersion }).catch((error: Error) => {
      throw new RdsError("InvalidParameterCombination", error.message);
    });
  }

  private async server(record: InstanceRecord): Promise<Server> {
    const { identifier, dataFolder = "data" } = record;
    return Server.at(this.dir(identifier), (await this.distribution(record)).binDir, dataFolder);
  }

  /** Makes and starts an instance. On a failure nothing of it is left. */
  create(wanted: Omit<InstanceRecord, "port">, masterPassword: string): Promise<InstanceRecord> {
    return this.build(wanted, async (record, server) => {
      const ca = await ensureLocalCa(this.options.tlsDir);
      await server.initialize(await serverCertificate(ca, HOST_NAME), ca.caFile);
      await server.configure(await this.configuration(record, server, true));
      await server.start();
      const master: Master = { username: record.masterUsername, password: masterPassword };
      await this.asSuperuser(record, server, async (superuser) => {
        const { createMaster, createDatabase } = await import("./bootstrap");
        await createMaster(superuser, Number(majorOf(record.engineVersion)), master);
        await createDatabase(superuser, record.database, record.masterUsername);
        await refuseIgnoredSettings(superuser, server);
      });
    });
  }

  /** Makes and starts a read replica: a standby that follows its source. On a failure nothing of it is left. */
  replicate(
    source: InstanceRecord,
    own: Pick<InstanceRecord, "identifier" | "instanceClass">,
  ): Promise<InstanceRecord> {
    return this.build({ ...source, ...own, secret: undefined }, async (record, server) => {
      const ca = await ensureLocalCa(this.options.tlsDir);
      const superuser = await clientCertificate(ca, SUPERUSER);
      const certificate = await serverCertificate(ca, HOST_NAME);
      await server.initializeAsStandby(certificate, ca.caFile, { port: source.port, superuser });
      await server.configure(await this.configuration(record, server));
      await server.start();
    });
  }

  private async build(
    wanted: Omit<InstanceRecord, "port">,
    work: (record: InstanceRecord, server: Server) => Promise<void>,
  ): Promise<InstanceRecord> {
    const record: InstanceRecord = { ...wanted, port: await freePort() };
    const dir = this.dir(record.identifier);
    await mkdir(dir, { recursive: true });
    const server = await this.server(record);
    try {
      await work(record, server);
      await this.save(record);
      return record;
    } catch (error) {
      await server.stop().catch(() => undefined);
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
  }

  private async configuration(record: InstanceRecord, server: Server, sayWhatIsOmitted = false) {
    const { hasPgaudit } = await this.distribution(record);
    const configuration = renderConfiguration({
      parameters: record.parameters,
      majorVersion: Number(majorOf(record.engineVersion)),
      port: record.port,
      memoryBytes: memoryOf(record.instanceClass),
      hasPgaudit,
      tls: server.tls,
    });
    if (sayWhatIsOmitted) {
      configuration.omitted.forEach((line) => this.options.log(`Local RDS, ${record.identifier}: ${line}`));
    }
    return configuration;
  }

  private async asSuperuser<Result>(
    record: InstanceRecord,
    server: Server,
    work: (client: Client) => Promise<Result>,
    database = "postgres",
  ): Promise<Result> {
    const certificate = await clientCertificate(await ensureLocalCa(this.options.tlsDir), SUPERUSER);
    return server.asSuperuser(record.port, database, certificate, work);
  }

  /** Remembers of an instance what its server has nothing to do with. */
  async note(identifier: string, change: Partial<InstanceRecord>): Promise<void> {
    await this.save({ ...(await this.get(identifier)), ...change });
  }

  /**
   * Brings an instance to what `change` says: dynamic parameters with a reload, static ones with a restart. When the
   * server does not take it, it goes on as before and the error says why.
   */
  async reconfigure(identifier: string, change: Partial<InstanceRecord>): Promise<InstanceRecord> {
    const before = await this.get(identifier);
    const record = { ...before, ...change };
    const server = await this.server(record);
    const previous = await server.configure(await this.configuration(record, server));
    try {
      if (await server.isRunning()) {
        await this.apply(record, server);
      }
    } catch (error) {
      await server.configure(previous);
      await ((await server.isRunning()) ? server.reload() : server.start());
      throw error instanceof RdsError ? error : new RdsError("InvalidParameterValue", (error as Error).message);
    }
    await this.save(record);
    return record;
  }

  private async apply(record: InstanceRecord, server: Server): Promise<void> {
    const pending = await this.asSuperuser(record, server, async (superuser) => {
      await reloadAndWait(superuser);
      await refuseIgnoredSettings(superuser, server);
      const { rows } = await superuser.query<{ name: string }>("SELECT name FROM pg_settings WHERE pending_restart");
      return rows.map(({ name }) => name);
    });
    if (pending.length > 0) {
      this.options.log(`Local RDS, ${record.identifier}: restarting for ${pending.join(", ")}`);
      await server.stop();
      await server.start();
      await this.asSuperuser(record, server, (superuser) => refuseIgnoredSettings(superuser, server));
    }
  }

  /**
   * Brings an instance to a later major version, with pg_upgrade as RDS does (docs: "How to perform a major version upgrade for RDS for
   * PostgreSQL"): stopped meanwhile, and without new statistics. When it fails the instance goes on with the version of before.
   */
  async upgrade(identifier: string, change: Omit<Partial<InstanceRecord>, "port">): Promise<void> {
    const before = await this.get(identifier);
    const engineVersion = change.engineVersion ?? before.engineVersion;
    const record = { ...before, ...change, dataFolder: `data-${majorOf(engineVersion)}` };
    this.options.log(`Local RDS, ${identifier}: upgrading PostgreSQL ${before.engineVersion} to ${engineVersion}`);
    const [earlier, later] = [await this.server(before), await this.server(record)];
    await earlier.stop();
    try {
      await later.initializeFrom(earlier);
      await later.configure(await this.configuration(record, later, true));
      await later.start();
      const { adoptVersion, giveExtensions } = await import("./bootstrap");
      await this.asSuperuser(record, later, async (superuser) => {
        await adoptVersion(superuser, Number(majorOf(record.engineVersion)));
        await refuseIgnoredSettings(superuser, later);
        const { rows } = await superuser.query<{ name: string }>(
          "SELECT datname AS name FROM pg_database WHERE datallowconn",
        );
        for (const { name } of rows) {
          await this.asSuperuser(record, later, (inside) => giveExtensions(inside, record.masterUsername), name);
        }
      });
    } catch (error) {
      await later.discard();
      await earlier.start();
      throw error instanceof RdsError ? error : new RdsError("InvalidParameterCombination", (error as Error).message);
    }
    // From here on it is the later one's, whenever this is killed.
    await this.save(record);
    await earlier.discard();
  }

  /** Gives the server a certificate of its own anew, as a new authority does: sessions go on, new ones see it. */
  async renewCertificate(identifier: string): Promise<void> {
    const server = await this.server(await this.get(identifier));
    await server.renew(await serverCertificate(await ensureLocalCa(this.options.tlsDir), HOST_NAME));
  }

  async setMasterPassword(identifier: string, password: string): Promise<void> {
    const record = await this.get(identifier);
    const { setMasterPassword } = await import("./bootstrap");
    const master = { username: record.masterUsername, password };
    await this.asSuperuser(record, await this.server(record), (superuser) => setMasterPassword(superuser, master));
  }

  /** Starts an instance that is not running. */
  async start(identifier: string): Promise<void> {
    const record = await this.get(identifier);
    const server = await this.server(record);
    if (await server.isRunning()) {
      return;
    }
    if (!(await isFree(record.port))) {
      throw new UserError(
        `Local RDS: port ${record.port} of ${identifier} is taken by another process. End that process and try again.`,
      );
    }
    this.options.log(`Local RDS: starting ${identifier} (PostgreSQL ${record.engineVersion}, port ${record.port})`);
    await server.start();
  }

  async stop(identifier: string): Promise<void> {
    await (await this.server(await this.get(identifier))).stop();
  }

  /** Stops the server and removes all that it kept. */
  async delete(identifier: string): Promise<void> {
    await this.stop(identifier);
    await rm(this.dir(identifier), { recursive: true, force: true });
  }
}

/** Starts every instance that is not running, after the platform was stopped or the machine was. */
export async function startInstances(options: LocalRdsOptions): Promise<void> {
  const instances = new Instances(options);
  for (const { identifier } of await instances.list()) {
    await instances.start(identifier);
  }
}

/** Stops every instance; their data stay. */
export async function stopInstances(options: LocalRdsOptions): Promise<void> {
  const instances = new Instances(options);
  for (const { identifier } of await instances.list()) {
    await instances.stop(identifier);
  }
}
