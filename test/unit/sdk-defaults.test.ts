import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../platform/shared/paths";
import { PROGRAM_RUNTIME } from "../support/program-runtime";

/** As the SDK's runner does before it loads the program. */
const RUNNER_BEGINS = [
  ...PROGRAM_RUNTIME.options.nodeargs.split(" "),
  ...["--require", require.resolve("source-map-support/register")],
];

let folder: string;
beforeAll(async () => {
  // In the clone, whose packages the programs find.
  const parent = path.join(ROOT, ".local", "tmp");
  await mkdir(parent, { recursive: true });
  folder = await mkdtemp(path.join(parent, "sdk-defaults-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const file = (...names: string[]) => JSON.stringify(path.join(ROOT, ...names));

/** Runs a program as Pulumi does, and returns the JSON that it prints. */
async function run<Told>(program: string, environment: NodeJS.ProcessEnv = {}): Promise<Told> {
  const file = path.join(folder, "program.ts");
  await writeFile(file, program);
  const options = { cwd: ROOT, encoding: "utf8" as const, env: { ...process.env, ...environment } };
  return JSON.parse(execFileSync(process.execPath, [...RUNNER_BEGINS, file], options)) as Told;
}

describe("stack traces of the program", () => {
  it("name the lines of TypeScript, without source-map-support", async () => {
    const [before, after, stack] = await run<[string, string, string]>(
      `import { setSdkDefaults } from ${file("components", "stack", "sdk-defaults")};

const before: unknown = Error.prepareStackTrace;
setSdkDefaults();
const mapped = (): string | undefined => new Error("a mistake").stack;
console.log(JSON.stringify([typeof before, typeof Error.prepareStackTrace, mapped()]));
`,
    );
    expect([before, after]).toEqual(["function", "undefined"]);
    expect(stack).toMatch(new RegExp(`^Error: a mistake\\n.*${path.join(folder, "program.ts")}:5:`));
  });

  const PROMISES = `import { setSdkDefaults } from ${file("components", "stack", "sdk-defaults")};
const { debuggablePromise } = (setSdkDefaults(), require("@pulumi/pulumi/runtime/debuggable"));
const waitedFor = Promise.resolve(1);
const line = () => debuggablePromise(waitedFor, "a test");
line();
console.log(JSON.stringify([waitedFor._debugStackTrace, new Error("mine").stack]));
`;

  it("are not taken of what the SDK waits for, and of all else as before", async () => {
    const [ofPromise, own] = await run<[string, string]>(PROMISES);
    expect(ofPromise).toBe("Error");
    expect(own).toContain("program.ts:6:");
  });

  it("are taken of what the SDK waits for when somebody looks for a promise that never ends", async () => {
    const [ofPromise] = await run<[string, string]>(PROMISES, { PULUMI_DEBUG_PROMISE_LEAKS: "true" });
    expect(ofPromise).toContain("program.ts:4:");
  });
});

describe("what the SDK loads", () => {
  it("has neither a compiler nor npm's resolver in it, until a function is to be serialized", async () => {
    const [before, serialized, after] = await run<[string[], string, string[]]>(
      `import ${file("lib", "sdk-start")};
import { runtime } from "@pulumi/pulumi";

const loaded = () =>
  ["typescript", "@npmcli/arborist"].filter((name) =>
    Object.keys(require.cache).some((file) => file.includes("/node_modules/" + name + "/")));
const before = loaded();
runtime.serializeFunction(() => 4711).then(({ text }) => console.log(JSON.stringify([before, text, loaded()])));
`,
    );
    expect(before).toEqual([]);
    expect(serialized).toContain("4711");
    expect(after).toContain("typescript");
  });
});
