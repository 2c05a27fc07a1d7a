import { EXTENSION_PARAMETERS } from "./extensions";
import { LOGGING_PARAMETERS, logParameters } from "./logging";
import { MEMORY_PARAMETERS } from "./memory";
import { ServerParameter } from "./parameter";
import { SECURITY_PARAMETERS } from "./security";

/**
 * The guide's postgresql.conf as data: everything that it sets, with a better value where its own is wrong or dangerous.
 *
 * Not set, because RDS keeps it to itself: ssl, certificates and pg_hba.conf, log_destination, log_line_prefix and the
 * rotation of logs, archive_mode and archive_command (point-in-time recovery is RDS's own), superuser_reserved_connections.
 */
export const PARAMETERS: readonly ServerParameter[] = [
  ...SECURITY_PARAMETERS,
  ...MEMORY_PARAMETERS,
  ...LOGGING_PARAMETERS,
  ...EXTENSION_PARAMETERS,
];

export { logParameters };
export type { ServerParameter };

const VALUES = "whether values get into the log is logs.values";

/** The parameters that another setting of the stack decides, each with the words that name that setting. */
export const MANAGED_ELSEWHERE: Record<string, string> = {
  port: "the port is database.port",
  log_statement: "whose text is logged is logs.statements",
  log_parameter_max_length: VALUES,
  log_parameter_max_length_on_error: VALUES,
  "pgaudit.log_parameter": VALUES,
  log_error_verbosity: VALUES,
};

export function findParameter(name: string): ServerParameter | undefined {
  return PARAMETERS.find((parameter) => parameter.name === name);
}

/** Finds what is wrong with an environment's own value for a parameter, with the cure; undefined when nothing is known to be. */
export function findOverrideProblem({ allowed, unit }: ServerParameter, value: string): string | undefined {
  const { min, max, values } = allowed ?? {};
  if (values && !values.includes(value)) {
    return `is not known here; set one of ${values.join(", ")}`;
  }
  const isFormula = value.includes("DBInstanceClassMemory");
  if ((min === undefined && max === undefined) || isFormula) {
    return undefined;
  }
  const suffix = unit ? ` (${unit})` : "";
  if (!/^-?\d+$/.test(value)) {
    return `must be a whole number${suffix}, or a formula such as {DBInstanceClassMemory/32768}`;
  }
  if (min !== undefined && Number(value) < min) {
    return `is below the minimum of ${min}${suffix}; set ${min} or more`;
  }
  return max !== undefined && Number(value) > max
    ? `is above the maximum of ${max}${suffix}; set ${max} or less`
    : undefined;
}

/** The server parameters, with an environment's own values in place of the defaults. */
export function withOverrides(overrides: Record<string, string>): ServerParameter[] {
  return PARAMETERS.map((parameter) => ({ ...parameter, value: overrides[parameter.name] ?? parameter.value }));
}
