import { X509Certificate } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensurePulumi } from "../../platform/engine/cli";
import { isAtLeast } from "../../platform/engine/versions";
import { withoutForeignAws } from "../../platform/shared/aws-environment";
import { runningPid, startInBackground, stopInBackground } from "../../platform/shared/background";
import { requireCommand, run } from "../../lib/process";
import { UserError } from "../../lib/user-error";
import { installOnce } from "../../platform/shared/install";
import { ROOT } from "../../platform/shared/paths";
import { freePort, isFree } from "../../platform/shared/ports";
import { LocalProject } from "../../platform/host/project";
import { ensureLocalCa, keptServerCertificate } from "../../platform/rds/certificates";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "platform-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("commands", () => {
  it("are ended before their time with all that they have started", async () => {
    const stop = new AbortController();
    let sleeper = 0;
    const onLine = (line: string) => {
      sleeper = Number(line);
      stop.abort(new Error("enough"));
    };
    const script = "sh -c 'sleep 1000 & echo $!; wait'; true"; // `true`, so that there is a shell above the shell
    await expect(run("sh", ["-c", script], { onLine, signal: stop.signal })).rejects.toThrowError("enough");
    // Gone, or dead and not yet collected by whoever has taken it over.
    const state = () => readFile(`/proc/${sleeper}/stat`, "utf8").catch(() => "gone");
    await expect.poll(state).toMatch(/^gone$|\) Z /);
    await expect(run("sh", ["-c", "true"], { signal: stop.signal })).rejects.toThrowError("enough");
  });

  it("names a missing prerequisite with the command that brings it", async () => {
    await expect(requireCommand("/nowhere/python3", ["--version"], "to run the AWS emulator")).rejects.toThrowError(
      new UserError(
        "/nowhere/python3 is needed to run the AWS emulator and cannot be run here. To get it: see its documentation",
      ),
    );
    const path = process.env.PATH;
    process.env.PATH = dir;
    try {
      await expect(requireCommand("go", ["version"], "to build the Pulumi CLI")).rejects.toThrowError(
        /^go is needed to build the Pulumi CLI and cannot be run here. To get it: install Go 1.26 or later/,
      );
      await expect(requireCommand("python3", ["-m", "venv", "x"], "here")).rejects.toThrowError(
        /^python3 -m venv is needed here and cannot be run here. To get it: sudo apt-get install python3-venv python3-pip$/,
      );
    } finally {
      process.env.PATH = path;
    }
  });

  it("fails with the end of what the command printed", async () => {
    await expect(run("sh", ["-c", "echo to-stdout; echo to-stderr >&2; exit 3"])).rejects.toThrowError(
      /exit code 3[^]*to-std[^]*to-std/,
    );
  });
});

describe("processes in the background", () => {
  const start = (pidFile: string, command: string, args: string[]) =>
    startInBackground({ command, args, env: process.env, cwd: dir, logFile: path.join(dir, "log"), pidFile });

  it("are found again and ended", async () => {
    const pidFile = path.join(dir, "pid");
    const pid = await start(pidFile, "sleep", ["60"]);
    expect(await runningPid(pidFile)).toBe(pid);
    await stopInBackground(pidFile);
    expect(await runningPid(pidFile)).toBeUndefined();
    expect(() => process.kill(pid, 0)).toThrowError("ESRCH");
  });

  it("are not confused with another process that got the same id", async () => {
    const pidFile = path.join(dir, "pid");
    await writeFile(pidFile, JSON.stringify({ pid: process.pid, startedAt: "1" }));
    expect(await runningPid(pidFile)).toBeUndefined();
    await stopInBackground(pidFile); // this test goes on, so nothing was ended
  });

  it("say when the command does not exist", async () => {
    await expect(start(path.join(dir, "pid"), "/nowhere/command", [])).rejects.toThrowError("ENOENT");
  });
});

describe("installing", () => {
  const target = () => path.join(dir, "tool");

  it("happens once", async () => {
    let times = 0;
    const install = (folder: string) => {
      times += 1;
      return writeFile(path.join(folder, "file"), "whole");
    };
    await installOnce(target(), install);
    await installOnce(target(), install);
    expect(times).toBe(1);
    expect(await readFile(path.join(target(), "file"), "utf8")).toBe("whole");
  });

  it("leaves nothing that looks whole when it fails", async () => {
    const broken = installOnce(target(), async (folder) => {
      await writeFile(path.join(folder, "half"), "");
      throw new Error("network down");
    });
    await expect(broken).rejects.toThrowError("network down");
    expect(await readdir(dir)).toEqual([]);
  });

  it("takes away what a killed one has left, and nothing of one that goes on", async () => {
    const gone = 4_194_305; // above the highest id that Linux gives
    for (const draft of [
      `tool.installing-${gone}-aBc`,
      `tool.installing-${process.pid}-aBc`,
      "tool-2.installing-1-x",
    ]) {
      await mkdir(path.join(dir, draft));
    }
    await installOnce(target(), () => Promise.resolve());
    expect((await readdir(dir)).sort()).toEqual([
      "tool",
      "tool-2.installing-1-x",
      `tool.installing-${process.pid}-aBc`,
    ]);
  });

  it("may be done by two at a time", async () => {
    const install = (folder: string) => writeFile(path.join(folder, "file"), "whole");
    expect(await Promise.all([installOnce(target(), install), installOnce(target(), install)])).toEqual([
      target(),
      target(),
    ]);
    expect(await readdir(dir)).toEqual(["tool"]);
  });
});

