import path from "node:path";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, TestSpecification } from "vitest/node";

/**
 * Limits, in milliseconds, are there for what hangs, and never for what is slow: each is at least ten times what the longest
 * of its kind takes on a quiet machine. Nothing waits for its end but what has failed.
 */
const LIMITS = {
  /** For what another process does (`expect.poll`); over as soon as it is there. */
  event: 180_000,
  /** For a test without an engine: 6 seconds, of all names of some stacks. */
  unit: 120_000,
  /** For a test or a hook with one: 50 seconds, of some updates one after the other. */
  stack: 1_200_000,
};
const expectations = { poll: { timeout: LIMITS.event } };

/** Tests with a real engine, servers and the emulator, whatever they are about. */
const withServers = {
  pool: "forks" as const,
  globalSetup: "test/support/run-folder.ts",
  // Files share their worker's process: providers, SDKs and the program take seconds to load.
  isolate: false,
  setupFiles: "test/support/own-environment.ts",
  sequence: { groupOrder: 2 },
  // Each file brings up servers of its own; two at a time is what two cores are good for.
  maxWorkers: 2,
  testTimeout: LIMITS.stack,
  expect: expectations,
  hookTimeout: LIMITS.stack,
  // Pulumi writes the whole state before and after each resource: a third of the time that a stack takes to come up.
  // Written once at the end it is the same state; tests that are about it take this away (support/shortcuts.ts).
  // Two engines share two cores with all else: handing work from one of its threads to the other only costs time.
  env: { PULUMI_SKIP_CHECKPOINTS: "true", GOMAXPROCS: "1" },
};

/**
 * What tests depend on and do not import, so that `--changed` runs all of them: parts of the platform run as processes of their own,
 * and are not all written in TypeScript; whole runs have their folder and its keeper; and tests read files.
 */
const NOT_IMPORTED = [
  "platform/!(test)/**",
  "test/support/run-*.ts",
  "test/support/**/!(*.ts)",
  "package-lock.json",
  "tsconfig.json",
  "typescript.cjs",
];

/** The files that take longest, in this order: begun last, one of them would leave a core idle while it ends. */
const LONGEST = [
  "pipeline-deploy",
  "rotation",
  "growing",
  "environments",
  "import",
  "bootstrap-deploy",
  "pipeline-steps",
  "backup-failures",
  "upgrade",
  "rotate-command",
  "whole-stack-17",
  "admin-access",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.indexOf(path.basename(moduleId, ".test.ts"));
      return index < 0 ? LONGEST.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    forceRerunTriggers: [
      ...configDefaults.forceRerunTriggers,
      ...NOT_IMPORTED.map((pattern) => path.join(import.meta.dirname, pattern)),
    ],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          isolate: false,
          testTimeout: LIMITS.unit,
          hookTimeout: LIMITS.unit,
          expect: expectations,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { name: "stack", include: ["test/stack/**/*.test.ts"], ...withServers } },
      { test: { name: "platform", include: ["platform/test/**/*.test.ts"], ...withServers } },
    ],
  },
});
