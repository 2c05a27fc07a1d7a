import { ROOT } from "../../local/platform/paths";
import { choose } from "./choose";
import { MISTAKES } from "./list";
import { Mistake, plant, readSources, readTestFiles, refuseUnreadable, testFilesOf } from "./mistake";
import { Outcome } from "./outcome";
import { Workspace } from "./workspace";

/**
 * Plants mistakes in a copy of this checkout, one at a time, and runs the tests that must find each: `make test-mutations`. What is asked
 * for stands in the environment: MUTATIONS (`all`, or ids), or SAMPLE, the size of a sample, and SEED, which one.
 */

const SAMPLE = 12;

interface Tried {
  mistake: Mistake;
  /** The folder that it was planted in. */
  part: string;
  outcome: Outcome;
}

const seconds = (begun: number) => `${((performance.now() - begun) / 1000).toFixed(1)} s`;

const told = (outcome: Outcome) =>
  outcome.kind === "found"
    ? `found by "${outcome.by}"`
    : outcome.kind === "passed"
      ? "NOT FOUND"
      : `NOT FOUND, for ${outcome.why}`;

function chosen(): Mistake[] {
  const { MUTATIONS: named, SAMPLE: size, SEED } = process.env;
  const seed = Number(SEED ?? Math.floor(Math.random() * MISTAKES.length));
  const mistakes = choose(MISTAKES, { named, size: Number(size ?? SAMPLE), seed });
  console.log(`${mistakes.length} of ${MISTAKES.length} mistakes${named ? "" : ` (SEED=${seed} for the same again)`}`);
  return mistakes;
}

async function tryAll(mistakes: Mistake[], workspace: Workspace): Promise<Tried[]> {
  const [sources, testFiles] = [readSources(ROOT), readTestFiles(ROOT)];
  const plans = mistakes.map((mistake) => ({
    mistake,
    planted: plant(mistake, sources),
    tests: testFilesOf(mistake, testFiles),
  }));
  plans.forEach(({ planted }) => refuseUnreadable(planted));
  const every = [...new Set(plans.flatMap(({ tests }) => tests))];
  const begun = performance.now();
  const without = await workspace.test(every);
  if (without.kind !== "passed") {
    throw new Error(`Without any mistake the tests do not pass: ${told(without)}`);
  }
  console.log(`Without any mistake ${every.length} files of tests pass: ${seconds(begun)}`);
  const tried: Tried[] = [];
  for (const { mistake, planted, tests } of plans) {
    const start = performance.now();
    const outcome = await workspace.with(planted, () => workspace.test(tests));
    tried.push({ mistake, part: planted.file.split("/")[0] ?? "", outcome });
    console.log(`${tried.length}/${plans.length} ${mistake.id}: ${told(outcome)}, ${seconds(start)}`);
  }
  return tried;
}

function tell(tried: Tried[]): void {
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
    console.log(`\n${mistake.id}: ${mistake.what}\n  ${mistake.tests.join(", ")}: ${told(outcome)}`);
  }
}

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => stop.abort(new Error(`Ended by ${signal}`)));
  }
  const mistakes = chosen();
  const workspace = await Workspace.make(ROOT, stop.signal);
  try {
    const tried = await tryAll(mistakes, workspace);
    tell(tried);
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
