import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ToyEngine } from "../../test/support/engine";
import { ToyService } from "../../test/support/toy-provider";

const PROGRAM = `
  module.exports = async () => {
    const told = process.env.TOLD ?? "nothing";
    if (told === "refused") {
      throw Object.assign(new pulumi.RunError("this is refused"), { stack: undefined }); // formatting it takes long
    }
    const color = told === "wrong" ? "none" : "red";
    const thing = new Thing("thing", { color, label: "thing" });
    new Thing("after", { color: "red", label: "after", note: thing.stamp });
    if (told === "more") {
      new Thing("more", { color: "red", label: "more" });
    }
    globalThis.updates = (globalThis.updates ?? 0) + 1;
    pulumi.log.info("told " + told);
    return { pid: process.pid, updates: globalThis.updates, told, preview: pulumi.runtime.isDryRun(), stack: pulumi.getStack() };
  };
`;

interface Outputs {
  pid: number;
  updates: number;
  told: string;
  preview: boolean;
  stack: string;
}

describe("a program that the language host has loaded once", () => {
  const service = new ToyService();
  let engine: ToyEngine;
  beforeAll(async () => {
    engine = await ToyEngine.start(service.provider(), undefined, { keepsPrograms: true });
    await engine.program(PROGRAM);
  });
  afterAll(() => engine.close());

  const outputs = async () => JSON.parse(await engine.succeed("stack", "output", "--json")) as Outputs;
  const things = () => [...service.things.keys()].sort();
  /** The environment is the language host's, which runs in this process. */
  async function up(told?: string) {
    delete process.env.TOLD;
    Object.assign(process.env, told === undefined ? {} : { TOLD: told });
    const { code, stdout } = await engine.pulumi("up", "--yes", "--skip-preview");
    return { code, stdout };
  }

  it("finds its own update and environment each time, in the same process", async () => {
    expect(await up("more")).toMatchObject({ code: 0, stdout: expect.stringContaining("told more") as string });
    const first = await outputs();
    expect(first).toMatchObject({ told: "more", updates: 1, preview: false, stack: "toy" });
    await engine.succeed("preview", "--expect-no-changes");
    expect(await up()).toMatchObject({ code: 0, stdout: expect.stringContaining("told nothing") as string });
    expect(await outputs()).toMatchObject({ told: "nothing", updates: 3, pid: first.pid });
    // What it has no more is deleted, which the engine does when the program has come to its end.
    expect(things()).toEqual(["after", "thing"]);
  });

  it.each([
    ["refused", "error: this is refused"],
    ["wrong", "expected color to be one of [red blue], got none"],
  ])("says why it has failed when it is %s, deletes nothing, and is loaded anew", async (told, message) => {
    const { pid } = await outputs();
    expect(await up(told)).toMatchObject({ code: 1, stdout: expect.stringContaining(message) as string });
    expect(things()).toEqual(["after", "thing"]);
    expect(await up("fine")).toMatchObject({ code: 0, stdout: expect.stringContaining("told fine") as string });
    const after = await outputs();
    expect(after).toMatchObject({ told: "fine", updates: 1 });
    expect(after.pid).not.toBe(pid);
  });
});
