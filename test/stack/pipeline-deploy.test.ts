import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalStack } from "../support/local-stack";
import { Pipeline } from "../support/pipeline";

interface Exported {
  deployment: { pending_operations?: { type: string; resource: { urn: string } }[] };
}

/** A deployment whose machine is lost in the middle, and those that come after it. */
describe("a deployment", () => {
  let stack: LocalStack;
  let pipeline: Pipeline;
  beforeAll(async () => {
    // By this name the policies judge it as they judge what can be thrown away.
    stack = await LocalStack.open("local");
    pipeline = new Pipeline(stack);
  });
  afterAll(() => stack.close());

  const pending = async () =>
    ((JSON.parse(await stack.succeed("stack", "export")) as Exported).deployment.pending_operations ?? []).map(
      ({ resource }) => resource.urn.split("::").pop(),
    );
  const tags = async () => JSON.parse(await stack.succeed("stack", "tag", "list", "--json")) as Record<string, string>;
  const locks = () => path.join(stack.platform.dir, "state/.pulumi/locks/organization/markenmate", stack.name);
  const lines = (text: string) => text.split("\n").filter((line) => line.startsWith(`${stack.name}: `));

  it("is killed while it creates what AWS knows by its name", async () => {
    // Begun, and not done: the engine tells of it when it begins.
    await pipeline.kill("deploy", [stack.name], /Updating[^]*\+ aws:rds\/parameterGroup/);
    expect(await pending()).toContain("markenmate-local-postgres17");
    expect(JSON.parse((await tags())["pipeline:run"] as string)).toMatchObject({ run: "17/1" });
  });

  it("leaves the lock of a person alone, and says whose it is", async () => {
    const lock = path.join(locks(), "of-ann.json");
    const held = { pid: 4711, username: "ann", hostname: "desk", timestamp: new Date().toISOString() };
    await mkdir(locks(), { recursive: true });
    await writeFile(lock, JSON.stringify(held));
    const { code, stderr } = await pipeline.step("deploy", [stack.name]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /The stack local is locked, and the lock is left alone:\n {2}ann@desk, process 4711, since .*: no run/,
    );
    expect(existsSync(lock)).toBe(true);
    await stack.succeed("cancel", "--yes"); // ann does so
  });

  it("is finished by the next one, which takes over what was made", async () => {
    const { code, stderr } = await pipeline.step("deploy", [stack.name]);
    expect(code, stderr).toBe(0);
    expect(lines(stderr)).toContain("local: an update was killed while creating markenmate-local-postgres17");
    expect([await pending(), await tags()]).toEqual([[], {}]);
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("that is killed while it changes something leaves a lock, which the next one takes away", async () => {
    await stack.configure({ parameters: { lock_timeout: 9000 } });
    await pipeline.kill("deploy", [stack.name], /Updating[^]*~ aws:rds\/parameterGroup/);
    const { code, stderr } = await pipeline.step("deploy", [stack.name]);
    expect(code, stderr).toBe(0);
    expect(lines(stderr)).toContainEqual(
      expect.stringMatching(/^local: removed the lock of the run 17\/1, which is gone: /),
    );
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });
});
