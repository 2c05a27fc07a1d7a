import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { get, IncomingMessage } from "node:http";
import path from "node:path";
import pRetry, { AbortError } from "p-retry";
import { runningPid, startInBackground, stopInBackground } from "../shared/background";
import { requireCommand, run } from "../../lib/process";
import { UserError } from "../../lib/user-error";
import { installOnce } from "../shared/install";
import { freePort, isFree } from "../shared/ports";

const REQUIREMENTS = path.join(__dirname, "requirements.txt");
const APP = path.join(__dirname, "emulator_app.py");
/** It takes a second or two; one that ends meanwhile is told at once. */
const START_LIMIT_MS = 60_000;

export interface EmulatorOptions {
  /** Where the virtual environment lies; shared by every platform of a clone. */
  toolsDir: string;
  /** Where state, log and process id lie. */
  dataDir: string;
  /** Default: the port used before in this `dataDir`, or a free one. */
  port?: number;
  /** Default: eu-central-1. */
  region?: string;
  log?: (line: string) => void;
}

export interface Emulator {
  url: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
}

/** The emulator's virtual environment, made once. Returns the path of its python. */
export async function installEmulator(toolsDir: string, log: (line: string) => void = () => undefined) {
  const pins = await readFile(REQUIREMENTS, "utf8");
  const version = /^ministack==(.+)$/m.exec(pins)?.[1];
  const folder = await installOnce(path.join(toolsDir, `ministack-${version}`), async (draft) => {
    log(`AWS emulator: installing ministack ${version} (about 10 s, once)`);
    await requireCommand("python3", ["--version"], "to run the AWS emulator");
    await requireCommand("python3", ["-m", "venv", draft], "to run the AWS emulator");
    await run(path.join(draft, "bin", "python"), [
      ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"],
      ...["--requirement", REQUIREMENTS],
    ]);
  });
  return path.join(folder, "bin", "python");
}

/** The state that two runs of the emulator share, and where it tells who it is. */
function files(dataDir: string) {
  return {
    pid: path.join(dataDir, "emulator.pid"),
    port: path.join(dataDir, "port"),
    log: path.join(dataDir, "emulator.log"),
  };
}

async function rememberedPort(dataDir: string): Promise<number | undefined> {
  return readFile(files(dataDir).port, "utf8").then(Number, () => undefined);
}

/** Starts the AWS emulator on loopback, or finds it running, and waits until it answers. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { dataDir, region = "eu-central-1", log = () => undefined } = options;
  const python = await installEmulator(options.toolsDir, log);
  const { pid: pidFile, port: portFile, log: logFile } = files(dataDir);
  for (const folder of ["state", "s3", "tmp"]) {
    await mkdir(path.join(dataDir, folder), { recursive: true });
  }

  let pid = await runningPid(pidFile);
  let port = options.port ?? (await rememberedPort(dataDir));
  if (pid === undefined) {
    if (port !== undefined && !(await isFree(port))) {
      throw new UserError(
        `AWS emulator: port ${port}, which this platform uses, is taken by another process. ` +
          `End that process, or delete ${portFile} and run \`make up\` again.`,
      );
    }
    port ??= await freePort();
    await writeFile(portFile, String(port));
    pid = await startInBackground({
      command: python,
      // The ASGI server by itself: the emulator's own launcher writes to the system's temporary folder.
      args: [
        ...["-m", "hypercorn", `${APP}:app`, "--bind", `127.0.0.1:${port}`],
        // No workers: one process does it all, and nothing is left on the port when it dies.
        ...["--workers", "0", "--keep-alive", "75", "--log-level", "WARNING"],
      ],
      cwd: dataDir,
      logFile,
      pidFile,
      env: {
        PATH: process.env.PATH,
        PYTHONDONTWRITEBYTECODE: "1",
        BIND_HOST: "127.0.0.1",
        GATEWAY_PORT: String(port),
        LOG_LEVEL: "WARNING",
        MINISTACK_REGION: region,
        PERSIST_STATE: "1",
        STATE_DIR: path.join(dataDir, "state"),
        S3_PERSIST: "1",
        S3_DATA_DIR: path.join(dataDir, "s3"),
        TMPDIR: path.join(dataDir, "tmp"),
        DOCKER_HOST: "unix:///nonexistent", // never a container of its own: PostgreSQL is the local RDS's business
        AUTH: "true", // policies are enforced; the key below is the account's root
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        // A file to which every request is noted, with its right and resource: for tests.
        ...(process.env.EMULATOR_REQUESTS && { EMULATOR_REQUESTS: process.env.EMULATOR_REQUESTS }),
      },
    });
  }

  const url = `http://127.0.0.1:${port}`;
  await pRetry(
    async () => {
      if ((await runningPid(pidFile)) === undefined) {
        const tail = (await readFile(logFile, "utf8")).trim().split("\n").slice(-10).join("\n");
        throw new AbortError(`AWS emulator: it ended while starting. The end of ${logFile}:\n${tail}`);
      }
      // Not `fetch`, which takes longer to load than all else that a command does here.
      const [answer] = (await once(get(`${url}/_ministack/health`, { agent: false }), "response")) as [IncomingMessage];
      answer.resume();
      if (answer.statusCode !== 200) {
        throw new Error(`AWS emulator: not ready, HTTP ${answer.statusCode}`);
      }
    },
    { retries: Infinity, minTimeout: 50, maxTimeout: 200, factor: 1.2, maxRetryTime: START_LIMIT_MS },
  );
  return { url, port: port as number, pid, stop: () => stopEmulator(dataDir) };
}

/** Ends the emulator of `dataDir`; its state stays. */
export async function stopEmulator(dataDir: string): Promise<void> {
  await stopInBackground(files(dataDir).pid);
}
