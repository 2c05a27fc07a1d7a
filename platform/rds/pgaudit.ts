import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { run } from "../../lib/process";

/** The only version that Debian 12 has pgaudit for. A library fits all minor versions of its major version. */
export const PGAUDIT_MAJOR = "15";

const PACKAGE = `postgresql-${PGAUDIT_MAJOR}-pgaudit`;

/**
 * Puts Debian's pgaudit into the distribution in `folder`, without installing anything on this machine: apt works on
 * lists of its own here, which needs no root, and the package is only unpacked. Fails where apt does not know the
 * package (other systems than Debian 12).
 */
export async function addPgaudit(folder: string): Promise<void> {
  const apt = await mkdtemp(path.join(folder, "apt-"));
  try {
    for (const name of ["state/lists/partial", "cache/archives/partial"]) {
      await mkdir(path.join(apt, name), { recursive: true });
    }
    const configuration = path.join(apt, "apt.conf");
    await writeFile(configuration, aptConfiguration(apt));
    await run("apt-get", ["--config-file", configuration, "--quiet", "update"]);
    await run("apt-get", ["--config-file", configuration, "--quiet", "download", PACKAGE], { cwd: apt });
    const archive = (await readdir(apt)).find((name) => name.endsWith(".deb")) ?? "";
    await run("dpkg-deb", ["--extract", path.join(apt, archive), path.join(apt, "package")]);
    const unpacked = path.join(apt, "package", "usr");
    const library = path.join("postgresql", PGAUDIT_MAJOR, "lib", "pgaudit.so");
    await cp(path.join(unpacked, "lib", library), path.join(folder, "lib", "pgaudit.so"));
    await cp(
      path.join(unpacked, "share", "postgresql", PGAUDIT_MAJOR, "extension"),
      path.join(folder, "share", "extension"),
      { recursive: true },
    );
  } finally {
    await rm(apt, { recursive: true });
  }
}

/** Sources, keys and proxies are the system's; what is written stays below `folder`. */
function aptConfiguration(folder: string): string {
  return `
Dir::State "${folder}/state";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "${folder}/cache";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
APT::Sandbox::User "${process.getuid?.() === 0 ? "root" : ""}"; // apt's own account cannot look into the clone
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`;
}
