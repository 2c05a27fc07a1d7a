import { readFileSync } from "node:fs";
import { access, constants, copyFile } from "node:fs/promises";
import path from "node:path";
import { requireCommand, run, UserError } from "../platform/commands";
import { installOnce } from "../platform/install";

/** The oldest CLI that the program's SDK and the attached providers get along with. */
const OLDEST = "3.220.0";
/** What the CLI's module asks for. */
const OLDEST_GO = "1.26";
const MODULE = "github.com/pulumi/pulumi/pkg/v3";

export interface PulumiCli {
  executable: string;
  version: string;
  /** Whether the official Node.js language host lies beside it; otherwise the local one is attached. */
  hasLanguageHost: boolean;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Compares dotted numbers: whether `version` is `oldest` or newer. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [mine, least] = [version, oldest].map((text) => text.split(/[.-]/).slice(0, 3).map(Number));
  for (const [index, wanted] of (least ?? []).entries()) {
    const had = mine?.[index] ?? 0;
    if (had !== wanted) {
      return had > wanted;
    }
  }
  return true;
}

/** The first `pulumi` on the PATH, if it is recent enough. */
async function findOnPath(searchPath: string, log: (line: string) => void): Promise<PulumiCli | undefined> {
  for (const folder of searchPath.split(path.delimiter).filter(Boolean)) {
    const executable = path.resolve(folder, "pulumi"); // commands run in other folders
    if (!(await isExecutable(executable))) {
      continue;
    }
    const version = (await run(executable, ["version"])).trim().replace(/^v/, "");
    if (!isAtLeast(version, OLDEST)) {
      log(`Pulumi: ${executable} is ${version || "of an unknown version"}, older than ${OLDEST}; it is left alone`);
      return undefined;
    }
    return { executable, version, hasLanguageHost: await isExecutable(path.join(folder, "pulumi-language-nodejs")) };
  }
  return undefined;
}

function pinnedVersion(): string {
  const goMod = readFileSync(path.join(__dirname, "go.mod"), "utf8");
  const version = new RegExp(`${MODULE} v(\\S+)`).exec(goMod)?.[1];
  if (!version) {
    throw new Error(`local/engine/go.mod names no version of ${MODULE}`);
  }
  return version;
}

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

/** Builds the CLI from its Go module, pinned in go.mod beside this file. */
async function build(toolsDir: string, log: (line: string) => void): Promise<PulumiCli> {
  const version = pinnedVersion();
  const folder = await installOnce(path.join(toolsDir, `pulumi-${version}`), async (draft) => {
    await requireGo();
    log(`Pulumi: building the CLI ${version} from its Go module (3 to 6 minutes, once)`);
    for (const file of ["go.mod", "go.sum"]) {
      await copyFile(path.join(__dirname, file), path.join(draft, file));
    }
    // Without the version in the binary the Automation API refuses it. The file name is that of the installed CLI.
    const flags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
    await run(
      "go",
      ["build", "-v", "-trimpath", "-ldflags", flags, "-o", path.join(draft, "pulumi"), `${MODULE}/cmd/pulumi`],
      {
        cwd: draft,
        env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" },
        onLine: progress(log),
      },
    );
    log("Pulumi: built");
  });
  return { executable: path.join(folder, "pulumi"), version, hasLanguageHost: false };
}

/** The engine to run with: the one on the PATH, or else one of our own. */
export async function ensurePulumi(options: {
  toolsDir: string;
  searchPath?: string;
  log: (line: string) => void;
}): Promise<PulumiCli> {
  const found = await findOnPath(options.searchPath ?? process.env.PATH ?? "", options.log);
  return found ?? build(options.toolsDir, options.log);
}
