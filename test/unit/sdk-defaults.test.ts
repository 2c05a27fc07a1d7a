import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../local/platform/paths";
import { PROGRAM_RUNTIME } from "../support/program-runtime";

/** As the SDK's runner does before it loads the program. */
const RUNNER_BEGINS = [
  ...PROGRAM_RUNTIME.options.nodeargs.split(" "),
  ...["--require", require.resolve("source-map-support/register")],
];

describe("stack traces of the program", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "stack-traces-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("name the lines of TypeScript, without source-map-support", async () => {
    const program = path.join(folder, "program.ts");
    await writeFile(
      program,
      `import { setSdkDefaults } from ${JSON.stringify(path.join(ROOT, "components/sdk-defaults"))};

const before: unknown = Error.prepareStackTrace;
setSdkDefaults();
const mapped = (): string | undefined => new Error("a mistake").stack;
console.log(JSON.stringify([typeof before, typeof Error.prepareStackTrace, mapped()]));
`,
    );
    const told = execFileSync(process.execPath, [...RUNNER_BEGINS, program], { cwd: ROOT, encoding: "utf8" });
    const [before, after, stack] = JSON.parse(told) as [string, string, string];
    expect([before, after]).toEqual(["function", "undefined"]);
    expect(stack).toMatch(new RegExp(`^Error: a mistake\\n.*${program}:5:`));
  });
});
