import { access, constants } from "node:fs/promises";
import path from "node:path";
import { run } from "../../lib/process";
import { installOnce } from "../shared/install";
import { ROOT } from "../shared/paths";
import { buildCli } from "./build";
import { downloadOfficial } from "./official";
import { isAtLeast, pinnedVersion } from "./versions";

/** The oldest CLI that the program's SDK and the attached providers get along with. */
const OLDEST = "3.220.0";

/** The npm package's launcher, which `npx` puts on the PATH: no CLI, but what downloads one into the user's home. */
const LAUNCHER = path.join(ROOT, "node_modules", ".bin", "pulumi");

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

async function inFolder(folder: string, version: string): Promise<PulumiCli> {
  return {
    executable: path.join(folder, "pulumi"),
    version,
    hasLanguageHost: await isExecutable(path.join(folder, "pulumi-language-nodejs")),
  };
}

/** The first `pulumi` on the PATH, if it is recent enough. */
async function findOnPath(searchPath: string, log: (line: string) => void): Promise<PulumiCli | undefined> {
  for (const folder of searchPath.split(path.delimiter).filter(Boolean)) {
    const executable = path.resolve(folder, "pulumi"); // commands run in other folders
    if (executable === LAUNCHER || !(await isExecutable(executable))) {
      continue;
    }
    const version = (await run(executable, ["version"])).trim().replace(/^v/, "");
    if (!isAtLeast(version, OLDEST)) {
      log(`Pulumi: ${executable} is ${version || "of an unknown version"}, older than ${OLDEST}; it is left alone`);
      return undefined;
    }
    return inFolder(path.dirname(executable), version);
  }
  return undefined;
}

/** Installs the pinned CLI beside the other tools: the official one where Pulumi's download is reached, else one that is built. */
async function install(toolsDir: string, log: (line: string) => void, signal?: AbortSignal): Promise<PulumiCli> {
  const version = pinnedVersion();
  const folder = await installOnce(path.join(toolsDir, `pulumi-${version}`), async (draft) => {
    if (!(await downloadOfficial({ version, folder: draft, log, signal }))) {
      await buildCli({ version, folder: draft, log, signal });
    }
  });
  return inFolder(folder, version);
}

/** The engine to run with: the one on the PATH, or else one of our own. */
export async function ensurePulumi(options: {
  toolsDir: string;
  searchPath?: string;
  log: (line: string) => void;
  /** Ends a download or a build before its time. */
  signal?: AbortSignal;
}): Promise<PulumiCli> {
  const { toolsDir, searchPath = process.env.PATH ?? "", log, signal } = options;
  return (await findOnPath(searchPath, log)) ?? install(toolsDir, log, signal);
}
