import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

/** The tests of a file as they are written, and every text in it: where `each` takes its lines from. */
export interface TestFile {
  titles: string[];
  texts: Set<string>;
  /** Files that it imports, relative to the repository. */
  imports: string[];
}

const ROOT = path.join(__dirname, "../..");
const SUITES = ["describe"];
const TESTS = ["it", "test"];
/** `it.skip` and the like are not run. */
const NOT_RUN = ["skip", "todo", "fails"];

/** `it.each(rows)` as ["it", "each"]. */
function wordsOf(callee: ts.Expression): string[] {
  if (ts.isIdentifier(callee)) {
    return [callee.text];
  }
  if (ts.isPropertyAccessExpression(callee)) {
    return [...wordsOf(callee.expression), callee.name.text];
  }
  if (ts.isCallExpression(callee)) {
    return wordsOf(callee.expression);
  }
  return ts.isTaggedTemplateExpression(callee) ? wordsOf(callee.tag) : [];
}

function textOf(node: ts.Node | undefined, file: ts.SourceFile): string | undefined {
  if (node && ts.isStringLiteralLike(node)) {
    return node.text;
  }
  return node && ts.isTemplateExpression(node) ? node.getText(file).slice(1, -1) : undefined;
}

/** Reads a test file without running it. */
export function readTests(source: string, name: string): TestFile {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
  const found: TestFile = { titles: [], texts: new Set(), imports: [] };

  function visit(node: ts.Node, above: string[]): void {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      found.imports.push(node.moduleSpecifier.text);
      return;
    }
    if (ts.isStringLiteralLike(node)) {
      found.texts.add(node.text);
    }
    let below = above;
    if (ts.isCallExpression(node)) {
      const [word = "", ...more] = wordsOf(node.expression);
      const title = textOf(node.arguments[0], file);
      // `it.each(rows)` alone is not yet the call that names the test.
      if (title !== undefined && node.arguments.length > 1) {
        if (more.some((one) => NOT_RUN.includes(one)) && [...SUITES, ...TESTS].includes(word)) {
          return;
        }
        if (TESTS.includes(word)) {
          found.titles.push([...above, title].join(" > "));
        }
        below = SUITES.includes(word) ? [...above, title] : above;
      }
    }
    ts.forEachChild(node, (child) => visit(child, below));
  }

  visit(file, []);
  return found;
}

function filesUnder(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.posix.join(folder, file));
}

/** Every file of the tests that has tests or is imported by one. */
export function readAllTests(): Map<string, TestFile> {
  return new Map(
    ["test", "platform/test"].flatMap(filesUnder).map((name) => {
      const read = readTests(readFileSync(path.join(ROOT, name), "utf8"), name);
      const imports = read.imports
        .filter((module) => module.startsWith("."))
        .map((module) => `${path.posix.join(path.posix.dirname(name), module)}.ts`);
      return [name, { ...read, imports }];
    }),
  );
}
