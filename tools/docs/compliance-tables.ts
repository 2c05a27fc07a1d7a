import path from "node:path";
import { Control, Environment, List, metIn, ResourceProof, TestProof } from "../../compliance/control";

/** `aws:rds/instance:Instance` as the components write it: `aws.rds.Instance`. */
function called(type: string): string {
  const [provider = "", module = "", name = ""] = type.split(":");
  const [folder = ""] = module.split("/");
  return [provider, ...(folder === "index" ? [] : [folder]), name].join(".");
}

const code = (text: string) => `\`${text}\``;
const shown = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

function propertyText({ property, value, contains, atLeast }: ResourceProof): string {
  if (property === undefined) {
    return "";
  }
  if (contains !== undefined) {
    return ` ${code(property)} has ${code(contains)}`;
  }
  if (atLeast !== undefined) {
    return ` ${code(property)} ≥ ${code(String(atLeast))}`;
  }
  return value === undefined ? ` ${code(property)} is not set` : ` ${code(property)} = ${code(shown(value))}`;
}

/** A place that is not plain from the state is told. */
function placeText({ where, name }: ResourceProof): string {
  const named = name === undefined ? "" : ` ${code(name)}`;
  return where?.length === 1 ? `${named} (${where.join()})` : named;
}

function resourceText(proof: ResourceProof): string {
  const file = `[${path.basename(proof.component)}](../${proof.component})`;
  const none = proof.none ? "no " : "";
  return `${file}: ${none}${code(called(proof.type))}${placeText(proof)}${propertyText(proof)}`;
}

function testText({ file, title, line }: TestProof): string {
  const name = file.replace(/^test\//, "").replace(/(\.test)?\.ts$/, "");
  return `test [${name}](../${file}): ${title}${line === undefined ? "" : `, with “${line}”`}`;
}

const links = (names: string[], page: string) => names.map((name) => `[${name}](${page})`).join(", ");

function exceptionText(control: Control): string[] {
  return (control.exceptions ?? []).map(({ environments, reason, part }) => {
    const where = environments.length > 1 ? "" : ` in ${environments.join()}`;
    return `**Exception${where}**${part === undefined ? "" : `, for ${part}`}: ${reason}`;
  });
}

/** Everything that shows that a control is met, or why it is not. */
export function howText(control: Control): string {
  const { how, resources = [], policies = [], checks = [], tests = [], pages = [] } = control;
  return [
    ...(how === undefined ? [] : [how]),
    ...exceptionText(control),
    ...resources.map(resourceText),
    ...(policies.length === 0 ? [] : [`policy ${links(policies, "policies.md")}`]),
    ...(checks.length === 0 ? [] : [`check ${links(checks, "check.md")}`]),
    ...tests.map(testText),
    ...(pages.length === 0
      ? []
      : [`more in ${pages.map((page) => `[${page.replace(/#.*/, "")}](${page})`).join(", ")}`]),
  ].join("<br>");
}

export const STATES = ["met", "in part", "exception"] as const;
export type State = (typeof STATES)[number];

export function stateOf(control: Control, environment: Environment): State {
  if (!metIn(control).includes(environment)) {
    return "exception";
  }
  const parts = (control.exceptions ?? []).filter(({ environments }) => environments.includes(environment));
  return parts.length > 0 ? "in part" : "met";
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

export function table(head: string[], rows: string[][]): string {
  const row = (cells: string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}

/** One list as a table. */
export function listTable({ asks, controls }: List): string {
  return table(
    ["control", "what it asks", "how it is met, or why not", "dev", "prod"],
    Object.entries(asks).map(([id, ask]) => {
      const control = controls[id] ?? {};
      return [id, ask, howText(control), stateOf(control, "dev"), stateOf(control, "prod")];
    }),
  );
}
