import { ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import pRetry, { AbortError } from "p-retry";
import { TOOLS_DIR } from "../../platform/shared/paths";
import { freePort } from "../../platform/shared/ports";
import { findServerAccount } from "../../lib/server-account";
import { ensureDistribution } from "../../platform/rds/distribution";
import { temporaryFolder } from "./engine";

/** A throw-away server for one test file. */
export interface PlainPostgres {
  host: string;
  port: number;
  superuser: { user: string; password: string };
  /** What a user has sent so far, in order, as the server has logged it; line breaks are blanks. */
  statements(user: string): string[];
  /** Everything in the server's log. */
  log(): string;
  /** How many bytes there are in it. */
  logSize(): number;
  stop(): Promise<void>;
}

interface Options {
  /** PEM texts: the server then offers TLS. */
  tls?: { certificate: string; key: string };
  /** Server settings in the place of this file's own. */
  settings?: Record<string, string>;
}

const SUPERUSER = { user: "rdsadmin", password: "superuser-of-a-test" };

/** Ends what never comes up. It takes a fifth of a second on a quiet machine. */
const PATIENCE_MS = 60_000;

async function untilReady(server: ChildProcess, log: () => string): Promise<void> {
  const look = () => {
    if (server.exitCode !== null || server.signalCode !== null) {
      throw new AbortError(`PostgreSQL ended while starting:\n${log()}`);
    }
    if (!log().includes("database system is ready to accept connections")) {
      throw new Error(`PostgreSQL is not ready:\n${log()}`);
    }
  };
  await pRetry(look, { retries: Infinity, minTimeout: 50, factor: 1, maxRetryTime: PATIENCE_MS });
}

/** Starts a server that logs every statement, on a free port of loopback, with its data under `.local/test`. */
export async function startPlainPostgres(major: 15 | 17, options: Options = {}): Promise<PlainPostgres> {
  const { binDir } = await ensureDistribution({
    toolsDir: TOOLS_DIR,
    engineVersion: String(major),
    log: () => undefined,
  });
  const directory = await temporaryFolder(`plain-postgres-${major}`);
  const account = await findServerAccount(dirname(directory));
  const data = join(directory, "data");
  const file = async (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    await account.giveTo(path);
    return path;
  };
  await account.giveTo(directory);
  const [initdb = "", ...before] = [...account.prefix, join(binDir, "initdb")];
  execFileSync(
    initdb,
    [
      ...before,
      ...[
        "-D",
        data,
        "-U",
        SUPERUSER.user,
        "-A",
        "scram-sha-256",
        "--pwfile",
        await file("password", SUPERUSER.password),
      ],
      ...["--no-sync", "--locale=C.UTF-8", "--encoding=UTF8"],
    ],
    { cwd: directory, stdio: ["ignore", "ignore", "pipe"] },
  );

  const port = await freePort();
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: "off",
    log_statement: "all",
    log_line_prefix: "<%u> ",
    ...(options.tls && {
      ssl: "on",
      ssl_cert_file: await file("server.crt", options.tls.certificate),
      ssl_key_file: await file("server.key", options.tls.key),
    }),
    ...options.settings,
  };
  const logPath = await file("log", "");
  const descriptor = openSync(logPath, "a");
  const [postgres = "", ...first] = [...account.prefix, join(binDir, "postgres")];
  const server = spawn(
    postgres,
    [...first, "-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    { cwd: directory, stdio: ["ignore", descriptor, descriptor] },
  );
  closeSync(descriptor);
  const ended = new Promise<void>((done) => server.once("exit", () => done()));
  const kill = () => server.kill("SIGQUIT");
  process.once("exit", kill);

  const log = () => readFileSync(logPath, "utf8");
  const stop = async () => {
    process.off("exit", kill);
    server.kill("SIGINT");
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await untilReady(server, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host: "127.0.0.1",
    port,
    superuser: SUPERUSER,
    log,
    logSize: () => statSync(logPath).size,
    stop,
    statements: (user) => {
      // A statement of several lines goes on in lines that begin with a tab.
      const entries = log()
        .replaceAll(/\n\t[^\S\n]*/g, " ")
        .split("\n");
      const sent = new RegExp(`^<${user}> LOG:  (?:statement|execute [^:]*):\\s*(.*?)\\s*$`);
      return entries.flatMap((entry) => sent.exec(entry)?.[1] ?? []);
    },
  };
}
