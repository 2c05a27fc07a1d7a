import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import lock from "../../package-lock.json";
import { ensurePulumi } from "../../platform/engine/cli";
import { downloadOfficial, watchArrivals } from "../../platform/engine/official";
import { pinnedVersion } from "../../platform/engine/versions";
import { run } from "../../lib/process";
import { freePort } from "../../platform/shared/ports";
import { installTools } from "../../platform/host/tools";
import { Answers, PulumiDownload, pulumiArchive, redirect } from "../support/pulumi-download";

const VERSION = pinnedVersion();
const ARCHIVE = `/pulumi-v${VERSION}.tar.gz`;

let dir: string;
let folder: string;
let lines: string[];
const log = (line: string) => void lines.push(line);

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "pulumi-download-"));
  folder = path.join(dir, "folder");
  await mkdir(folder);
  lines = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

/** Does `work` while the site answers so; then nobody may be connected to it any more. */
async function withSite<Result>(answers: Answers, work: () => Promise<Result>) {
  const site = await PulumiDownload.start(answers);
  vi.stubEnv("NODE_OPTIONS", await redirect(dir, site.url));
  try {
    return { result: await work(), asked: site.asked };
  } finally {
    await site.close();
  }
}

const download = (patience?: number) => downloadOfficial({ version: VERSION, folder, log, patience });
const archive = (content: Buffer): Answers => ({ [ARCHIVE]: (_, response) => response.end(content) });

