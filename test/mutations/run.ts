import { ROOT } from "../../platform/shared/paths";
import { choose } from "./choose";
import { MISTAKES } from "./list";
import { Mistake, plant, readSources, readTestFiles, refuseUnreadable, findTestFiles } from "./mistake";
import { Outcome } from "./outcome";
import { Workspace } from "./workspace";

/**
 * Plants mistakes in a copy of this checkout, one at a time, and runs the tests that must find each: `make test-mutations`. What is asked
 * for stands in the environment: MUTATIONS (`all`, or ids), or SAMPLE, the size of a sample, and SEED, which one.
 */

const SAMPLE = 12;

interface Tried {
  mistake: Mistake;
  /** The folder at the top in which it was planted. */
  part: string;
  outcome: Outcome;
}

const secondsSince = (begun: number) => `${((performance.now() - begun) / 1000).toFixed(1)} s`;

const describeOutcome = (outcome: Outcome) =>
  outcome.kind === "found"
    ? `found by "${outcome.by}"`
    : outcome.kind === "passed"
      ? "NOT FOUND"
      : `NOT FOUND, for ${outcome.why}`;

function chooseMistakes(): Mistake[] {
  const { MUTATIONS: named, SAMPLE: size, SEED } = process.env;
  const seed = Number(SEED ?? Math.floor(Math.random() * MISTAKES.length));
  const mistakes = choose(MISTAKES, { named, size: Number(size ?? SAMPLE), seed });
  console.log(`${mistakes.length} of ${MISTAKES.length} mistakes${named ? "" : ` (SEED=${seed} for the same again)`}`);
  return mistakes;
}

async function tryAll(mistakes: Mistake[], workspace: Workspace): Promise<Tried[]> {
  const [sources, testFiles] = [readSources(workspace.folder), readTestFiles(workspace.folder)];
  const plans = mistakes.map((mistake) => ({
    mistake,
    planted: plant(mistake, sources),
    tests: findTestFiles(mistake, testFiles),
  }));
  plans.forEach(({ planted }) => refuseUnreadable(planted));
  const every = [...new Set(plans.flatMap(({ tests }) => tests))];
  const begun = performance.now();
  const without = await workspace.test(every);
  if (without.kind !== "passed") {
    const why = without.kind === "found" ? without.by : without.why;
    throw new Error(`Without any mistake the tests do not pass: ${why}`);
  }
  console.log(`Without any mistake ${every.length} files of tests pass: ${secondsSince(begun)}`);
  const tried: Tried[] = [];
  for (const { mistake, planted, tests } of plans) {
    const start = performance.now();
    const outcome = await workspace.withMistake(planted, () => workspace.test(tests));
    tried.push({ mistake, part: planted.file.split("/")[0] ?? "", outcome });
    console.log(`${tried.length}/${plans.length} ${mistake.id}: ${describeOutcome(outcome)}, ${secondsSince(start)}`);
  }
  return tried;
}

function printResult(tried: Tried[]): void {
  const line = (...cells: (string | number)[]) =>
    console.log(
      cells.map((cell, index) => (index === 0 ? String(cell).padEnd(14) : String(cell).padStart(9))).join(""),
    );
  const row = (name: string, some: Tried[]) => {
    const found = some.filter(({ outcome }) => outcome.kind === "found").length;
    line(name, some.length, found, some.length - found, `${((100 * found) / some.length).toFixed(1)} %`);
  };
  console.log("");
  line("planted in", "planted", "found", "not", "share");
  [...new Set(tried.map(({ part }) => part))].forEach((part) =>
    row(
      part,
      tried.filter((one) => one.part === part),
    ),
  );
  row("all", tried);
  for (const { mistake, outcome } of tried.filter((one) => one.outcome.kind !== "found")) {
    console.log(`\n${mistake.id}: ${mistake.what}\n  ${mistake.tests.join(", ")}: ${describeOutcome(outcome)}`);
  }
}

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => stop.abort(new Error(`Ended by ${signal}`)));
  }
  const mistakes = chooseMistakes();
  const workspace = await Workspace.make(ROOT, stop.signal);
  try {
    const tried = await tryAll(mistakes, workspace);
    printResult(tried);
    return tried.every(({ outcome }) => outcome.kind === "found") ? 0 : 1;
  } finally {
    await workspace.remove();
  }
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
