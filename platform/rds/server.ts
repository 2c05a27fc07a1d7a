import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Client } from "pg";
import { TRUSTED_OPTIONS } from "../../lib/search-path";
import { run } from "../../lib/process";
import { ServerAccount, findServerAccount } from "../../lib/server-account";
import { Certificate } from "./certificates";
import { Configuration, SUPERUSER } from "./configuration";
import { copyEmptyCluster } from "./empty-cluster";

const START_TIMEOUT_SECONDS = 60;

/** One PostgreSQL server and the folder that holds all of it. */
export class Server {
  readonly dataDir: string;
  private readonly logFile: string;
  private readonly tlsDir: string;

  private constructor(
    private readonly dir: string,
    private readonly binDir: string,
    private readonly account: ServerAccount,
    dataFolder: string,
  ) {
    this.dataDir = path.join(dir, dataFolder);
    this.logFile = path.join(dir, "postgresql.log");
    this.tlsDir = path.join(dir, "tls");
  }

  /** `dir` must exist. */
  static async at(dir: string, binDir: string, dataFolder: string): Promise<Server> {
    return new Server(dir, binDir, await findServerAccount(path.dirname(dir)), dataFolder);
  }

  /** Absolute paths of what the configuration names. */
  get tls(): { cert: string; key: string; ca: string } {
    const file = (name: string) => path.join(this.tlsDir, name);
    return { cert: file("server.crt"), key: file("server.key"), ca: file("ca.pem") };
  }

  private async prepare(certificate: Certificate, caFile: string): Promise<void> {
    await this.account.giveTo(this.dir);
    await mkdir(this.tlsDir, { recursive: true });
    await this.account.giveTo(this.tlsDir);
    await this.write(this.tls.cert, certificate.cert);
    await this.write(this.tls.key, certificate.key);
    await this.write(this.tls.ca, await readFile(caFile, "utf8"));
    await this.write(this.logFile, "");
  }

  /** Takes another certificate, without a restart. */
  async renew(certificate: Certificate): Promise<void> {
    await this.write(this.tls.cert, certificate.cert);
    await this.write(this.tls.key, certificate.key);
    await ((await this.isRunning()) && this.reload());
  }

  /** Makes an empty cluster. The server is not started. */
  async initialize(certificate: Certificate, caFile: string): Promise<void> {
    await this.discard(); // what is left of one that was killed half-made
    await this.prepare(certificate, caFile);
    await copyEmptyCluster(this.binDir, this.account, this.dataDir);
  }

  /** Makes a copy of the server on that port, which follows it once it is started. `superuser` is whom it logs in as there. */
  async initializeAsStandby(
    certificate: Certificate,
    caFile: string,
    source: { port: number; superuser: Certificate },
  ): Promise<void> {
    await this.prepare(certificate, caFile);
    const [cert, key] = [path.join(this.tlsDir, "replication.crt"), path.join(this.tlsDir, "replication.key")];
    await this.write(cert, source.superuser.cert);
    await this.write(key, source.superuser.key);
    const primary =
      `host=localhost port=${source.port} user=${SUPERUSER} sslmode=verify-full ` +
      `sslrootcert='${this.tls.ca}' sslcert='${cert}' sslkey='${key}'`;
    await this.command("pg_basebackup", [
      ...["--pgdata", this.dataDir, "--dbname", primary, "--write-recovery-conf"],
      ...["--wal-method", "stream", "--checkpoint", "fast", "--no-sync", "--no-password"],
    ]);
  }

  /** Makes a cluster with all that a server of an earlier major version has, which must be stopped, and whose data stay as they are. */
  async initializeFrom(earlier: Server): Promise<void> {
    // A socket's path has 107 characters at most: the instance's folder may lie too deep.
    const folder = await mkdtemp("/tmp/rds-upgrade-");
    const hbaFile = path.join(folder, "pg_hba.conf");
    try {
      await this.account.giveTo(folder);
      await this.write(hbaFile, "local all all trust\n"); // through the socket in that folder, and no other way
      await this.discard(); // what is left of an upgrade that was killed
      await copyEmptyCluster(this.binDir, this.account, this.dataDir);
      await this.command("pg_upgrade", [
        ...[
          "--old-bindir",
          earlier.binDir,
          "--old-datadir",
          earlier.dataDir,
          "--old-options",
          `-c hba_file=${hbaFile}`,
        ],
        ...["--new-bindir", this.binDir, "--new-datadir", this.dataDir, "--new-options", `-c hba_file=${hbaFile}`],
        ...["--username", SUPERUSER, "--socketdir", folder],
      ]);
    } finally {
      await rm(folder, { recursive: true });
      await rm(path.join(this.dir, "delete_old_cluster.sh"), { force: true });
    }
  }

