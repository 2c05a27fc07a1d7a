import path from "node:path";
import { findBase } from "./support/branch";

/** What `make test` always runs of those with servers: all that is about the product. The unit tests have been by then. */
const PRODUCT = ["stack"];
/** The tests of the local platform's own insides. */
const PLATFORM = "platform";

/** Asks vitest which of the platform's test files depend on what changed since a commit, in the working tree too. */
async function changedSince(commit: string): Promise<string[]> {
  const { createVitest } = await import("vitest/node");
  const options = { watch: false, project: [PLATFORM], changed: commit };
  const vitest = await createVitest("test", options, {}, { stdout: process.stderr });
  try {
    const specifications = await vitest.getRelevantTestSpecifications();
    return specifications.map(({ moduleId }) => path.relative(process.cwd(), moduleId));
  } finally {
    await vitest.close();
  }
}

const projects = (names: string[]) => names.map((name) => `--project=${name}`);

/** Prints the arguments with which `make test` calls vitest, and for people which of the platform's tests are among them, and why. */
async function main(): Promise<void> {
  const tell = (args: string[], reason: string) => {
    console.error(`platform tests: ${reason}`);
    console.log(args.join(" "));
  };
  const base = findBase(process.cwd(), process.env);
  if ("missing" in base) {
    return tell(projects([...PRODUCT, PLATFORM]), `all of them, for ${base.missing}`);
  }
  const files = await changedSince(base.commit);
  const since = `changed since ${base.commit.slice(0, 7)}`;
  if (files.length === 0) {
    return tell(projects(PRODUCT), `left out, nothing that they depend on ${since}`);
  }
  const args = [...projects([...PRODUCT, PLATFORM]), ...PRODUCT.map((name) => `test/${name}/`), ...files];
  tell(args, `those that depend on what ${since} (files: ${files.length})`);
}

void main();
