import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { transpileModule } from "typescript";

/** A mistake that somebody could make in the product, and the tests that must find it. */
export interface Mistake {
  /** What it is called on the command line. */
  id: string;
  /** What is wrong then. */
  what: string;
  /** Stands exactly once in the product's sources, wherever the file lies; how it is broken into lines does not matter. */
  text: string;
  /** What stands in its place. */
  becomes: string;
  /** The cheapest tests that understand it: `unit/grants` is grants.test.ts anywhere below a folder `unit` of test/. */
  tests: string[];
}

/** Where mistakes are planted. A folder that is not there is none of its sources. */
const SOURCES = ["components", "model", "lib", "ops", "policy", ".github/steps", "index.ts", "settings.ts"];

const filesBelow = (root: string, place: string) =>
  readdirSync(path.join(root, place), { recursive: true, encoding: "utf8" }).map((file) => path.join(place, file));

/** The product's sources by their path. */
export function readSources(root: string): Map<string, string> {
  const places = readdirSync(root).concat(".github/steps");
  const files = SOURCES.filter((place) => places.includes(place)).flatMap((place) =>
    place.endsWith(".ts") ? [place] : filesBelow(root, place).filter((file) => file.endsWith(".ts")),
  );
  return new Map(files.map((file) => [file, readFileSync(path.join(root, file), "utf8")]));
}

/** Where a text stands in a file, however it is broken into lines. */
function placesOf(text: string, content: string): { found: string; index: number }[] {
  const words = text.split(/\s+/);
  // A look for the words is quick, and leaves hardly any file over.
  if (!words.every((word) => content.includes(word))) {
    return [];
  }
  const pattern = words.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s+");
  return [...content.matchAll(new RegExp(pattern, "g"))].map(({ 0: found, index }) => ({ found, index }));
}

export interface Planted {
  file: string;
  content: string;
}

/** The file that a mistake is in, with the mistake in it. */
export function plant({ id, text, becomes }: Mistake, sources: Map<string, string>): Planted {
  const places = [...sources].flatMap(([file, content]) =>
    placesOf(text, content).map((place) => ({ file, content, ...place })),
  );
  const [place] = places;
  if (!place || places.length > 1) {
    const where = places.map(({ file }) => file).join(", ");
    throw new Error(`${id}: its text is ${place ? `in more than one place: ${where}` : "nowhere"}: ${text}`);
  }
  const { file, content, found, index } = place;
  const changed = content.slice(0, index) + becomes + content.slice(index + found.length);
  return { file, content: changed };
}

/** Refuses a file that cannot be read: it fails every test, and proves nothing. */
export function refuseUnreadable({ file, content }: Planted): void {
  const [unreadable] = transpileModule(content, { reportDiagnostics: true }).diagnostics ?? [];
  if (unreadable) {
    throw new Error(`${file} cannot be read with the mistake in it: ${JSON.stringify(unreadable.messageText)}`);
  }
}

/** Every file with tests, by its path. */
export const readTestFiles = (root: string) => filesBelow(root, "test").filter((file) => file.endsWith(".test.ts"));

/** The files that a mistake's tests are in. */
export function testFilesOf({ id, tests }: Mistake, testFiles: string[]): string[] {
  return tests.map((test) => {
    const [kind, name] = test.split("/");
    const found = testFiles.filter((file) => {
      const { dir, base } = path.parse(file);
      return base === `${name}.test.ts` && dir.split(path.sep).includes(kind ?? "");
    });
    const [file] = found;
    if (!file || found.length > 1) {
      throw new Error(`${id}: its test ${test} is ${file ? `more than one file: ${found.join(", ")}` : "nowhere"}`);
    }
    return file;
  });
}
