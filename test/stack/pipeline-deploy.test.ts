import { existsSync, readdirSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepCheckpoints } from "../support/shortcuts";
import { LocalStack } from "../support/local-stack";
import { Pipeline } from "../support/pipeline";

interface Exported {
  deployment: { resources?: object[] };
}

const exported = async (stack: LocalStack) => JSON.parse(await stack.succeed("stack", "export")) as Exported;

/** Deployments that meet another one, and those that come after one whose machine was lost in the middle. */
describe("a deployment", () => {
  let stack: LocalStack;
  let pipeline: Pipeline;
  beforeAll(async () => {
    keepCheckpoints();
    // By this name the policies judge it as they judge what can be thrown away.
    stack = await LocalStack.open("local");
    pipeline = new Pipeline(stack);
  });
  afterAll(() => {
    pipeline.close();
    return stack.close();
  });

  const DATABASE = "aws:rds/instance:Instance::markenmate-local";
  const deploy = (run: string) => pipeline.step("deploy", [stack.name], { GITHUB_RUN_ID: run });
  /** Stops one in the midst of its work on the database, when nothing else is under way any more. */
  const holdAt = (step: string) => pipeline.hold("deploy", [stack.name], () => pending() === `${step} ${DATABASE}`);
  const pending = () => pipeline.state()?.pending.join(", ");
  const tags = async () => JSON.parse(await stack.succeed("stack", "tag", "list", "--json")) as Record<string, string>;
  const lockFolder = () => path.join(stack.platform.dir, "state/.pulumi/locks/organization/markenmate", stack.name);
  const locks = () => readdirSync(lockFolder()).filter((file) => file.endsWith(".json"));
  const lines = (text: string) => text.split("\n").filter((line) => line.startsWith(`${stack.name}: `));
  const removed = (run: string) =>
    expect.stringContaining(`local: removed the lock of the run ${run}, which is gone: `) as string;

  it("that the policies refuse has made nothing", async () => {
    // What is right for a stack that can be thrown away is not for one of another name.
    const strict = await stack.beside("strict");
    const { code, stderr } = await new Pipeline(strict).step("deploy", [strict.name]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/\[mandatory\] +deletion-protection/);
    expect((await exported(strict)).deployment.resources ?? []).toEqual([]);
    expect(await stack.leftovers()).toEqual([]);
  });

  it("is killed while it makes something, which RDS goes on with, and so is the next one, while it clears up", async () => {
    await stack.configure({});
    await (await holdAt("creating")).kill();
    expect(pending()).toBe(`creating ${DATABASE}`);
    // What was begun is taken over, and a refresh has the lock.
    const clearsUp = () => pipeline.state()?.resources.includes(DATABASE) === true && locks().length === 1;
    const next = await (await pipeline.hold("deploy", [stack.name], clearsUp, { GITHUB_RUN_ID: "18" })).kill();
    expect(lines(next.stderr)).toContainEqual(removed("17/1"));
    expect(lines(next.stderr)).toContain("local: an update was killed while creating markenmate-local");
  });

  it("finishes that, and another one refuses to begin while it is at work, and does not disturb it", async () => {
    const creates = () => pending()?.includes("creating ") === true;
    const held = await pipeline.hold("deploy", [stack.name], creates, { GITHUB_RUN_ID: "19" });
    expect(await deploy("20")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^The stack local is locked, and the lock is left alone:\n.* process \d+, since .*: that process is at work$/m,
      ) as string,
    });
    expect(locks()).toHaveLength(1);
    const { code, stderr } = await held.resume();
    expect(code, stderr).toBe(0);
    expect(lines(stderr)).toEqual([removed("18/1"), "local: looking how far it came", "local: updated"]);
    expect([pending(), await tags(), locks()]).toEqual(["", {}, []]);
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("is killed while it changes the database, and leaves its lock and its name behind", async () => {
    await stack.configure({ instanceClass: "db.t4g.medium" });
    await (await holdAt("updating")).kill();
    expect(pending()).toBe(`updating ${DATABASE}`);
    expect(JSON.parse((await tags())["pipeline:run"] as string)).toMatchObject({ run: "17/1" });
    expect(locks()).toHaveLength(1);
  });

  it("leaves the lock of a person alone, and says whose it is", async () => {
    const lock = path.join(lockFolder(), "of-ann.json");
    const held = { pid: 4711, username: "ann", hostname: "desk", timestamp: new Date().toISOString() };
    await writeFile(lock, JSON.stringify(held));
    const { code, stderr } = await deploy("18");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /The stack local is locked, and the lock is left alone:\n {2}ann@desk, process 4711, since .*: no run/,
    );
    expect(existsSync(lock)).toBe(true);
    expect(locks()).toHaveLength(2);
    rmSync(lock); // her update has ended
  });

  it("is finished by the next one, which takes the lock away", async () => {
    const { code, stderr } = await deploy("18");
    expect(code, stderr).toBe(0);
    expect(lines(stderr)).toEqual([
      removed("17/1"),
      "local: an update was killed while updating markenmate-local",
      "local: looking how far it came",
      "local: updated",
    ]);
    expect([pending(), await tags(), locks()]).toEqual(["", {}, []]);
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("leaves nothing behind that the stack does not know", async () => {
    await stack.succeed("destroy", "--yes", "--skip-preview");
    expect(await stack.leftovers()).toEqual([]);
  });
});
