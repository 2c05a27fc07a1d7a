import { ensurePulumi, PulumiCli } from "../engine/cli";
import { ensureDistribution } from "../rds/distribution";
import { installEmulator } from "../emulator/emulator";

/**
 * Installs what is not there yet of the engine, the emulator and PostgreSQL, side by side: the engine may have to be built, which
 * takes minutes. When one of them cannot be had the build ends at once, and not when it is done.
 */
export async function installTools(options: {
  toolsDir: string;
  engineVersions: string[];
  log: (line: string) => void;
}): Promise<PulumiCli> {
  const { toolsDir, engineVersions, log } = options;
  const stop = new AbortController();
  const engine = ensurePulumi({ toolsDir, log, signal: stop.signal });
  const others = [
    installEmulator(toolsDir, log),
    ...engineVersions.map((engineVersion) => ensureDistribution({ toolsDir, engineVersion, log })),
  ];
  try {
    await Promise.all([engine, ...others]);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled([engine, ...others]);
    throw error;
  }
  return engine;
}
