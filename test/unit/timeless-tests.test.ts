import { describe, expect, it } from "vitest";
import { saidByEslint } from "../support/eslint";

const RULES = ["no-restricted-imports", "no-restricted-syntax"];

const saidOf = (code: string, file: string) => saidByEslint(code, file, RULES);

describe("eslint", () => {
  it.each([
    ["a fixed time", "await new Promise((wake) => setTimeout(wake, 500));", "wait for what comes of it"],
    ["a fixed time, imported", 'import { setTimeout } from "node:timers/promises";', "wait for what comes of it"],
    ["by another name", 'import { setTimeout as wait } from "timers/promises";', "wait for what comes of it"],
    ["a sleep of the product's", 'import { sleep } from "../../lib/port-forwarding-session";', "wait for what"],
    ["a clock that is compared", "expect(performance.now() - begun < 2_000).toBe(true);", "count what is done"],
    ["a loop until a time", "while (Date.now() < end) look();", "count what is done"],
    ["a limit of its own", "await expect.poll(look, { timeout: 5_000 }).toBe(1);", "vitest.config.mts"],
  ])("refuses %s in a test", async (_, code, message) => {
    for (const file of ["test/stack/some.test.ts", "test/unit/some.test.ts", "test/support/some.ts"]) {
      expect(await saidOf(code, file)).toEqual([expect.stringContaining(message)]);
    }
    for (const file of ["test/bench/some.ts", "ops/some.ts"]) {
      expect(await saidOf(code, file)).toEqual([]);
    }
  });

  it.each([
    ["waiting for what comes", "await expect.poll(look, { interval: 20 }).toBe(1);"],
    ["a date", "const later = new Date(Date.now() + 27 * 3_600_000);"],
    ["a command's own limit", 'run({ timeout: 10, args: ["--timeout"] });'],
  ])("has nothing against %s", async (_, code) => {
    expect(await saidOf(code, "test/stack/some.test.ts")).toEqual([]);
  });
});
