import { copyFile, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { requireCommand, run, RunOptions } from "../../lib/process";
import { UserError } from "../../lib/user-error";
import { isAtLeast, MODULE } from "./versions";

/** What the CLI's module asks for. */
const OLDEST_GO = "1.26";
/**
 * For the compiler: no debugging information, which the linker leaves out anyway, and no inlining but in Go's own packages. That
 * takes two fifths off the build, and most of what a command needs of speed is in Go's own.
 */
const COMPILING = ["-gcflags=all=-l -dwarf=false", "-gcflags=std=-dwarf=false"];

/** A line every few seconds is enough to see that the compiler is alive. */
function progress(log: (line: string) => void): (line: string) => void {
  const started = Date.now();
  let packages = 0;
  let lastShown = started;
  return (line) => {
    packages += 1;
    if (Date.now() - lastShown >= 5_000) {
      lastShown = Date.now();
      const seconds = Math.round((lastShown - started) / 1000);
      const what = line.startsWith("go: downloading") ? line.slice("go: ".length) : `compiled ${line}`;
      log(`Pulumi: ${seconds} s, step ${packages}: ${what}`);
    }
  };
}

async function requireGo(): Promise<void> {
  const purpose = "to build the Pulumi CLI (or install Pulumi itself, then nothing is built)";
  const version = /go(\d[\d.]*)/.exec(await requireCommand("go", ["version"], purpose))?.[1] ?? "";
  if (!isAtLeast(version, OLDEST_GO)) {
    throw new UserError(`Go ${OLDEST_GO} or later is needed ${purpose}; this is ${version}. See go.dev/doc/install`);
  }
}

/** Writes the CLI's module, which go.sum pins by its content, into `folder`, without what costs most to compile and is not used here. */
async function writeSource(version: string, folder: string, go: RunOptions): Promise<void> {
  const answer = await run("go", ["mod", "download", "-json", `${MODULE}@v${version}`], go);
  const { Dir: cached } = JSON.parse(answer) as { Dir: string };
  await run("cp", ["-r", "--no-preserve=mode", cached, folder]); // the files of Go's cache are read-only
  // Where git takes the folder for a part of the clone, it looks for the files at the clone's top and skips them.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(folder) };
  await run("git", ["apply", path.join(__dirname, "unused.patch")], { cwd: folder, env });
}

/** Builds the CLI from its Go module, pinned in go.mod beside this file, into `folder`. */
export async function buildCli(options: {
  version: string;
  folder: string;
  log: (line: string) => void;
  signal?: AbortSignal;
}): Promise<void> {
  const { version, folder, log, signal } = options;
  await requireGo();
  await requireCommand("git", ["--version"], "to build the Pulumi CLI");
  log(`Pulumi: building the CLI ${version} from its Go module (2 to 4 minutes, once)`);
  const workshop = path.join(folder, "build");
  const source = path.join(workshop, "source");
  await mkdir(workshop);
  for (const file of ["go.mod", "go.sum"]) {
    await copyFile(path.join(__dirname, file), path.join(workshop, file));
  }
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" };
  const go = { cwd: workshop, env, signal };
  await writeSource(version, source, go);
  await run("go", ["mod", "edit", `-replace=${MODULE}=${source}`], go);
  // Without the version in the binary the Automation API refuses it. The file name is that of the installed CLI.
  const linking = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
  const output = path.join(folder, "pulumi");
  await run(
    "go",
    ["build", "-v", "-trimpath", "-ldflags", linking, ...COMPILING, "-o", output, `${MODULE}/cmd/pulumi`],
    { ...go, onLine: progress(log) },
  );
  await rm(workshop, { recursive: true });
  log("Pulumi: built");
}
