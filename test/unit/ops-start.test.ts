import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, RUNS_TYPESCRIPT } from "../../platform/shared/paths";

const OPS = path.join(ROOT, "ops");
const FILES = readdirSync(OPS, { withFileTypes: true });
/** Tasks in AWS and pipelines name them: a launcher for each command beside `ops/ops`. */
const LAUNCHERS = FILES.filter((file) => file.isFile() && !file.name.includes(".") && file.name !== "Dockerfile")
  .map(({ name }) => name)
  .filter((name) => name !== "ops")
  .sort();
/** Each way to call a command. */
const CALLS = LAUNCHERS.flatMap((name) => [
  { call: `ops/${name}`, launcher: name, args: ["--help"], name },
  { call: `ops/ops ${name}`, launcher: "ops", args: [name, "--help"], name },
]);

/** Tells at the end what was loaded. */
const HOOK = `process.on("exit", () => process.stderr.write("LOADED" + JSON.stringify(Object.keys(require.cache))));`;

let folder: string;
let hook: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "ops-start-"));
  hook = path.join(folder, "hook.cjs");
  await writeFile(hook, HOOK);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Started {
  code: number;
  stdout: string;
  stderr: string;
  files: string[];
  packages: string[];
}

/** Runs a program to its end, whatever its exit code is, and returns what it has said and loaded. */
async function started(file: string, ...args: string[]): Promise<Started> {
  const env = { ...process.env, NODE_OPTIONS: `--require ${hook}` };
  const ended = promisify(execFile)(file, args, { cwd: ROOT, env });
  const { code, stdout, stderr } = await ended.then(
    (told) => ({ code: 0, ...told }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
  const [said = "", list = ""] = stderr.split("LOADED");
  expect(list, said).not.toBe("");
  const files = JSON.parse(list) as string[];
  const modules = files.filter((name) => path.basename(name) !== "package.json");
  const names = modules.map((name) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? "");
  return { code, stdout, stderr: said, files, packages: [...new Set(names.filter(Boolean))] };
}

// What they need for their work takes up to a second to load: clients for AWS and PostgreSQL, schemas, Pulumi's SDK. Compiled they
// are here, for the first of them may be the first that runs in this clone.
describe("the commands in ops/", { timeout: 60_000 }, () => {
  /** Which of them a process has loaded. */
  const commandsAmong = (files: string[]) =>
    files
      .filter((file) => path.dirname(file) === path.join(OPS, "commands"))
      .map((file) => path.basename(file, ".ts"))
      .filter((name) => name !== "index");

  it.each(CALLS)("$call explains itself with nothing loaded but its command line", async ({ launcher, args, name }) => {
    await started(path.join(OPS, launcher), ...args);
    const { code, stdout, files, packages } = await started(path.join(OPS, launcher), ...args);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`Usage: ops/${name} `)]);
    expect(commandsAmong(files)).toEqual([name]);
    expect(packages).toEqual(["commander"]);
  });

  it.each(LAUNCHERS)("ops/%s refuses an option that it does not have with nothing more", async (name) => {
    const { code, stderr, packages } = await started(path.join(OPS, name), "--no-such-option");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: /)]);
    expect(packages).toEqual(["commander"]);
  });

  it("have a launcher each, and no other, and ops/ops lists them with nothing of theirs loaded", async () => {
    const { code, stdout, files } = await started(path.join(OPS, "ops"), "--help");
    const [, list = ""] = stdout.split("Commands:\n");
    expect([code, [...list.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name)]).toEqual([0, LAUNCHERS]);
    expect(commandsAmong(files)).toEqual([]);
  });

  it.each([
    ["a command that is not there", ["toString"], "ops/ops: there is no command toString; there are "],
    ["no command", [], "ops/ops: name a command; there are "],
  ])("are named where %s is called", async (_, args, begin) => {
    const { code, stdout, stderr, files } = await started(path.join(OPS, "ops"), ...args);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: `${begin}${LAUNCHERS.join(", ")}\n` });
    expect(commandsAmong(files)).toEqual([]);
  });
});

describe("the local platform's command line", { timeout: 60_000 }, () => {
  it("explains itself with nothing loaded but itself", async () => {
    await started(path.join(ROOT, "local/cli"), "--help");
    const { stdout, packages } = await started(path.join(ROOT, "local/cli"), "--help");
    expect(stdout).toContain("local/cli");
    expect(packages).toEqual(["commander"]);
  });

  // Every command opens it, `local/pulumi version` too: what answers Pulumi and AWS is loaded when it is asked.
  it("opens the platform without what not every command needs", async () => {
    const load = [...RUNS_TYPESCRIPT, path.join(ROOT, "platform/host/platform.ts")];
    await started(process.execPath, ...load);
    const { files, packages } = await started(process.execPath, ...load);
    expect(files).toContain(path.join(ROOT, "platform/host/platform.ts"));
    expect(packages.sort()).toEqual(["p-retry", "yaml"]);
  });
});

describe("typescript.cjs", { timeout: 60_000 }, () => {
  const program = (value: string) =>
    `const later = async (): Promise<string> => (await import("./later")).value;\nvoid later().then((value) => console.log(value, ${value}));\n`;

  it("keeps what it has compiled until the file changes, also where the program ends at once", async () => {
    await cp(path.join(ROOT, "typescript.cjs"), path.join(folder, "typescript.cjs"));
    await cp(path.join(ROOT, "node_modules/esbuild"), path.join(folder, "node_modules/esbuild"), { recursive: true });
    await symlink(path.join(ROOT, "node_modules/@esbuild"), path.join(folder, "node_modules/@esbuild"));
    const file = path.join(folder, "program.ts");
    const run = async () => {
      const { stdout, packages } = await started(
        process.execPath,
        "--require",
        path.join(folder, "typescript.cjs"),
        file,
      );
      return [stdout, packages];
    };
    await writeFile(path.join(folder, "later.ts"), `export const value: string = "first";\nprocess.exitCode = 0;\n`);
    await writeFile(file, program("1"));
    expect(await run()).toEqual(["first 1\n", ["esbuild"]]);
    expect(await run()).toEqual(["first 1\n", []]);
    await writeFile(file, program("2"));
    expect(await run()).toEqual(["first 2\n", ["esbuild"]]);
    await writeFile(path.join(folder, "later.ts"), `export const value = "second";\nprocess.exit(0);\n`);
    expect(await run()).toEqual(["", ["esbuild"]]);
    expect(await run()).toEqual(["", []]);
  });
});
