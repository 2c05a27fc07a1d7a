import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../local/platform/paths";

const OPS = path.join(ROOT, "ops");
const COMMANDS = readdirSync(OPS).filter((name) => existsSync(path.join(OPS, `${name}.ts`)));

/** Tells at the end what was loaded. */
const HOOK = `process.on("exit", () => process.stderr.write(JSON.stringify(Object.keys(require.cache))));`;

describe("the commands in ops/", () => {
  let folder: string;
  let hook: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "ops-start-"));
    hook = path.join(folder, "hook.cjs");
    await writeFile(hook, HOOK);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  // The SDK takes most of a second to load, with the TypeScript compiler and npm's resolver, and runs programs, which these are not.
  it.each(COMMANDS)("%s starts without Pulumi's SDK", async (name) => {
    const file = path.join(OPS, `${name}.ts`);
    const args = ["--import", "tsx", "--require", hook, file, "--help"];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    const loaded = JSON.parse(stderr.slice(stderr.indexOf("["))) as string[];
    expect(stdout).toContain(`ops/${name}`);
    expect(loaded).toContain(file);
    expect(loaded.filter((module) => module.includes("/node_modules/@pulumi/"))).toEqual([]);
  });
});
