import process from "node:process";
import { describe, expect, it } from "vitest";
import { capture, run } from "../../lib/process";

const LETTERS = 200_000;
/** More than fits into one chunk, of a letter of two bytes, after one of a single byte. */
const PRINTS = ["-e", `process.stdout.write("a" + "ä".repeat(${LETTERS}))`];
const PRINTED = `a${"ä".repeat(LETTERS)}`;

describe("what a command prints", () => {
  it("is kept whole, wherever its chunks end", async () => {
    const { stdout } = await capture(process.execPath, PRINTS, { cwd: "/", env: process.env });
    expect(stdout === PRINTED).toBe(true);
  });

  it("is returned whole", async () => {
    expect((await run(process.execPath, PRINTS)) === PRINTED).toBe(true);
  });
});
