import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { closest, distance } from "fastest-levenshtein";
import { AWS_CHECKS } from "../../ops/checks/aws";
import { DATABASE_CHECKS } from "../../ops/checks/database";
import { Registered } from "../../test/support/mocks";
import { Control, List, metIn, ResourceProof, Setup, TestProof } from "../control";
import { POLICY_NAMES } from "../policy-controls";
import { valuesAt } from "./property";
import { ownName, Registrations, registrations } from "./registrations";
import { readAllTests, TestFile } from "./titles";

/** What there is, for what the map says to be held against. */
export interface Evidence {
  registered: Registrations;
  tests: Map<string, TestFile>;
  checks: string[];
  policies: string[];
}

const ROOT = path.join(__dirname, "../..");

export async function gatherEvidence(): Promise<Evidence> {
  return {
    registered: await registrations(),
    tests: readAllTests(),
    checks: [...DATABASE_CHECKS, ...AWS_CHECKS].map(({ check }) => check),
    policies: POLICY_NAMES,
  };
}

/** Where a proof has to hold. */
function whereOf(proof: ResourceProof, control: Control): readonly Setup[] {
  return proof.where ?? metIn(control);
}

const shown = (value: unknown) => (value === undefined ? "not set" : JSON.stringify(value));

function holds({ contains, atLeast, value: wanted }: ResourceProof, found: unknown): boolean {
  if (contains !== undefined) {
    return (typeof found === "string" || Array.isArray(found)) && found.includes(contains);
  }
  return atLeast === undefined ? isDeepStrictEqual(found, wanted) : typeof found === "number" && found >= atLeast;
}

function propertyProblems(proof: ResourceProof, setup: Setup, resources: Registered[]): string[] {
  const { property, type } = proof;
  if (property === undefined) {
    return [];
  }
  const wanted = proof.contains ?? (proof.atLeast === undefined ? shown(proof.value) : `${proof.atLeast} at least`);
  return resources.flatMap(({ name, inputs }) => {
    const values = valuesAt(inputs, property);
    const wrong = (values.length === 0 ? [undefined] : values).filter((value) => !holds(proof, value));
    return wrong.map((value) => `${type} ${name} in ${setup}: ${property} is ${shown(value)}, not ${wanted}`);
  });
}

function resourceProblems(proof: ResourceProof, control: Control, { registered }: Evidence): string[] {
  const { component, type, name, none } = proof;
  const setups = whereOf(proof, control);
  const file = path.join(ROOT, component);
  const made = `.${type.split(":").at(-1)}(`;
  const inFile = none || (existsSync(file) && readFileSync(file, "utf8").includes(made));
  return [
    ...(inFile ? [] : [`${component} does not make a ${type}: there is no "${made}" in it`]),
    ...(setups.length === 0 ? [`${type} is claimed for no environment; say where it holds`] : []),
    ...setups.flatMap((setup) => {
      const resources = registered[setup].filter(
        (one) => one.type === type && (name === undefined || ownName(setup, one) === name),
      );
      if (none) {
        return resources.map((one) => `${type} ${one.name} is registered in ${setup}, and there should be none`);
      }
      return resources.length === 0
        ? [`no ${type}${name === undefined ? "" : ` called ${name}`} is registered in ${setup}`]
        : propertyProblems(proof, setup, resources);
    }),
  ];
}

const likely = (wanted: string, all: string[]) => {
  const near = all.length === 0 ? undefined : closest(wanted, all);
  return near !== undefined && distance(wanted, near) < wanted.length / 2 ? `; did you mean "${near}"?` : "";
};

function testProblems({ file, title, line }: TestProof, { tests }: Evidence): string[] {
  const found = tests.get(file);
  if (!found) {
    return [`there is no ${file}${likely(file, [...tests.keys()])}`];
  }
  if (found.titles.filter((one) => one === title).length !== 1) {
    return [`${file} has no test, or more than one, called "${title}"${likely(title, found.titles)}`];
  }
  const runs = isRun(file, tests);
  const texts = [found, ...found.imports.flatMap((module) => tests.get(module) ?? [])].flatMap((one) => [...one.texts]);
  return [
    ...(runs ? [] : [`no test file imports ${file}`]),
    ...(line === undefined || texts.includes(line)
      ? []
      : [`"${title}" of ${file} has no line "${line}"${likely(line, texts)}`]),
  ];
}

/** What lies in test/support runs only when some test file comes to import it. */
function isRun(file: string, tests: Evidence["tests"]): boolean {
  const importers = [...tests].filter(([, { imports }]) => imports.includes(file)).map(([name]) => name);
  return file.endsWith(".test.ts") || importers.some((name) => isRun(name, tests));
}

/** GitHub's anchor of a heading. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");

function pageProblems(page: string): string[] {
  const [file = "", heading] = page.split("#");
  const place = path.join(ROOT, "docs", file);
  if (!existsSync(place)) {
    return [`there is no docs/${file}`];
  }
  const anchors = [...readFileSync(place, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) => anchor(text));
  return heading === undefined || anchors.includes(heading) ? [] : [`docs/${file} has no heading #${heading}`];
}

const unknown = (kind: string, names: string[], all: string[]) =>
  names.filter((name) => !all.includes(name)).map((name) => `there is no ${kind} ${name}${likely(name, all)}`);

function pointerProblems(control: Control): string[] {
  const { resources = [], policies = [], checks = [], tests = [], pages = [], exceptions = [] } = control;
  const shows = [...resources, ...policies, ...checks, ...pages].length > 0;
  const environments = exceptions.flatMap((one) => one.environments);
  return [
    ...(metIn(control).length > 0 && tests.length === 0 ? ["is said to be met, and no test shows it"] : []),
    ...(metIn(control).length > 0 && !shows ? ["is said to be met, and nothing is named that meets it"] : []),
    ...exceptions.filter(({ reason }) => reason.trim() === "").map(() => "is an exception without a reason"),
    ...exceptions.filter((one) => one.environments.length === 0).map(() => "is an exception in no environment"),
    ...(new Set(environments).size < environments.length ? ["has two exceptions for one environment"] : []),
  ];
}

function controlProblems(control: Control, evidence: Evidence): string[] {
  const { resources = [], policies = [], checks = [], tests = [], pages = [] } = control;
  return [
    ...pointerProblems(control),
    ...resources.flatMap((proof) => resourceProblems(proof, control, evidence)),
    ...unknown("policy", policies, evidence.policies),
    ...unknown("check", checks, evidence.checks),
    ...tests.flatMap((proof) => testProblems(proof, evidence)),
    ...pages.flatMap(pageProblems),
  ];
}

/** What the map says and is not so, each with the control that says it. */
export function problemsOf({ asks, controls }: List, evidence: Evidence): string[] {
  return [
    ...Object.keys(asks)
      .filter((id) => !controls[id])
      .map((id) => `${id}: has no entry`),
    ...Object.keys(controls)
      .filter((id) => asks[id] === undefined)
      .map((id) => `${id}: is on no list`),
    ...Object.entries(controls).flatMap(([id, control]) =>
      controlProblems(control, evidence).map((problem) => `${id}: ${problem}`),
    ),
  ];
}
