import { mkdir } from "node:fs/promises";
import path from "node:path";
import { installOnce } from "../shared/install";
import { run } from "../../lib/process";
import { findServerAccount } from "../../lib/server-account";
import { librariesOf, Parameters, RDS_PARAMETERS, serverParameters } from "./configuration";
import { Distribution, majorOf } from "./distribution";
import { copyEmptyCluster } from "./empty-cluster";
import { memoryOf } from "../../model/parameters/instance-memory";
import { RdsError } from "./errors";

export interface RequestedParameter {
  name: string;
  value: string;
  applyMethod: string;
}

/** A value for the class's memory in formulas; the check is about form and range. */
const ANY_MEMORY = memoryOf("db.t4g.small");

/** What RDS keeps to itself: with these a group could move the server's files or open it (docs: IsModifiable). */
const NOT_MODIFIABLE =
  /^(archive_command|archive_library|config_file|data_directory|external_pid_file|hba_file|ident_file|include.*|listen_addresses|logging_collector|log_destination|log_directory|log_filename|port|ssl|ssl_.*_(command|file|dir)|ssl_(cert|key|ca|crl).*|unix_socket_.*)$/;

/**
 * Refuses what RDS would refuse when a parameter group is changed, in PostgreSQL's own words. `others` is what the group
 * holds already: it says which libraries are loaded, and so which parameters there are.
 */
export async function checkParameters(
  distribution: Distribution,
  requested: RequestedParameter[],
  others: Parameters,
  scratchDir: string,
): Promise<void> {
  for (const { name, value } of requested) {
    if (NOT_MODIFIABLE.test(name)) {
      throw new RdsError("InvalidParameterValue", `The parameter ${name} cannot be modified.`);
    }
    if (RDS_PARAMETERS[name]?.values?.test(value) === false) {
      throw new RdsError("InvalidParameterValue", `Invalid parameter value: ${value} for: ${name}`);
    }
  }
  const contexts = await askServer(distribution, requested, others, scratchDir);
  for (const { name, applyMethod } of requested) {
    // PostgreSQL 14 loads no library when it is asked like this.
    const isExtensions = name.includes(".") && !name.startsWith("rds.");
    const cannotKnow =
      isExtensions &&
      (majorOf(distribution.version) === "14" || (name.startsWith("pgaudit.") && !distribution.hasPgaudit));
    const context = contexts.get(name.toLowerCase());
    if (!RDS_PARAMETERS[name] && !cannotKnow && context === undefined) {
      throw new RdsError("InvalidParameterValue", `unrecognized configuration parameter "${name}"`);
    }
    const needsRestart = RDS_PARAMETERS[name]?.static ?? context === "postmaster";
    if (needsRestart && applyMethod === "immediate") {
      throw new RdsError(
        "InvalidParameterCombination",
        `cannot use immediate apply method for static parameter ${name}`,
      );
    }
  }
}

/**
 * Starts the real server by itself (no port, no other process, a few milliseconds) with the settings and every library that
 * has a say in them, and asks it for all parameters: what each is called, and when it can be set (`postmaster`: at the start).
 */
async function askServer(
  distribution: Distribution,
  requested: RequestedParameter[],
  others: Parameters,
  scratchDir: string,
): Promise<Map<string, string>> {
  const { parameters } = serverParameters({
    parameters: { ...others, ...Object.fromEntries(requested.map(({ name, value }) => [name, value])) },
    majorVersion: Number(majorOf(distribution.version)),
    memoryBytes: ANY_MEMORY,
    hasPgaudit: distribution.hasPgaudit,
  });
  const always = ["pg_stat_statements", ...(distribution.hasPgaudit ? ["pgaudit"] : [])];
  const libraries = new Set([...always, ...librariesOf(parameters)]);
  // An extension that is not to be loaded on RDS has its parameters all the same.
  const extensions = requested.filter(({ name }) => name.startsWith("pgaudit.") && distribution.hasPgaudit);
  const settings: Parameters = {
    ...parameters,
    ...Object.fromEntries(extensions.map(({ name, value }) => [name, value])),
    shared_preload_libraries: [...libraries].join(","),
  };
  // Whatever the group says of logging, what is wrong must be told, and here.
  const ours: Parameters = { fsync: "off", log_destination: "stderr", log_min_messages: "warning", lc_messages: "C" };
  const options = [...Object.entries(settings), ...Object.entries(ours)].flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);

  await mkdir(scratchDir, { recursive: true });
  const account = await findServerAccount(path.dirname(scratchDir));
  const command = (program: string, args: string[], input?: string) => {
    const [first = "", ...rest] = [...account.prefix, path.join(distribution.binDir, program), ...args];
    return run(first, rest, { cwd: "/", env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" }, input, onLine });
  };
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line);
  const folder = await installOnce(path.join(scratchDir, distribution.version), async (draft) => {
    await account.giveTo(draft);
    await copyEmptyCluster(distribution.binDir, account, path.join(draft, "data"));
  });
  lines.length = 0;
  const ask = "SELECT lower(name) || '=' || context AS parameter FROM pg_settings\n";
  const answer = await command(
    "postgres",
    ["--single", "-D", path.join(folder, "data"), ...options, "template1"],
    ask,
  ).catch((error: Error) => error.message);
  const refusal = refusalIn(lines);
  if (refusal) {
    throw new RdsError("InvalidParameterValue", refusal);
  }
  const found = new Map([...answer.matchAll(/parameter = "([^"=]+)=([^"]+)"/g)].map(([, name, when]) => [name, when]));
  if (found.size === 0) {
    throw new Error(`PostgreSQL could not be asked about its parameters: ${answer}`);
  }
  return found as Map<string, string>;
}

/** What the server said against a setting. Extensions only warn, and go on with their default. */
export function refusalIn(lines: string[]): string | undefined {
  const said = lines.map((line) => /\b(FATAL|ERROR|WARNING): {2}(.*)/.exec(line)).filter((match) => match !== null);
  const refusals = said.filter(([, level, message]) => level !== "WARNING" || /parameter .*"/.test(message ?? ""));
  return refusals[0]?.[2];
}
