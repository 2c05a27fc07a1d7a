import { evaluateFormula } from "../../model/parameters/formula";

/**
 * A parameter group as the configuration of a server. No processes and no files in here.
 *
 * Values are text in the parameter's own unit, or one of RDS's formulas. `rds.*` are RDS's own and never reach
 * PostgreSQL; what they mean is done here.
 */
export type Parameters = Record<string, string>;

export interface ConfigurationInput {
  parameters: Parameters;
  majorVersion: number;
  port: number;
  /** Memory of the instance class, in bytes. */
  memoryBytes: number;
  hasPgaudit: boolean;
  /** Absolute paths of PEM files. */
  tls: { cert: string; key: string; ca: string };
}

export interface Configuration {
  /** The whole postgresql.conf. */
  postgresqlConf: string;
  /** The whole pg_hba.conf. */
  pgHbaConf: string;
  /** What could not be done as on RDS, in words. */
  omitted: string[];
}

/** The one superuser, as on RDS. It logs in with a certificate, from this machine only. */
export const SUPERUSER = "rdsadmin";

/** A laptop need not give the memory of the instance class away; beyond this, shared_buffers is cut. */
const SHARED_BUFFERS_LIMIT_BYTES = 128 * 1024 * 1024;
const PAGE_BYTES = 8192;

/** RDS's default for `rds.force_ssl` (docs: "Requiring an SSL connection"). */
function forceSsl(parameters: Parameters, majorVersion: number): boolean {
  return (parameters["rds.force_ssl"] ?? (majorVersion >= 15 ? "1" : "0")) === "1";
}

/** RDS's own parameters that are known here; a group that names another is refused. */
export const RDS_PARAMETERS: Record<string, { static: boolean; values?: RegExp }> = {
  // Not "on" or "true" either: a value that is read as "no" would let connections in without TLS.
  "rds.force_ssl": { static: false, values: /^[01]$/ },
  "rds.logical_replication": { static: true, values: /^[01]$/ },
  "rds.accepted_password_auth_method": { static: false, values: /^(md5\+scram|scram)$/ },
  "rds.log_retention_period": { static: false, values: /^\d+$/ },
  "rds.restrict_password_commands": { static: true, values: /^[01]$/ },
  "rds.force_autovacuum_logging_level": { static: false },
  "rds.force_admin_logging_level": { static: false },
  "rds.allowed_extensions": { static: false },
};

/** RDS's defaults where they differ from PostgreSQL's, or depend on the instance class. */
function rdsDefaults(): Parameters {
  return {
    max_connections: "LEAST({DBInstanceClassMemory/9531392},5000)",
    shared_buffers: "{DBInstanceClassMemory/32768}",
    password_encryption: "scram-sha-256",
    log_line_prefix: "%t:%r:%u@%d:[%p]:",
    shared_preload_libraries: "pg_stat_statements",
    ssl_min_protocol_version: "TLSv1.2",
    timezone: "UTC",
    log_timezone: "UTC",
  };
}

/** In the file a backslash begins an escape, and a line ends a setting. */
function quote(value: string): string {
  const text = value.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `'${text}'`;
}

/** The names in `shared_preload_libraries`. */
export function librariesOf(parameters: Parameters): string[] {
  return (parameters.shared_preload_libraries ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
}

/** What PostgreSQL is told of the group, RDS's own parameters and what this machine cannot do taken out. */
export function serverParameters(input: Omit<ConfigurationInput, "tls" | "port">): {
  parameters: Parameters;
  omitted: string[];
} {
  const omitted: string[] = [];
  const wanted: Parameters = { ...rdsDefaults(), ...input.parameters };
  const libraries = librariesOf(wanted);
  if (!input.hasPgaudit && libraries.includes("pgaudit")) {
    omitted.push(
      `pgaudit exists on this machine for PostgreSQL 15 only; version ${input.majorVersion} runs without it, on RDS it runs with it`,
    );
  }
  const present = libraries.filter((name) => name !== "pgaudit" || input.hasPgaudit);
  const parameters: Parameters = {};
  for (const [name, value] of Object.entries(wanted)) {
    const leftOut = name.startsWith("rds.") || (name.startsWith("pgaudit.") && !present.includes("pgaudit"));
    if (!leftOut) {
      parameters[name] = evaluateFormula(value, input.memoryBytes);
    }
  }
  parameters.shared_preload_libraries = present.join(",");
  const limit = SHARED_BUFFERS_LIMIT_BYTES / PAGE_BYTES;
  if (Number(parameters.shared_buffers) > limit) {
    parameters.shared_buffers = String(limit);
  }
  if (wanted["rds.logical_replication"] === "1") {
    parameters.wal_level = "logical";
  }
  return { parameters, omitted };
}

/** The configuration files of a server. */
export function renderConfiguration(input: ConfigurationInput): Configuration {
  const { parameters, omitted } = serverParameters(input);
  const own: Parameters = {
    listen_addresses: "127.0.0.1",
    port: String(input.port),
    // No socket: nothing outside the instance's folder, and no login that TLS does not protect.
    unix_socket_directories: "",
    ssl: "on",
    ssl_cert_file: input.tls.cert,
    ssl_key_file: input.tls.key,
    ssl_ca_file: input.tls.ca,
  };
  const lines = Object.entries({ ...parameters, ...own }).map(([name, value]) => `${name} = ${quote(value)}`);
  return {
    postgresqlConf: `# Written by the local RDS from the parameter group; changes made here are lost.\n${lines.join("\n")}\n`,
    pgHbaConf: renderHba(forceSsl(input.parameters, input.majorVersion)),
    omitted,
  };
}

/** SCRAM alone, and where TLS is required no line that a connection without it could match. */
function renderHba(tlsOnly: boolean): string {
  return [
    "# type     database  user       address        method",
    `hostssl    all,replication ${SUPERUSER} 127.0.0.1/32 cert`, // also for read replicas
    `host       all       ${SUPERUSER}   0.0.0.0/0      reject`,
    `${tlsOnly ? "hostssl" : "host   "}    all       all        127.0.0.1/32   scram-sha-256`,
    "",
  ].join("\n");
}