describe("ports", () => {
  it("are free, and known to be taken", async () => {
    const port = await freePort();
    const server: Server = createServer().listen(port, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    expect(await isFree(port)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await isFree(port)).toBe(true);
  });
});

describe("the Pulumi CLI", () => {
  it.each([
    ["3.220.0", true],
    ["3.219.9", false],
    ["4.0.0", true],
    ["3.300.0-alpha.1", true],
    ["", false],
  ])("%j is recent enough: %s", (version, enough) => {
    expect(isAtLeast(version, "3.220.0")).toBe(enough);
  });

  async function fake(version: string, ...beside: string[]): Promise<string> {
    const bin = path.join(dir, "bin");
    await mkdir(bin);
    for (const name of ["pulumi", ...beside]) {
      await writeFile(path.join(bin, name), `#!/bin/sh\necho v${version}\n`);
      await chmod(path.join(bin, name), 0o755);
    }
    return bin;
  }

  it("is the one on the PATH when that is recent enough", async () => {
    const bin = await fake("3.300.1", "pulumi-language-nodejs");
    expect(await ensurePulumi({ toolsDir: dir, searchPath: `/nowhere:${bin}`, log: () => undefined })).toEqual({
      executable: path.join(bin, "pulumi"),
      version: "3.300.1",
      hasLanguageHost: true,
    });
  });

  it("is found by a folder that is named from here, and run from anywhere", async () => {
    const bin = await fake("3.300.1");
    const searchPath = path.relative(process.cwd(), bin);
    expect((await ensurePulumi({ toolsDir: dir, searchPath, log: () => undefined })).executable).toBe(
      path.join(bin, "pulumi"),
    );
  });

  it("gets the local language host where the official one is missing", async () => {
    const searchPath = await fake("3.300.1");
    expect(await ensurePulumi({ toolsDir: dir, searchPath, log: () => undefined })).toMatchObject({
      hasLanguageHost: false,
    });
  });

  it("is left alone when it is too old, and the built one is used", async () => {
    const lines: string[] = [];
    const toolsDir = path.join(dir, "tools");
    await mkdir(path.join(toolsDir, "pulumi-3.259.0"), { recursive: true });
    const cli = await ensurePulumi({ toolsDir, searchPath: await fake("3.100.0"), log: (line) => lines.push(line) });
    expect(cli.executable).toBe(path.join(toolsDir, "pulumi-3.259.0", "pulumi"));
    expect(lines).toEqual([expect.stringContaining("is 3.100.0, older than 3.220.0; it is left alone")]);
  });
});

describe("the project's copy", () => {
  it("keeps the salt that Pulumi wrote, and takes the settings of today", async () => {
    const project = new LocalProject(dir, ROOT);
    await project.environment();
    await project.write("local", { "markenmate:schemas": ["one"] });
    const file = path.join(project.dir, "Pulumi.local.yaml");
    await writeFile(file, `encryptionsalt: v1:abc\n${await readFile(file, "utf8")}`);
    await project.write("local", { "markenmate:schemas": ["two"] });
    expect(await readFile(file, "utf8")).toBe("encryptionsalt: v1:abc\nconfig:\n  markenmate:schemas:\n    - two\n");
  });

  it("loses the locks of commands that were killed, and no others", async () => {
    const locks = path.join(dir, "state", ".pulumi", "locks", "organization", "markenmate", "local");
    await mkdir(locks, { recursive: true });
    const gone = 4_194_305; // above the highest id that Linux gives
    await writeFile(path.join(locks, "killed.json"), JSON.stringify({ pid: gone }));
    await writeFile(path.join(locks, "running.json"), JSON.stringify({ pid: process.pid }));
    expect(await new LocalProject(dir, ROOT).removeStaleLocks()).toEqual([gone]);
    expect(await readdir(locks)).toEqual(["running.json"]);
  });

  it("has a passphrase of its own that only the user can read", async () => {
    const { PULUMI_CONFIG_PASSPHRASE_FILE: file } = await new LocalProject(dir, ROOT).environment();
    expect((await readFile(file as string, "utf8")).length).toBeGreaterThanOrEqual(32);
    await new LocalProject(dir, ROOT).environment();
    expect((await import("node:fs")).statSync(file as string).mode & 0o777).toBe(0o600);
  });
});

describe("the certificate of a front", () => {
  it("is kept, and made anew where it is half of one or another authority's", async () => {
    const ca = await ensureLocalCa(dir);
    const first = await keptServerCertificate(ca, "localhost");
    expect(await keptServerCertificate(ca, "localhost")).toEqual(first);
    const file = path.join(dir, "localhost.json");
    expect((await stat(file)).mode & 0o777).toBe(0o600);

    await writeFile(file, "{");
    const second = await keptServerCertificate(ca, "localhost");
    expect(second.cert).not.toBe(first.cert);

    await rm(ca.caFile);
    const third = await keptServerCertificate(await ensureLocalCa(dir), "localhost");
    const authority = new X509Certificate(await readFile(ca.caFile)).publicKey;
    expect([second, third].map(({ cert }) => new X509Certificate(cert).verify(authority))).toEqual([false, true]);
  });
});

describe("the environment", () => {
  it("keeps the state's file where it is looked for, whatever the user has for another backend", async () => {
    expect(await new LocalProject(dir, ROOT).environment()).toMatchObject({
      PULUMI_DIY_BACKEND_GZIP: "false",
      PULUMI_SELF_MANAGED_STATE_GZIP: "false",
      PULUMI_DIY_BACKEND_ZSTD: "false",
      PULUMI_DIY_BACKEND_LEGACY_LAYOUT: "false",
    });
  });

  it("loses what could lead to a real AWS account", () => {
    const kept = withoutForeignAws({
      AWS_PROFILE: "prod",
      AWS_SESSION_TOKEN: "t",
      AWS_ENDPOINT_URL_S3: "x",
      HOME: "/root",
    });
    expect(kept).toEqual({ HOME: "/root" });
  });
});
