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

/** Files and folders that mistakes are planted in, as far as they exist. */
const SOURCES = ["components", "model", "lib", "ops", "policy", ".github/steps", "index.ts"];

const filesBelow = (root: string, place: string) =>
  readdirSync(path.join(root, place), { recursive: true, encoding: "utf8" }).map((file) => path.join(place, file));

/** Reads the product's sources, by their path. */
export function readSources(root: string): Map<string, string> {
  const places = readdirSync(root).concat(".github/steps");
  const files = SOURCES.filter((place) => places.includes(place)).flatMap((place) =>
    place.endsWith(".ts") ? [place] : filesBelow(root, place).filter((file) => file.endsWith(".ts")),
  );
  return new Map(files.map((file) => [file, readFileSync(path.join(root, file), "utf8")]));
}

/** Finds a text in a file, however it is broken into lines. */
function findText(text: string, content: string): { found: string; index: number }[] {
  const words = text.split(/\s+/);
  // Looking for the words alone is quick, and rules nearly every file out.
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

/** Makes the content of the file that has a mistake's text, with the mistake in it. */
export function plant({ id, text, becomes }: Mistake, sources: Map<string, string>): Planted {
  const places = [...sources].flatMap(([file, content]) =>
    findText(text, content).map((place) => ({ file, content, ...place })),
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

/** Lists every file with tests. */
export const readTestFiles = (root: string) =>
  ["test", "platform/test"].flatMap((folder) => filesBelow(root, folder)).filter((file) => file.endsWith(".test.ts"));

/** Finds the files that a mistake names as its tests. */
export function findTestFiles({ id, tests }: Mistake, testFiles: string[]): string[] {
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
