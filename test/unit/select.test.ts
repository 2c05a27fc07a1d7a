import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { capture, run } from "../../lib/process";
import { ROOT, RUNS_TYPESCRIPT } from "../../platform/shared/paths";
import { findBase } from "../support/branch";
import { temporaryFolder } from "../support/engine";

/** A repository as small as can be: two tests of the platform, and what they depend on. */
const FILES = {
  "platform/providers/stand-in.ts": "export const standIn = 1;\n",
  "platform/emulator/emulator.py": "print()\n",
  "components/shared.ts": "export const shared = 1;\n",
  "components/other.ts": "export const other = 1;\n",
  "platform/test/stand-in.test.ts": 'import "../providers/stand-in";\n',
  "platform/test/shared.test.ts": 'import "../../components/shared";\n',
};

let dir: string;

/** Without what this run has of its own, and what the machine tells git. */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(CI$|GIT_|VITEST|TEST$)/.test(name))),
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CEILING_DIRECTORIES: path.dirname(dir),
});

const git = (...args: string[]) =>
  run("git", ["-c", "user.name=test", "-c", "user.email=test@example.org", ...args], { cwd: dir, env: environment() });

async function write(file: string, text = "// another\n"): Promise<void> {
  await mkdir(path.dirname(path.join(dir, file)), { recursive: true });
  await writeFile(path.join(dir, file), text);
}

async function commit(file: string): Promise<string> {
  await write(file);
  await git("add", ".");
  await git("commit", "--quiet", "--message", `change ${file}`);
  return (await git("rev-parse", "HEAD")).trim();
}

async function begin(): Promise<string> {
  await git("init", "--quiet", "--initial-branch", "main");
  return commit("README.md");
}
const branchOff = () => git("switch", "--quiet", "--create", "branch");

describe("what a branch is compared with", { timeout: 60_000 }, () => {
  let left: string;

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), "branch-"));
    left = await begin();
  });
  afterEach(() => rm(dir, { recursive: true }));

  const base = (folder = dir, more = {}) => findBase(folder, { ...environment(), ...more });

  it("is the commit at which it left main", async () => {
    await branchOff();
    await commit("one");
    await commit("two");
    expect(base()).toEqual({ commit: left });
    await git("switch", "--quiet", "main");
    await commit("three");
    await git("checkout", "--quiet", "--detach", "branch");
    expect(base()).toEqual({ commit: left });
  });

  it("is main at its origin, where the clone has one", async () => {
    await git("update-ref", "refs/remotes/origin/main", "main");
    await commit("one");
    expect(base()).toEqual({ commit: left });
  });

  it("is nothing on main, and on a branch without a commit of its own", async () => {
    expect(base()).toEqual({ missing: "HEAD is a commit of main" });
    await branchOff();
    await write("README.md", "changed\n");
    expect(base()).toEqual({ missing: "HEAD is a commit of main" });
    await git("update-ref", "refs/remotes/origin/main", "main");
    expect(base()).toEqual({ missing: "HEAD is a commit of origin/main" });
  });

  it("is nothing in a shallow clone", async () => {
    await branchOff();
    await commit("one");
    await git("clone", "--quiet", "--depth", "1", "--no-single-branch", `file://${dir}`, "clone");
    expect(base(path.join(dir, "clone"))).toEqual({ missing: "the clone is shallow" });
  });

  it("is nothing without a main, and without anything in common with it", async () => {
    await git("switch", "--quiet", "--orphan", "branch");
    await commit("one");
    expect(base()).toEqual({ missing: "HEAD has no commit in common with main" });
    await git("branch", "--delete", "--force", "main");
    expect(base()).toEqual({ missing: "there is no branch main" });
  });

  it("is nothing without git, in what is no clone, and in continuous integration", async () => {
    await branchOff();
    await commit("one");
    expect(base(dir, { PATH: "/nowhere" })).toEqual({ missing: "git knows no clone here" });
    expect(base(dir, { CI: "true" })).toEqual({ missing: "this is continuous integration" });
    await rm(path.join(dir, ".git"), { recursive: true });
    expect(base()).toEqual({ missing: "git knows no clone here" });
  });
});

/** With this repository's configuration of vitest, below its packages. */
describe("what make test runs", { timeout: 60_000 }, () => {
  beforeEach(async () => {
    dir = await temporaryFolder("select");
    await cp(path.join(ROOT, "vitest.config.mts"), path.join(dir, "vitest.config.mts"));
    for (const [file, text] of Object.entries(FILES)) {
      await write(file, text);
    }
    await begin();
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function selected(): Promise<{ args: string[]; said: string }> {
    const script = path.join(ROOT, "test/select.ts");
    const { code, stdout, stderr } = await capture(process.execPath, [...RUNS_TYPESCRIPT, script], {
      cwd: dir,
      env: environment(),
    });
    expect(code, stderr).toBe(0);
    const main = (await git("rev-parse", "--short=7", "main")).trim();
    return { args: stdout.trim().split(" ").sort(), said: stderr.trim().replace(main, "MAIN") };
  }
  const everything = ["--project=platform", "--project=stack"];
  const product = ["test/stack/"];

  it("is everything on main", async () => {
    await write("components/other.ts");
    expect(await selected()).toEqual({
      args: everything,
      said: "platform tests: all of them, for HEAD is a commit of main",
    });
  });

  it("is the product's alone when nothing changed that the platform's depend on", async () => {
    await branchOff();
    await commit("components/other.ts");
    expect(await selected()).toEqual({
      args: ["--project=stack"],
      said: "platform tests: left out, nothing that they depend on changed since MAIN",
    });
  });

  it("is with it what imports something that changed", async () => {
    await branchOff();
    await commit("components/shared.ts");
    await commit("components/other.ts");
    expect(await selected()).toEqual({
      args: [...everything, "platform/test/shared.test.ts", ...product],
      said: "platform tests: those that depend on what changed since MAIN (files: 1)",
    });
  });

  it.each([
    ["a stand-in is changed", () => commit("platform/providers/stand-in.ts")],
    ["a Python file is changed and not committed", () => write("platform/emulator/emulator.py")],
    ["a file of the platform is new, and git does not know it", () => write("platform/rds/new.sql")],
    ["a package is another", () => commit("package-lock.json")],
  ])("is with it all of the platform's when %s", async (_, change) => {
    await branchOff();
    await commit("components/other.ts");
    await change();
    const { args } = await selected();
    expect(args).toEqual([...everything, "platform/test/shared.test.ts", "platform/test/stand-in.test.ts", ...product]);
  });
});
