import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { capture, run } from "../platform/commands";
import { serverAccount } from "./account";
import { RDS_PARAMETERS, serverParameters } from "./configuration";
import { Distribution, majorOf } from "./distribution";
import { memoryOf } from "./instance-classes";
import { RdsError } from "./errors";

export interface RequestedParameter {
  name: string;
  value: string;
  applyMethod: string;
}

/** Extensions' parameters that need a restart; PostgreSQL's own are known by their context. */
const STATIC_OF_EXTENSIONS = ["pg_stat_statements.max"];

/** A value for the class's memory in formulas; the check is about form and range. */
const ANY_MEMORY = memoryOf("db.t4g.small");

/** Every parameter of the server with the moment at which it can be set (`postmaster`: only at the start). */
async function contexts(binDir: string): Promise<Map<string, string>> {
  const table = await run(path.join(binDir, "postgres"), ["--describe-config"]);
  return new Map(table.split("\n").map((line) => line.split("\t").slice(0, 2) as [string, string]));
}

function isExtensions(name: string): boolean {
  return name.includes(".");
}

/**
 * What RDS would refuse when a parameter group is changed, in PostgreSQL's own words. What an extension says of its own
 * parameters is only known when a server has loaded it (see instances.ts).
 */
export async function checkParameters(
  distribution: Distribution,
  requested: RequestedParameter[],
  scratchDir: string,
): Promise<void> {
  const context = await contexts(distribution.binDir);
  for (const { name, applyMethod } of requested) {
    const rds = RDS_PARAMETERS[name];
    const known = rds !== undefined || (isExtensions(name) ? !name.startsWith("rds.") : context.has(name));
    if (!known) {
      throw new RdsError("InvalidParameterValue", `unrecognized configuration parameter "${name}"`);
    }
    const needsRestart = rds?.static ?? (context.get(name) === "postmaster" || STATIC_OF_EXTENSIONS.includes(name));
    if (needsRestart && applyMethod === "immediate") {
      throw new RdsError(
        "InvalidParameterCombination",
        `cannot use immediate apply method for static parameter ${name}`,
      );
    }
  }
  await askServer(distribution, requested, scratchDir);
}

/** `postgres -C` reads settings as at a start, and says what is wrong with them, without starting. */
async function askServer(distribution: Distribution, requested: RequestedParameter[], scratchDir: string) {
  await mkdir(scratchDir, { recursive: true });
  const account = await serverAccount(path.dirname(scratchDir));
  await account.own(scratchDir);
  const conf = path.join(scratchDir, "postgresql.conf");
  await writeFile(conf, "");
  await account.own(conf);
  const { parameters } = serverParameters({
    parameters: Object.fromEntries(requested.map(({ name, value }) => [name, value])),
    majorVersion: Number(majorOf(distribution.version)),
    memoryBytes: ANY_MEMORY,
    hasPgaudit: distribution.hasPgaudit,
  });
  const names = requested.map(({ name }) => name).filter((name) => parameters[name] !== undefined);
  const options = names.flatMap((name) => ["-c", `${name}=${parameters[name]}`]);
  const [command = "", ...args] = [...account.prefix, path.join(distribution.binDir, "postgres")];
  const { code, stderr } = await capture(command, [...args, "-D", scratchDir, "-C", "port", ...options], {
    cwd: scratchDir,
    env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
  });
  if (code !== 0) {
    throw new RdsError("InvalidParameterValue", /FATAL: {2}(.*)/.exec(stderr)?.[1] ?? stderr.trim());
  }
}
