import { ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { Client } from "pg";
import { freePort } from "../../local/platform/ports";

/** A throw-away server for one test file. */
export interface PlainPostgres {
  host: string;
  port: number;
  superuser: { user: string; password: string };
  /** What a user has sent so far, in order, as the server has logged it; line breaks are blanks. */
  statements(user: string): string[];
  /** Everything in the server's log. */
  log(): string;
  stop(): Promise<void>;
}

interface Options {
  /** PEM texts: the server then offers TLS. */
  tls?: { certificate: string; key: string };
}

const CLONE = resolve(__dirname, "../..");
const SUPERUSER = { user: "rdsadmin", password: "superuser-of-a-test" };

function binaries(major: 15 | 17): string {
  const candidates =
    major === 15
      ? ["/usr/lib/postgresql/15"]
      : [process.env.POSTGRESQL_17 ?? "", join(CLONE, ".local/tools/postgresql-17.11.0")];
  const home = candidates.find((path) => path && existsSync(join(path, "bin/initdb")));
  if (!home) {
    throw new Error(`no PostgreSQL ${major} in ${candidates.filter(Boolean).join(" or ")}`);
  }
  return join(home, "bin");
}

/** The server refuses to run as root: then it runs as `nobody`. */
function runAs(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const id = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function accepts(port: number): Promise<boolean> {
  const client = new Client({ host: "127.0.0.1", port, database: "postgres", ...SUPERUSER });
  // A server that is starting closes the connection.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function untilReady(server: ChildProcess, port: number, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (server.exitCode !== null || server.signalCode !== null) {
      throw new Error(`PostgreSQL ended while starting:\n${log()}`);
    }
    if (await accepts(port)) {
      return;
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error(`PostgreSQL does not answer:\n${log()}`);
}

/** Starts a server that logs every statement, on a free port of loopback, with its data under `.local/test`. */
export async function startPlainPostgres(major: 15 | 17, options: Options = {}): Promise<PlainPostgres> {
  const bin = binaries(major);
  const account = runAs();
  const parent = join(CLONE, ".local/test");
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, `plain-postgres-${major}-`));
  const data = join(directory, "data");
  const own = (path: string) => account && chownSync(path, account.uid, account.gid);
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    own(path);
    return path;
  };
  own(directory);

  execFileSync(
    join(bin, "initdb"),
    [
      ...["-D", data, "-U", SUPERUSER.user, "-A", "scram-sha-256", "--pwfile", file("password", SUPERUSER.password)],
      ...["--no-sync", "--locale=C.UTF-8", "--encoding=UTF8"],
    ],
    { ...account, cwd: directory, stdio: ["ignore", "ignore", "pipe"] },
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
      ssl_cert_file: file("server.crt", options.tls.certificate),
      ssl_key_file: file("server.key", options.tls.key),
    }),
  };
  const logPath = file("log", "");
  const descriptor = openSync(logPath, "a");
  const server = spawn(
    join(bin, "postgres"),
    ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    { ...account, cwd: directory, stdio: ["ignore", descriptor, descriptor] },
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
    await untilReady(server, port, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    host: "127.0.0.1",
    port,
    superuser: SUPERUSER,
    log,
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
