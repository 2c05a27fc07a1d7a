import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ToyEngine } from "../../test/support/engine";
import { ToyService } from "../../test/support/toy-provider";

/** What every stand-in gets from the protocol layer, seen through a real engine. */
const service = new ToyService();
let engine: ToyEngine;

beforeAll(async () => {
  engine = await ToyEngine.start(service.provider());
});
afterAll(() => engine.close());
beforeEach(() => {
  service.calls.length = 0;
});

describe("creating", () => {
  it("shows in the first preview what is not known yet, and what is", async () => {
    await engine.program(`
      const one = new Thing("one", { color: "red", label: "one" });
      new Thing("two", { color: "blue", label: "two", note: one.stamp, password: pulumi.secret("hunter2-secret") });
    `);
    const [one, two] = await engine.preview();
    expect(one).toMatchObject({ op: "create", newState: { inputs: { color: "red", size: 1 } } });
    expect(two?.newState?.inputs?.note).toBe("04da6b54-80e4-46f7-96ec-b56ff0331ba9");
    expect(service.calls).toEqual([]);
  });

  it("creates in the order of the dependencies, and changes nothing the second time", async () => {
    await engine.up();
    expect(service.calls).toEqual(["create one", "create two"]);
    expect(service.things.get("two")).toMatchObject({ note: "default-1", password: "hunter2-secret", size: 1 });
    expect((await engine.preview()).map(({ op }) => op)).toEqual(["same", "same"]);
    await engine.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("keeps a secret secret: encrypted in state, hidden in previews", async () => {
    const state = await engine.succeed("stack", "export");
    expect(state).toContain('"ciphertext"');
    expect(state).not.toContain("hunter2-secret");
    expect(await engine.succeed("stack", "export", "--show-secrets")).toContain("hunter2-secret");
  });

  it("names a resource by itself, the same in preview and update", async () => {
    await engine.program(`new Thing("a-very-long-logical-name", { color: "red" });`);
    await engine.up();
    const [label] = [...service.things.keys()];
    expect(label).toMatch(/^a-very-long--[0-9a-f]{7}$/);
    expect((await engine.preview())[0]?.op).toBe("same");
  });
});

describe("checking", () => {
  it.each([
    [`{ label: "x" }`, 'the argument "color" is required, but no definition was found'],
    [`{ color: "red", colour: "red" }`, 'An argument named "colour" is not expected here'],
    [`{ color: "red", serial: 3 }`, "serial"],
    [`{ color: "none" }`, "expected color to be one of [red blue], got none"],
  ])("refuses %s", async (args, message) => {
    // The toy's constructor passes outputs along as undefined; here they are set on purpose.
    await engine.program(`new pulumi.CustomResource("toy:index:Thing", "bad", ${args});`);
    const { code, stdout, stderr } = await engine.pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(message);
    expect(service.calls).toEqual([]);
  });

  it("fails loudly for a type without a model, by its name", async () => {
    await engine.program(`new pulumi.CustomResource("toy:index:Unheard", "x", {});`);
    const { code, stdout } = await engine.pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout).toContain("The local toy provider has no model for toy:index:Unheard");
  });
});

describe("changing", () => {
  const program = (args: string) => engine.program(`new Thing("thing", { color: "red", ${args} });`);

  it("tells an update from a replacement, property by property", async () => {
    await program(`label: "first", members: ["b", "a"], policy: '{"a": 1, "b": 2}', note: "old"`);
    await engine.up();
    await program(`label: "first", size: 5, members: ["a", "b"], policy: '{"b":2,"a":1}'`);
    const [step] = await engine.preview();
    expect(step?.op).toBe("update");
    expect(step?.detailedDiff).toEqual({
      size: { kind: "update", inputDiff: true },
      note: { kind: "delete", inputDiff: true },
    });
    service.calls.length = 0;
    await engine.up();
    expect(service.calls).toEqual(["update first size,note"]);
  });

  it("creates the new one before it deletes the old one", async () => {
    await program(`label: "second"`);
    const steps = await engine.preview();
    expect(steps.map(({ op }) => op)).toContain("replace");
    expect(steps.find(({ op }) => op === "replace")?.detailedDiff?.label).toMatchObject({ kind: "update-replace" });
    service.calls.length = 0;
    await engine.up();
    expect(service.calls).toEqual(["create second", "delete first"]);
  });

  it("leaves a property to the provider when the program does not set it", async () => {
    service.things.get("second")!.zone = "b";
    await engine.succeed("refresh", "--yes", "--skip-preview");
    expect((await engine.preview())[0]?.op).toBe("same");
  });
});

describe("drift", () => {
  it("is found by refresh and undone by the next update, a property set by hand included", async () => {
    Object.assign(service.things.get("second")!, { color: "green", note: "set by hand" });
    const { code } = await engine.pulumi("preview", "--refresh", "--expect-no-changes");
    expect(code).not.toBe(0);
    await engine.up("--refresh");
    expect(service.things.get("second")).toMatchObject({ color: "red" });
    expect(service.things.get("second")!.note).toBeUndefined();
  });

  it("brings back what was deleted by hand", async () => {
    service.things.delete("second");
    await engine.up("--refresh");
    expect(service.things.has("second")).toBe(true);
  });
});

describe("providers, functions and imports", () => {
  it("tells explicit providers apart", async () => {
    await engine.program(`
      const north = new Provider("north", { region: "north", nested: [{ a: pulumi.secret("x") }] });
      const south = new Provider("south", { region: "south", token: pulumi.secret("t") });
      new Thing("n", { color: "red", label: "n" }, { provider: north });
      new Thing("s", { color: "red", label: "s" }, { provider: south });
      exports.asked = pulumi.runtime.invoke("toy:index:ask", { question: "why" }, { provider: south });
    `);
    await engine.up();
    expect(service.things.get("n")?.stamp).toMatch(/^north-/);
    expect(service.things.get("s")?.stamp).toMatch(/^south-/);
    expect(JSON.parse(await engine.succeed("stack", "output", "--json", "--show-secrets"))).toEqual({
      asked: { answer: "why!", region: "south" },
    });
  });

  it("imports what exists, and finds nothing to change afterwards", async () => {
    service.things.set("found", { label: "found", color: "blue", size: 7, serial: 99, stamp: "s" });
    await engine.program(`new Thing("found", { label: "found", color: "blue", size: 7 }, { import: "found" });`);
    await engine.up();
    expect(service.calls.filter((call) => call.startsWith("create"))).toEqual([]);
    expect((await engine.preview())[0]?.op).toBe("same");
  });

  it("deletes everything at the end", async () => {
    await engine.succeed("destroy", "--yes", "--skip-preview");
    expect([...service.things.keys()]).toEqual([]);
  });
});
