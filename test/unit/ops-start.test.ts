import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, RUNS_TYPESCRIPT } from "../../platform/shared/paths";

const OPS = path.join(ROOT, "ops");
const COMMANDS = readdirSync(OPS).filter((name) => existsSync(path.join(OPS, `${name}.ts`)));

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
  stdout: string;
  stderr: string;
  files: string[];
  packages: string[];
}

/** Runs a program to its end, whatever its exit code is, and returns what it has said and loaded. */
async function started(file: string, ...args: string[]): Promise<Started> {
  const env = { ...process.env, NODE_OPTIONS: `--require ${hook}` };
  const ended = promisify(execFile)(file, args, { cwd: ROOT, env });
  const { stdout, stderr } = await ended.catch((error: unknown) => error as { stdout: string; stderr: string });
  const [said = "", list = ""] = stderr.split("LOADED");
  expect(list, said).not.toBe("");
  const files = JSON.parse(list) as string[];
  const code = files.filter((name) => path.basename(name) !== "package.json");
  const names = code.map((name) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? "");
  return { stdout, stderr: said, files, packages: [...new Set(names.filter(Boolean))] };
}

// What they need for their work takes up to a second to load: clients for AWS and PostgreSQL, schemas, Pulumi's SDK. Compiled they
// are here, for the first of them may be the first that runs in this clone.
describe("the commands in ops/", { timeout: 60_000 }, () => {
  it.each(COMMANDS)("%s explains itself with nothing loaded but its command line", async (name) => {
    await started(path.join(OPS, name), "--help");
    const { stdout, files, packages } = await started(path.join(OPS, name), "--help");
    expect(stdout).toContain(`ops/${name}`);
    expect(files).toContain(path.join(OPS, `${name}.ts`));
    expect(packages).toEqual(["commander"]);
  });

  it.each(COMMANDS)("%s refuses an option that it does not have with nothing more", async (name) => {
    const { stderr, packages } = await started(path.join(OPS, name), "--no-such-option");
    expect(stderr).toMatch(/^error: /);
    expect(packages).toEqual(["commander"]);
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
