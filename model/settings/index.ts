import { z } from "zod";
import { PARAMETERS } from "../parameters";
import { hidesOwnWords } from "../observability/hidden-columns";
import { UserError } from "../../lib/user-error";
import { accessSettings } from "./access";
import { applicationName, findApplicationProblems, applicationsSetting, schemaNames } from "./applications";
import { backupSettings } from "./backup";
import { databaseSettings } from "./database";
import { explainIssues } from "./errors";
import { logSettings } from "./logs";
import { networkSettings } from "./network";
import { notificationSettings } from "./notifications";
import { roleSettings } from "./roles";
import { rowLevelSecuritySetting } from "./row-level-security";

/**
 * The longest `<application>-<stack>`, with which every name in AWS begins. The tightest limit is that of an IAM role's name: 64
 * characters, with what the stack adds.
 */
export const LONGEST_NAME = 40;

/** The whole configuration, as it stands under `markenmate:` in a stack's file. */
export const schema = z.strictObject({
  /**
   * The name of the application, after which the database, the roles (`<application>_app`, …) and everything in AWS are named. A change
   * would replace all of them, and is refused. @default markenmate
   */
  application: applicationName.default("markenmate"),
  /** The people who answer for the stack: the tag Owner of everything in AWS. @default platform */
  owner: z
    .string()
    .regex(
      /^[\w .:/=+@-]{1,128}$/,
      "is no value of a tag; use letters, digits, spaces and _ . : / = + - @, 128 at most",
    )
    .default("platform"),
  network: networkSettings,
  database: databaseSettings,
  access: accessSettings,
  backup: backupSettings,
  logs: logSettings,
  notifications: notificationSettings,
  roles: roleSettings,
  /** The schemas in which the roles have their rights; one that does not exist is made. @default [public] */
  schemas: schemaNames.default(["public"]),
  /** Tables that must have row-level security: `ops/check` demands it. `schema.table`, or `table` in public. @default [] */
  rowLevelSecurity: rowLevelSecuritySetting,
  /** The further applications on the same server, by name. @default {} */
  applications: applicationsSetting,
});

export type Settings = z.output<typeof schema> & {
  /** The name of the Pulumi stack. */
  environment: string;
};

/** The error that names all mistakes of a configuration at once; Pulumi shows its message without a stack trace. */
export class SettingsError extends UserError {}

/** Finds mistakes that no key shows alone: in the stack's name, and in keys that do not go together. */
function findCombinedProblems(environment: string, settings: z.output<typeof schema>): string[] {
  const problems = findApplicationProblems(settings);
  const name = `${settings.application}-${environment}`;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(environment)) {
    problems.push(
      `the stack's name ${environment} must be lower-case letters, digits and single hyphens, e.g. prod: RDS takes no other names`,
    );
  }
  if (name.length > LONGEST_NAME) {
    problems.push(
      `the name ${name} has ${name.length} characters; AWS's limits leave ${LONGEST_NAME}. ` +
        `Shorten the stack's name or application by ${name.length - LONGEST_NAME}`,
    );
  }
  if (settings.network.existing && !settings.network.existing.endpointSecurityGroupId) {
    const missing = (what: string, services: string) =>
      `network.endpointSecurityGroupId: is missing; with ${what} in an existing VPC, name the security group of its endpoints for ${services}`;
    problems.push(
      ...(settings.access.mode === "ssm" ? [missing("access.mode ssm", "Systems Manager")] : []),
      ...(settings.backup.image ? [missing("backup.image", "ECR, KMS, CloudWatch Logs and Secrets Manager")] : []),
    );
  }
  settings.logs.hiddenColumns.forEach((column, index) => {
    if (hidesOwnWords(settings.application, column)) {
      problems.push(
        `logs.hiddenColumns[${index}]: "${column}" is a word of PostgreSQL's own log as well, which would be hidden from alarms with it; ` +
          "leave it out, or give the column another name",
      );
    }
  });
  return problems;
}

/** Finds what falls short of production's own minimums. It reads the `raw` file, so that all mistakes are reported together. */
function findProdProblems(raw: Record<string, unknown>): string[] {
  const problems: string[] = [];
  const at = (group: string, key: string) => (raw[group] as Record<string, unknown> | undefined)?.[key];
  const days = at("database", "backupRetentionDays");
  if (typeof days === "number" && days >= 1 && days < 7) {
    problems.push(
      `database.backupRetentionDays: ${days} is below the 7 days that prod needs (FSBP RDS.11); set 7 to 35`,
    );
  }
  const parameters = z
    .record(z.string(), z.coerce.string())
    .catch({})
    .parse(at("database", "parameters") ?? {});
  for (const { name, value } of PARAMETERS.filter(({ fixedInProd }) => fixedInProd)) {
    const own = parameters[name] ?? value;
    if (own !== value) {
      problems.push(`database.parameters.${name}: "${own}" weakens a protection that prod needs; leave it at ${value}`);
    }
  }
  const kept = at("logs", "retentionDays");
  if (typeof kept === "number" && kept >= 1 && kept < 365) {
    problems.push(
      `logs.retentionDays: ${kept} is below the year that prod needs (FSBP CloudWatch.16); set 365 or more`,
    );
  }
  if (at("logs", "values") === true) {
    problems.push(
      "logs.values: true writes the users' data, and every row that an error quotes, into prod's log; leave it false",
    );
  }
  if (at("backup", "lockMode") === "none") {
    problems.push(
      `backup.lockMode: "none" lets backups be deleted before their time; in prod, set compliance or governance`,
    );
  }
  const empty = (list: unknown) => list === undefined || (Array.isArray(list) && list.length === 0);
  if (empty(at("notifications", "emails"))) {
    problems.push(
      "notifications.emails: is empty; in prod, name somebody whom alarms reach, e.g. [database-alarms@example.com]",
    );
  }
  if (empty(at("access", "deployers"))) {
    problems.push(
      "access.deployers: is empty; in prod, name the IAM roles that run this stack, e.g. [markenmate-deploy]",
    );
  }
  return problems;
}

/**
 * Checks a stack's configuration and fills in the defaults. `raw` is the content of the stack's file, without the project's prefix.
 *
 * @throws SettingsError that lists every mistake with its key, its value and the cure
 */
export function parseSettings(environment: string, raw: Record<string, unknown>): Settings {
  const result = schema.safeParse(raw);
  const problems = [
    ...(result.success
      ? findCombinedProblems(environment, result.data)
      : explainIssues(schema, raw, result.error.issues)),
    ...(environment === "prod" ? findProdProblems(raw) : []),
  ];
  if (!result.success || problems.length > 0) {
    throw new SettingsError(`Pulumi.${environment}.yaml has ${count(problems)}:\n  ${problems.join("\n  ")}`);
  }
  return { ...result.data, environment };
}

function count(problems: string[]): string {
  return problems.length === 1 ? "a mistake" : `${problems.length} mistakes`;
}
