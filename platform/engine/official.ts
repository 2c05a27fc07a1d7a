import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { run } from "../../lib/process";

/** A slow line is waited for as long as something arrives; this is how long nothing may. */
const PATIENCE_MS = 30_000;

/** Pulumi's installer is a script that is fetched with the CLI: it gets what a download needs, and none of the user's credentials. */
const PASSED_ON = [
  "PATH",
  "NODE_OPTIONS",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "HTTPS_PROXY",
  "https_proxy",
  "NO_PROXY",
  "no_proxy",
];

async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = files.map((file) =>
    stat(path.join(folder, file)).then(
      ({ size }) => size,
      () => 0, // it was moved meanwhile
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Measures every few seconds how much is there and logs what is more; the signal fires when nothing more comes for `patience`. */
export function watchArrivals(
  measure: () => Promise<number>,
  patience: number,
  log: (line: string) => void,
): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  let most = 0;
  let lastArrival = Date.now();
  const look = async () => {
    const bytes = await measure();
    if (bytes > most) {
      most = bytes;
      lastArrival = Date.now();
      log(`Pulumi: ${Math.round(bytes / 1e6)} MB have arrived`);
    } else if (Date.now() - lastArrival >= patience) {
      controller.abort(new Error(`nothing arrived for ${patience / 1000} s`));
    }
  };
  const timer = setInterval(() => void look(), Math.min(5_000, patience));
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}

/** The sentence of a failure that says most: the downloading program's, or else the last. */
function reasonOf(error: unknown): string {
  const lines = (error as Error).message
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(Boolean);
  const reason = lines.findLast((line) => /^(curl|gzip|tar): /.test(line)) ?? lines.at(-1) ?? "";
  return reason.replace(/^pulumi: /, "");
}

/**
 * Fills `folder` with the official CLI and its language hosts, if this machine reaches Pulumi's download. The npm package `pulumi`,
 * which package-lock.json pins by its content, holds a launcher that fetches the CLI of its version when it is first run.
 */
export async function downloadOfficial(options: {
  version: string;
  folder: string;
  log: (line: string) => void;
  signal?: AbortSignal;
  patience?: number;
}): Promise<boolean> {
  const { version, folder, log, signal, patience = PATIENCE_MS } = options;
  const home = path.join(folder, "download");
  const temporary = path.join(home, "tmp");
  await mkdir(temporary, { recursive: true });
  log(`Pulumi: downloading the official CLI ${version} (once)`);
  const arrivals = watchArrivals(() => bytesIn(home), patience, log);
  try {
    const passedOn = PASSED_ON.map((name) => [name, process.env[name]]);
    const answer = await run(process.execPath, [require.resolve("pulumi/run.js"), "version"], {
      env: {
        ...Object.fromEntries(passedOn),
        HOME: home,
        TMPDIR: temporary,
        PULUMI_HOME: home,
        PULUMI_VERSION: version,
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
      signal: signal ? AbortSignal.any([signal, arrivals.signal]) : arrivals.signal,
    });
    // Before it stands what the installer has to say of its work.
    const told = answer.trim().split("\n").at(-1)?.trim();
    if (told !== `v${version}`) {
      throw new Error(`what came says that it is ${told}`);
    }
    const bin = path.join(home, "versions", version, "bin");
    for (const program of await readdir(bin)) {
      await rename(path.join(bin, program), path.join(folder, program));
    }
    log(`Pulumi: the official CLI ${version} is installed`);
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    log(`Pulumi: the official CLI cannot be had on this machine: ${reasonOf(error)}`);
    return false;
  } finally {
    arrivals.stop();
    await rm(home, { recursive: true, force: true });
  }
}
