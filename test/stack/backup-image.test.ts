import { cp, mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture, run } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { parseSettings } from "../../model/settings";
import { temporaryFolder } from "../support/engine";

/** The image cannot be built without a container engine; what its Dockerfile puts into it can be looked at all the same. */
describe("the image of the tasks", () => {
  let folder: string;
  let dockerfile: string;

  /** Every COPY from the project's folder, and the packages of `npm ci --omit=dev`. */
  beforeAll(async () => {
    folder = await temporaryFolder("image");
    dockerfile = await readFile(path.join(ROOT, "ops", "Dockerfile"), "utf8");
    for (const [, list = ""] of dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)) {
      const names = list.split(" ");
      const target = names.pop() as string;
      for (const name of names) {
        const place = target.endsWith("/") ? path.join(folder, name) : path.join(folder, target);
        await cp(path.join(ROOT, name), place, { recursive: true });
      }
    }
    const listed = await run("npm", ["ls", "--omit=dev", "--workspaces=false", "--all", "--parseable"], { cwd: ROOT });
    const packages = new Set(
      listed
        .split("\n")
        .map((line) => /^(.*?\/node_modules\/(@[^/]+\/)?[^/]+)/.exec(line)?.[1])
        .filter((place) => place !== undefined),
    );
    expect(packages.size).toBeGreaterThan(50);
    for (const place of packages) {
      const copy = path.join(folder, path.relative(ROOT, place));
      await mkdir(path.dirname(copy), { recursive: true });
      await run("cp", ["--archive", "--link", place, copy]);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(["backup", "verify-backup"])("has all that ops/%s is made of", async (name) => {
    const { code, stdout, stderr } = await capture(path.join(folder, "ops", name), ["--help"], {
      cwd: folder,
      env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR },
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`Usage: ops/${name} [options]`);
  });

  it("has nothing that it is made of for development, and lets in nothing that the Dockerfile does not copy", async () => {
    const { code } = await capture("test", ["-e", path.join(folder, "node_modules", "vitest")], { cwd: "/", env: {} });
    expect(code).toBe(1);
    const ignore = await readFile(path.join(ROOT, "ops", "Dockerfile.dockerignore"), "utf8");
    const [first, ...let_in] = ignore.trim().split("\n");
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, list = ""]) =>
      list.split(" ").slice(0, -1),
    );
    expect([first, let_in.map((line) => line.slice(1)).sort()]).toEqual(["*", [...new Set(copied)].sort()]);
  });

  it("is for the PostgreSQL of the settings' default, runs as nobody's root, and can write to /tmp alone", () => {
    expect(dockerfile).toContain(`ARG POSTGRES=${parseSettings("dev", {}).database.engineVersion}`);
    expect(dockerfile).toMatch(/^VOLUME \["\/tmp"\]\n[^]*^USER postgres\n/m);
  });
});
