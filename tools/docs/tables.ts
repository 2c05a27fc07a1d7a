import { ACCESS, AccessMatrix, Audit, MASTER_AUDIT, OBJECT_KINDS, ROLE_NAMES } from "../../model/access/matrix";
import { alarmDefinitions, replicaAlarmDefinitions } from "../../model/observability/alarms";
import { LOG_METRICS } from "../../model/observability/log-metrics";
import { logPatterns } from "../../model/observability/log-patterns";
import { LOG_QUERIES, masterQuery } from "../../model/observability/log-queries";
import { PARAMETERS } from "../../model/parameters";
import { COSTS, TASK_COSTS } from "../../model/costs";
import { UNITS } from "../../model/resources/billing";
import { AWS_CHECKS } from "../../ops/checks/aws";
import { DATABASE_CHECKS } from "../../ops/checks/database";
import { ENVIRONMENTS, POLICIES } from "../../policy/levels";
import { personalDataTable } from "./compliance-page";
import { settingsOf } from "./environment-settings";
import { commentSample } from "./preview-sample";
import { retentionsOf } from "../../model/retention";
import { settingsReference } from "./settings/reference";

function row(cells: string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function table(head: string[], rows: string[][]): string {
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}

const limit = (milliseconds: number) => (milliseconds === 0 ? "none" : `${milliseconds / 1000} s`);

/** Who may do what, as a table: computed from access.ts. */
export function accessTable(matrix: AccessMatrix = ACCESS): string {
  const rows: [string, (role: keyof AccessMatrix) => string][] = [
    ["what it is for", (role) => matrix[role].purpose],
    ...OBJECT_KINDS.map((kind): [string, (role: keyof AccessMatrix) => string] => [
      kind,
      (role) => {
        const owns = matrix[role].ownsObjects && (kind === "table" || kind === "sequence" || kind === "function");
        return owns ? "everything on its own" : matrix[role].grants[kind].join(", ") || "nothing";
      },
    ]),
    ["sees every session, statement and setting", (role) => (matrix[role].monitors ? "yes (pg_monitor)" : "no")],
    ["a statement may take", (role) => limit(matrix[role].statementTimeoutMs)],
    ["an idle transaction may last", (role) => limit(matrix[role].idleInTransactionTimeoutMs)],
  ];
  return table(
    ["", ...ROLE_NAMES],
    rows.map(([name, cell]) => [name, ...ROLE_NAMES.map(cell)]),
  );
}

/** What pgaudit logs of whom, as a table: computed from access.ts. */
export function auditTable(matrix: AccessMatrix = ACCESS): string {
  const logged: Record<Audit, string> = {
    changes: "what it writes; changes of the schema, of roles and of rights",
    everything: "everything, reads included",
  };
  return table(
    ["logs in as", "what it is for", "pgaudit logs"],
    [
      ...ROLE_NAMES.map((role) => [`\`${role}\``, matrix[role].purpose, logged[matrix[role].audit]]),
      ["the master", "updates of the stack, and people in an emergency", logged[MASTER_AUDIT]],
    ],
  );
}

/** What is logged in each environment: from the stacks' files. */
export function logSettingsTable(): string {
  const environments = ["dev", "prod", "local"];
  const settings = environments.map((environment) => settingsOf(environment).logs);
  const shown = (value: unknown) => (Array.isArray(value) ? value.join(", ") || "none" : String(value));
  const keys = ["statements", "values", "hiddenColumns", "retentionDays"] as const;
  return table(
    ["", ...environments],
    keys.map((key) => [`\`logs.${key}\``, ...settings.map((logs) => shown(logs[key]))]),
  );
}

/** The server's settings, as a table: computed from parameters.ts. */
export function parametersTable(): string {
  return table(
    ["parameter", "value", "takes effect", "why", "serves"],
    PARAMETERS.map(({ name, value, unit, apply, why, controls }) => [
      `\`${name}\``,
      `\`${value}\`${unit ? ` ${unit}` : ""}`,
      apply === "static" ? "with a restart" : "at once",
      why,
      controls.join(", "),
    ]),
  );
}

/** What an environment is made of that AWS charges for: from costs.ts. */
export function costsTable(): string {
  const names = (environment: keyof typeof COSTS) =>
    COSTS[environment].map(({ unit, count, what }) => ({ key: `${unit}|${what}`, count }));
  const [dev, prod] = [names("dev"), names("prod")];
  const place = (key: string) => (UNITS as readonly string[]).indexOf(key.split("|")[0] ?? "");
  const keys = [...new Set([...dev, ...prod].map(({ key }) => key))].sort((a, b) => place(a) - place(b));
  const count = (list: typeof dev, key: string) => String(list.find((cost) => cost.key === key)?.count ?? "");
  return table(
    ["charged by the", "what", "dev", "prod"],
    keys.map((key) => [...key.split("|"), count(dev, key), count(prod, key)]),
  );
}

/** What the tasks about backups cost besides: from costs.ts. */
export function taskCostsTable(): string {
  return table(
    ["charged by the", "what", ""],
    TASK_COSTS.map(({ unit, what, count }) => [unit, what, String(count)]),
  );
}

/** How long personal data live, and where: from retention.ts. */
export function retentionTable(): string {
  return table(
    ["where", "what of them", "setting", "dev", "prod"],
    retentionsOf(settingsOf("dev"), settingsOf("prod")).map(({ where, what, setting, dev, prod }) => [
      where,
      what,
      setting,
      dev,
      prod,
    ]),
  );
}

/** What is counted in the server's log: from log-patterns.ts. */
export function logPatternsTable(): string {
  return table(
    ["filter", "counts as", "what fits"],
    logPatterns("markenmate_admin").map(({ name, metric, finds }) => [
      ...[`\`${name}\``, `\`${LOG_METRICS[metric]}\``, finds],
    ]),
  );
}

/** The saved queries: from log-queries.ts. */
export function logQueriesTable(): string {
  return table(
    ["question", "query"],
    [...LOG_QUERIES, masterQuery("markenmate_admin")].map(({ question, name }) => [question, `\`${name}\``]),
  );
}

/** What the live check looks at. */
export function checksTable(): string {
  return table(
    ["check", "holds when it finds nothing", "serves"],
    [...DATABASE_CHECKS, ...AWS_CHECKS].map(({ check, title, controls }) => [
      `\`${check}\``,
      title,
      controls.join(", "),
    ]),
  );
}

const MISSING = { missing: "unknown", notBreaching: "all is well", breaching: "it rings" };

/** The alarms, as they are with a burstable class and a read replica, each section once: from alarms/definitions.ts. */
export function alarmsTable(): string {
  const input = { stack: "", maxConnections: 100, memoryBytes: 0, allocatedGb: 0, burstable: true };
  const definitions = [...alarmDefinitions(input), ...replicaAlarmDefinitions(input)];
  return table(
    ["alarm", "says", "limit", "without data", "serves"],
    definitions
      .filter(({ name, section }) => name === section)
      .map(({ name, says, limit: at, missing, controls }) => [
        ...[`[${name}](#${name})`, says, at, MISSING[missing], controls.join(", ")],
      ]),
  );
}

/** The comment on a pull request, as it is sent: by .github/steps/preview-comment.ts. */
export const commentExample = () => `\`\`\`\`text\n${commentSample()}\n\`\`\`\``;

/** What previews must not show, and how strictly where: from policy/levels.ts. */
export function policiesTable(): string {
  return table(
    ["policy", "demands", ...ENVIRONMENTS],
    POLICIES.map(({ name, demands, levels }) => [
      ...[`\`${name}\``, demands],
      ...ENVIRONMENTS.map((environment) => levels[environment]),
    ]),
  );
}

/** Puts `content` between the markers of that name. */
export function replaceSection(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: written by \`make docs\` -->`, `<!-- ${name}: end -->`];
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`The markers "${begin}" and "${end}" are missing`);
  }
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}

/** Every page with a computed section, and how that is computed. */
export const PAGES: Record<string, Record<string, () => string>> = {
  "docs/costs.md": { costs: costsTable },
  "docs/backups.md": { "task costs": taskCostsTable },
  "docs/personal-data.md": { retention: retentionTable, erasure: personalDataTable },
  "docs/audit-log.md": { audited: () => auditTable(), "log settings": logSettingsTable },
  "docs/access.md": { "access matrix": () => accessTable() },
  "docs/investigate.md": { "log patterns": logPatternsTable, "log queries": logQueriesTable },
  "docs/check.md": { checks: checksTable },
  "docs/alarms.md": { alarms: alarmsTable },
  "docs/settings.md": { settings: settingsReference },
  "docs/pipelines.md": { comment: commentExample },
  "docs/parameters.md": { parameters: parametersTable },
  "docs/policies.md": { policies: policiesTable },
};
