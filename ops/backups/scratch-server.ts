import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { OpsError } from "../shared/errors";
import { Connection } from "../shared/connection";
import { APPLICATION_NAME } from "./naming";
import { findProgram } from "./postgresql-programs";
import { ServerAccount, findServerAccount } from "../../lib/server-account";

const SUPERUSER = "restore_check";
const START_TIMEOUT_SECONDS = 60;
const FOLDER = /^markenmate-verify-(\d+)-/;
/** What the kernel allows for the path of a socket, less what PostgreSQL adds to the folder's. */
const LONGEST_SOCKET_FOLDER = 107 - "/.s.PGSQL.5432.lock".length;
/** Extensions that cannot be created unless their library was there at the start. */
const PRELOADED = ["pgaudit"];

/** Nothing of this server outlives it: what makes writing safe would only make it slow. */
const SETTINGS = {
  listen_addresses: "",
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "4GB",
  autovacuum: "off",
  maintenance_work_mem: "256MB",
};

interface Parts {
  folder: string;
  socketFolder: string;
  pgCtl: string;
  account: ServerAccount;
}

/** A PostgreSQL server of one's own in a folder of one's own, reached through a socket that nobody else can open. */
export class ScratchServer {
  private constructor(private readonly parts: Parts) {}

  /** `extensions`: those that a dump will want to create. */
  static async start(majorVersion: number, extensions: string[] = []): Promise<ScratchServer> {
    const [initdb, pgCtl] = await Promise.all(["initdb", "pg_ctl"].map((name) => findProgram(name, majorVersion)));
    const parts = { pgCtl: pgCtl as string, account: await findServerAccount(tmpdir(), path.dirname(pgCtl as string)) };
    await sweep(parts);
    const folder = await ownFolder(parts.account, tmpdir());
    const socketFolder = folder.length <= LONGEST_SOCKET_FOLDER ? folder : await ownFolder(parts.account, "/tmp");
    const server = new ScratchServer({ ...parts, folder, socketFolder });
    try {
      await as(parts.account, initdb as string, [
        ...["--pgdata", server.dataDir, "--username", SUPERUSER, "--auth-local=trust", "--auth-host=reject"],
        ...["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"],
      ]);
      await server.launch(PRELOADED.filter((name) => extensions.includes(name)));
    } catch (error) {
      await server.remove();
      throw error;
    }
    return server;
  }

  private get dataDir() {
    return path.join(this.parts.folder, "data");
  }

  private async launch(preload: string[]): Promise<void> {
    const { folder, socketFolder, account, pgCtl } = this.parts;
    const settings = {
      ...SETTINGS,
      unix_socket_directories: socketFolder,
      shared_preload_libraries: preload.join(","),
    };
    const options = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
    const log = path.join(folder, "server.log");
    await as(account, pgCtl, [
      ...["start", "--pgdata", this.dataDir, "--log", log, "--wait", `--timeout=${START_TIMEOUT_SECONDS}`, "--silent"],
      ...["--options", options.join(" ")],
    ]).catch(async (error: Error) => {
      const said = await readFile(log, "utf8").catch(() => "");
      throw new OpsError(`The server to restore into did not start:\n${said.trim() || error.message}`);
    });
  }

  connection(database: string): Connection {
    return { host: this.parts.socketFolder, port: 5432, database, user: SUPERUSER, applicationName: APPLICATION_NAME };
  }

  /** Ends the server and deletes all that it had. */
  remove(): Promise<void> {
    return discard(this.parts, this.parts.folder, this.parts.socketFolder);
  }
}

async function ownFolder(account: ServerAccount, parent: string): Promise<string> {
  const folder = await mkdtemp(path.join(parent, `markenmate-verify-${process.pid}-`));
  await account.giveTo(folder);
  return folder;
}

/** Runs a program as whom the server runs as, in a folder that he can reach. */
async function as({ prefix }: ServerAccount, program: string, args: string[]): Promise<void> {
  const [command = "", ...rest] = [...prefix, program, ...args];
  // Without the credentials of AWS: what is restored brings code of its own along.
  const { PATH, LD_LIBRARY_PATH } = process.env;
  const env = { PATH, LD_LIBRARY_PATH, LC_ALL: "C" };
  await promisify(execFile)(command, rest, { cwd: "/", env }).catch(
    ({ stderr, message }: Error & { stderr?: string }) => {
      throw new OpsError(`${path.basename(program)} has failed:\n${(stderr ?? message).trim()}`);
    },
  );
}

async function discard({ account, pgCtl }: Pick<Parts, "account" | "pgCtl">, ...folders: string[]): Promise<void> {
  for (const folder of new Set(folders)) {
    await as(account, pgCtl, ["stop", "--pgdata", path.join(folder, "data"), "--mode=immediate", "--silent"]).catch(
      () => undefined, // it does not run
    );
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes what a verification left that was killed: a server with everybody's data in clear. */
async function sweep(parts: Pick<Parts, "account" | "pgCtl">): Promise<void> {
  for (const parent of new Set([tmpdir(), "/tmp"])) {
    const stale = (await readdir(parent)).filter((name) => {
      const pid = FOLDER.exec(name)?.[1];
      return pid !== undefined && !isRunning(Number(pid));
    });
    await discard(parts, ...stale.map((name) => path.join(parent, name)));
  }
}

/** Whether there is such a process, anybody's. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