  /** Removes the data. */
  async discard(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Writes the configuration and returns the one before it, to go back to. */
  async configure({ postgresqlConf, pgHbaConf }: Pick<Configuration, "postgresqlConf" | "pgHbaConf">) {
    const [conf, hba] = ["postgresql.conf", "pg_hba.conf"].map((name) => path.join(this.dataDir, name)) as [
      string,
      string,
    ];
    const before = { postgresqlConf: await readFile(conf, "utf8"), pgHbaConf: await readFile(hba, "utf8") };
    await this.write(conf, postgresqlConf);
    await this.write(hba, pgHbaConf);
    return before;
  }

  /**
   * Whether the process that the server's own file names is this server. `pg_ctl` looks at the number alone, and after a
   * crash or a reboot that may be anybody's: then it would take the server for running, and stop somebody else.
   */
  async isRunning(): Promise<boolean> {
    const found = await this.named();
    return found !== undefined && found.isServer && !found.isUpgraded;
  }

  private get pidFile(): string {
    return path.join(this.dataDir, "postmaster.pid");
  }

  /** The live process of that number, if there is one, and whether it is this server; pg_upgrade starts it for itself alone. */
  private async named(): Promise<{ isServer: boolean; isUpgraded: boolean } | undefined> {
    try {
      const [pid = ""] = (await readFile(this.pidFile, "utf8")).split("\n");
      const argv = (await readFile(`/proc/${Number(pid)}/cmdline`, "utf8")).split("\0");
      return { isServer: argv.includes(this.dataDir), isUpgraded: argv.includes("-b") };
    } catch {
      return undefined;
    }
  }

  /** Starts the server and waits until it accepts connections. Fails with what the server says about it. */
  async start(): Promise<void> {
    const found = await this.named();
    if (found?.isServer === false) {
      await rm(this.pidFile); // left by a crash; the server would take that process for itself and not start
    } else if (found?.isUpgraded) {
      await this.stop(); // left by an upgrade that was killed
    }
    const logged = (await this.log()).length;
    try {
      await this.control(["start", "--log", this.logFile, "--timeout", String(START_TIMEOUT_SECONDS), "--wait"]);
    } catch (error) {
      throw new Error(serverMessage((await this.log()).slice(logged)) ?? (error as Error).message, { cause: error });
    }
  }

  /** Ends every session, writes everything to disk and stops. */
  async stop(): Promise<void> {
    if ((await this.named())?.isServer) {
      await this.control(["stop", "--mode", "fast", "--wait"]);
    }
  }

  async reload(): Promise<void> {
    await this.control(["reload"]);
  }

  log(): Promise<string> {
    return readFile(this.logFile, "utf8").catch(() => "");
  }

  /** Works as the superuser, who logs in with a certificate. None of it is logged: it may be about passwords. */
  async asSuperuser<Result>(
    port: number,
    database: string,
    certificate: Certificate,
    work: (client: Client) => Promise<Result>,
  ): Promise<Result> {
    const pg = await import("pg");
    const client = new pg.Client({
      host: "localhost",
      port,
      database,
      user: SUPERUSER,
      ssl: { ...certificate, ca: await readFile(this.tls.ca, "utf8"), servername: "localhost" },
      options: `${TRUSTED_OPTIONS} -c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic`,
    });
    client.on("error", () => undefined); // a server that stops ends the session; the query under way tells
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  private control(args: string[]): Promise<string> {
    const [action = "", ...options] = args;
    return this.command("pg_ctl", [action, "--pgdata", this.dataDir, "--silent", ...options]);
  }

  private command(name: string, args: string[]): Promise<string> {
    const [command = "", ...rest] = [...this.account.prefix, path.join(this.binDir, name), ...args];
    return run(command, rest, {
      cwd: this.dir,
      env: {
        PATH: process.env.PATH,
        TMPDIR: this.dir,
        LC_ALL: "C.UTF-8",
        // The module by which a standby follows looks for libpq where the distribution was built, and then finds the
        // system's, of whatever version.
        LD_LIBRARY_PATH: path.join(this.binDir, "..", "lib"),
      },
    });
  }

  private async write(file: string, content: string): Promise<void> {
    await writeFile(file, content, { mode: 0o600 });
    await this.account.giveTo(file);
  }
}

/** The first thing that a server complained about, without time and process. */
export function serverMessage(log: string): string | undefined {
  const complaints = [
    /(?:FATAL|PANIC|ERROR|LOG|WARNING): {2}((?:invalid|unrecognized|could not|.*is outside|.*out of).*)/,
    /(?:FATAL|PANIC): {2}(.*)/,
    /^postgres: (.*)/m, // before it has a log to write to
  ];
  return complaints.map((complaint) => complaint.exec(log)?.[1]).find(Boolean);
}
