import path from "node:path";
import { configDefaults, defineConfig } from "vitest/config";

/**
 * Waiting for what another process does: long enough for a machine that is busy, and over as soon as it is there. A test of
 * something that must end in time, as it would end some day by itself, names its own limit.
 */
const expectations = { poll: { timeout: 60_000 } };

/** Tests with a real engine, servers and the emulator, whatever they are about. */
const withServers = {
  pool: "forks" as const,
  globalSetup: "test/support/run-folder.ts",
  sequence: { groupOrder: 2 },
  // Each file brings up servers of its own; two at a time is what two cores are good for.
  maxWorkers: 2,
  testTimeout: 120_000,
  expect: expectations,
  hookTimeout: 300_000,
  // Pulumi writes the whole state before and after each resource: a third of the time that a stack takes to come up.
  // Written once at the end it is the same state; tests that are about it take this away (support/checkpoints.ts).
  env: { PULUMI_SKIP_CHECKPOINTS: "true" },
};

/**
 * What tests depend on and do not import, so that `--changed` runs all of them: parts of the platform run as processes of their own,
 * and are not all written in TypeScript; whole runs have their folder and its keeper; and tests read files.
 */
const NOT_IMPORTED = [
  "local/**",
  "test/support/run-*.ts",
  "test/support/**/!(*.ts)",
  "package-lock.json",
  "tsconfig.json",
];

export default defineConfig({
  test: {
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
          expect: expectations,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { name: "stack", include: ["test/stack/**/*.test.ts"], ...withServers } },
      { test: { name: "platform", include: ["test/platform/**/*.test.ts"], ...withServers } },
    ],
  },
});