/** Puts programs on the PATH, before those that are there. */
async function fakePrograms(scripts: Record<string, string>): Promise<void> {
  const bin = path.join(dir, "bin");
  await mkdir(bin, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  vi.stubEnv("PATH", `${bin}:${process.env.PATH}`);
}

/** A `go` and a `git` that build nothing: the CLI that they leave says what it is. */
async function fakeCompiler(): Promise<void> {
  await mkdir(path.join(dir, "module"));
  const go = `case "$1-$2" in
version-) echo go version go1.26.8 linux/amd64 ;;
mod-download) echo '{ "Dir": "${path.join(dir, "module")}" }' ;;
build-*) while [ "$1" != -o ]; do shift; done; printf '#!/bin/sh\\necho built\\n' > "$2"; chmod 755 "$2" ;;
esac`;
  await fakePrograms({ go, git: "exit 0" });
}

describe("the npm package", () => {
  it("is of the version that is built where it brings nothing", () => {
    expect(lock.packages["node_modules/pulumi"].version).toBe(VERSION);
  });

  it("is known by its content", () => {
    expect(lock.packages["node_modules/pulumi"].integrity).toMatch(/^sha512-/);
  });
});

describe("the official CLI", () => {
  it("comes with its language host, leaves nothing else, and knows no secret and no home", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("PULUMI_VERSION", "3.1.0");
    const home = path.join(dir, "home");
    await mkdir(home);
    vi.stubEnv("HOME", home);
    const { result, asked } = await withSite(archive(await pulumiArchive(dir, VERSION)), () => download());
    expect([result, ...lines]).toEqual([
      true,
      `Pulumi: downloading the official CLI ${VERSION} (once)`,
      `Pulumi: the official CLI ${VERSION} is installed`,
    ]);
    expect(asked).toEqual(["/install.sh", ARCHIVE]);
    expect((await readdir(folder)).sort()).toEqual(["pulumi", "pulumi-language-nodejs"]);
    expect(await readdir(home)).toEqual([]);
  });

  const whole = () => pulumiArchive(dir, VERSION);

  it.each<[string, () => Answers | Promise<Answers>, RegExp]>([
    [
      "the site does not have the installer",
      () => ({ "/install.sh": (_, response) => response.writeHead(404).end() }),
      /HTTP 404 fetching/,
    ],
    ["the site does not have the version", () => ({}), /curl: \(22\) .*404/],
    [
      "half of it arrives",
      async () => {
        const content = await whole();
        return {
          [ARCHIVE]: (_, response) => {
            response.writeHead(200, { "content-length": content.length });
            response.write(content.subarray(0, content.length / 2), () => response.destroy());
          },
        };
      },
      /curl: \(18\) /,
    ],
    [
      "it is damaged",
      async () => {
        const content = await whole();
        content[content.length - 6] = (content[content.length - 6] as number) ^ 1; // in the checksum at its end
        return archive(content);
      },
      /tar: |gzip: /,
    ],
    [
      "it is another version",
      async () => archive(await pulumiArchive(dir, "3.1.0")),
      /what came says that it is v3\.1\.0$/,
    ],
  ])("is not had where %s", async (_, answers, reason) => {
    expect((await withSite(await answers(), () => download())).result).toBe(false);
    expect(lines.at(-1)).toMatch(/^Pulumi: the official CLI cannot be had on this machine: /);
    expect(lines.at(-1)).toMatch(reason);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is not had where nobody answers at the site", async () => {
    vi.stubEnv("NODE_OPTIONS", await redirect(dir, `http://127.0.0.1:${await freePort()}`));
    expect(await download()).toBe(false);
    expect(lines.at(-1)).toBe("Pulumi: the official CLI cannot be had on this machine: fetch failed");
  });

  it.each(["/install.sh", ARCHIVE])("is not waited for where nothing arrives of %s", async (silent) => {
    // `withSite` ends only when the programs that were waiting have let go of the connection.
    const { result } = await withSite({ [silent]: () => undefined }, () => download(500));
    expect(result).toBe(false);
    expect(lines.at(-1)).toBe("Pulumi: the official CLI cannot be had on this machine: nothing arrived for 0.5 s");
  });

  it("is waited for as long as something arrives", async () => {
    vi.useFakeTimers();
    try {
      let bytes = 0;
      const arrivals = watchArrivals(() => Promise.resolve(bytes), 30_000, log);
      for (let minutes = 0; minutes < 20; minutes += 0.5) {
        bytes += 1_000;
        await vi.advanceTimersByTimeAsync(29_000);
      }
      expect(arrivals.signal.aborted).toBe(false);
      await vi.advanceTimersByTimeAsync(35_000);
      expect(arrivals.signal.reason).toEqual(new Error("nothing arrived for 30 s"));
      arrivals.stop();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("the engine", () => {
  const ensure = () => ensurePulumi({ toolsDir: path.join(dir, "tools"), searchPath: "", log });

  it("is the official one with its language host where it is had, and nothing is built", async () => {
    await fakeCompiler();
    const { result } = await withSite(archive(await pulumiArchive(dir, VERSION)), ensure);
    const executable = path.join(dir, "tools", `pulumi-${VERSION}`, "pulumi");
    expect(result).toEqual({ executable, version: VERSION, hasLanguageHost: true });
    expect(lines.join("\n")).not.toContain("building");
    expect(await readFile(executable, "utf8")).toContain(`echo v${VERSION}`);
  });

  it("is built where the official one is not had, says so, and is asked for once", async () => {
    await fakeCompiler();
    const { result } = await withSite({}, ensure);
    expect(result).toMatchObject({ version: VERSION, hasLanguageHost: false });
    expect(lines).toEqual([
      `Pulumi: downloading the official CLI ${VERSION} (once)`,
      expect.stringMatching(/cannot be had on this machine: curl: \(22\)/),
      expect.stringContaining(`building the CLI ${VERSION} from its Go module`),
      "Pulumi: built",
    ]);
    const { asked } = await withSite({}, ensure);
    expect(asked).toEqual([]);
    expect(await readFile(result.executable, "utf8")).toContain("echo built");
    expect(await readdir(path.dirname(result.executable))).toEqual(["pulumi"]);
  });

  it("is named with both ways to it where neither is there, and leaves nothing", async () => {
    await fakeCompiler();
    await fakePrograms({ go: "exit 127" });
    await expect(withSite({}, ensure)).rejects.toThrowError(
      "go is needed to build the Pulumi CLI (or install Pulumi itself, then nothing is built) and cannot be run here.",
    );
    expect(await readdir(path.join(dir, "tools"))).toEqual([]);
  });

  it("is not taken for the launcher that `npx` puts on the PATH", async () => {
    await fakeCompiler();
    const searchPath = path.resolve("node_modules", ".bin");
    const { result } = await withSite({}, () => ensurePulumi({ toolsDir: path.join(dir, "tools"), searchPath, log }));
    expect(path.dirname(result.executable)).toBe(path.join(dir, "tools", `pulumi-${VERSION}`));
  });
});

describe("the tools", () => {
  it("are given up at once when one of them cannot be had, and a build does not go on", async () => {
    const building = path.join(dir, "building");
    await fakeCompiler();
    await run("mkfifo", [building]);
    const go = await readFile(path.join(dir, "bin", "go"), "utf8");
    await fakePrograms({
      go: `[ "$1" != build ] || { echo $$ > "${building}"; exec sleep 1000; }\n${go}`,
      // Fails when the build has begun, and passes its process id on.
      python3: `read pid < "${building}" && echo $pid > "${dir}/pid"; exit 1`,
    });
    const toolsDir = path.join(dir, "tools");
    await expect(withSite({}, () => installTools({ toolsDir, engineVersions: [], log }))).rejects.toThrowError(
      "python3 is needed to run the AWS emulator",
    );
    const pid = Number(await readFile(path.join(dir, "pid"), "utf8"));
    expect(() => process.kill(pid, 0)).toThrowError("ESRCH");
    expect(await readdir(toolsDir)).toEqual([]);
  });
});
