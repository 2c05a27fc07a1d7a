import { describe, expect, it } from "vitest";
import { ROOT } from "../../platform/shared/paths";
import { choose } from "../mutations/choose";
import { MISTAKES } from "../mutations/list";
import { Mistake, plant, readSources, readTestFiles, refuseUnreadable, findTestFiles } from "../mutations/mistake";
import { outcomeOf } from "../mutations/outcome";

/** The list of mistakes must not rot: `make test-mutations` plants only a few of them at a time. */
describe("every mistake", () => {
  const sources = readSources(ROOT);
  const testFiles = readTestFiles(ROOT);

  const planted = MISTAKES.map((mistake) => {
    try {
      const { file, content } = plant(mistake, sources);
      const tests = findTestFiles(mistake, testFiles);
      return {
        file,
        wrong: tests.length === 0 || content === sources.get(file) ? `${mistake.id}: is none` : undefined,
      };
    } catch (error) {
      return { file: "", wrong: (error as Error).message };
    }
  });

  it("can be planted, changes something, and has tests that must find it", () => {
    expect(planted.flatMap(({ wrong }) => wrong ?? [])).toEqual([]);
  });

  it("has a name of its own, and every part of the product has its share", () => {
    expect(new Set(MISTAKES.map(({ id }) => id)).size).toBe(MISTAKES.length);
    const of = (...places: string[]) =>
      planted.filter(({ file }) => places.some((place) => file.startsWith(place))).length;
    expect(of("components/", "model/", "lib/", "index.ts")).toBeGreaterThanOrEqual(50);
    expect(of("ops/")).toBeGreaterThanOrEqual(35);
    expect(of("policy/")).toBeGreaterThanOrEqual(20);
    expect(of(".github/steps/")).toBeGreaterThanOrEqual(20);
    expect(MISTAKES.length).toBeGreaterThanOrEqual(120);
  });
});

describe("a mistake", () => {
  const mistake: Mistake = { id: "it", what: "", text: "a && b", becomes: "a || b", tests: ["unit/one"] };
  const planted = (...contents: string[]) =>
    plant(mistake, new Map(contents.map((content, index) => [`${index}.ts`, content])));

  it("is planted where its text stands, however it is broken into lines", () => {
    expect(planted("x;", "y(a &&\n    b, z);")).toEqual({ file: "1.ts", content: "y(a || b, z);" });
  });

  it("is refused when its text is nowhere or in two places, or when it leaves no program", () => {
    expect(() => planted("a & b")).toThrow("it: its text is nowhere: a && b");
    expect(() => planted("a && b", "a && b")).toThrow("it: its text is in more than one place: 0.ts, 1.ts");
    expect(() => refuseUnreadable({ file: "0.ts", content: "x(a ||);" })).toThrow("0.ts cannot be read");
    expect(() => refuseUnreadable({ file: "0.ts", content: "const a: string = 1 as never;" })).not.toThrow();
  });

  it("finds its tests in any folder of their kind, and only there", () => {
    const found = (...files: string[]) => findTestFiles(mistake, files);
    expect(found("test/unit/deep/one.test.ts", "test/stack/one.test.ts")).toEqual(["test/unit/deep/one.test.ts"]);
    expect(() => found("test/stack/one.test.ts")).toThrow("it: its test unit/one is nowhere");
    expect(() => found("test/unit/one.test.ts", "test/x/unit/one.test.ts")).toThrow("is more than one file");
  });
});

describe("what is planted", () => {
  const all = Array.from({ length: 100 }, (_, index) => ({ id: String(index) })) as Mistake[];
  const chosen = (seed: number, named?: string) => choose(all, { named, size: 4, seed }).map(({ id }) => id);

  it("is a sample from all over the list, another one by another seed", () => {
    expect(chosen(0)).toEqual(["0", "25", "50", "75"]);
    expect(chosen(26)).toEqual(["26", "51", "76", "1"]);
    expect(choose(all.slice(0, 3), { size: 4, seed: 1 })).toHaveLength(3);
  });

  it("is what is named", () => {
    expect(chosen(0, "7, 9")).toEqual(["7", "9"]);
    expect(chosen(0, "all")).toHaveLength(100);
    expect(() => chosen(0, "other")).toThrow("other: there is no such mistake");
  });
});

describe("a run of tests", () => {
  const file = (status: string, ...tests: string[]) => ({
    ...{ name: "one.test.ts", status, message: status === "failed" ? "why" : "" },
    assertionResults: tests.map((one) => ({ status: one, fullName: `it ${one}` })),
  });

  it("has found a mistake when a test fails, or what comes before it", () => {
    const found = outcomeOf(1, { testResults: [file("passed", "passed"), file("failed", "passed", "failed")] });
    expect(found).toEqual({ kind: "found", by: "it failed" });
    expect(outcomeOf(1, { testResults: [file("failed", "skipped")] })).toMatchObject({ kind: "found" });
  });

  it("has not when all pass", () => {
    expect(outcomeOf(0, { testResults: [file("passed", "passed")] })).toEqual({ kind: "passed" });
  });

  it("says nothing when no test was run, or something else failed", () => {
    const why = (...args: Parameters<typeof outcomeOf>) => (outcomeOf(...args) as { why?: string }).why;
    expect(why(1, undefined)).toBe("no test was run");
    expect(why(1, { testResults: [file("failed")] })).toBe("one.test.ts: no test was collected: why");
    expect(why(1, { testResults: [file("passed", "passed")] })).toBe("the run ended with exit code 1");
  });
});
