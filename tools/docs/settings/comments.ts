import path from "node:path";
import ts from "typescript";

/** What is written before a key in the schema's source. */
export interface Comment {
  text: string;
  /** After `@default`: the value, or how it comes about. */
  default?: string;
}

const ROOT = path.join(__dirname, "../..");
/** A file that there is only here: the type of what may stand in a stack's file. Each key's comment comes along with it. */
const ENTRY = path.join(ROOT, "docs/settings/input.ts");
const SOURCE = `import { schema } from "../../../model/settings";
import { z } from "zod";
export declare const input: z.input<typeof schema>;`;

function compile(): ts.Program {
  const { config } = ts.readConfigFile(path.join(ROOT, "tsconfig.json"), (file) => ts.sys.readFile(file)) as {
    config: { compilerOptions: unknown };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const host = ts.createCompilerHost({ ...options, types: [] });
  const onDisk = { ...host };
  host.getSourceFile = (file, version, ...rest) =>
    file === ENTRY ? ts.createSourceFile(file, SOURCE, version, true) : onDisk.getSourceFile(file, version, ...rest);
  // Of packages only zod has a part in the type; to read the others takes seconds.
  host.fileExists = (file) =>
    file === ENTRY || (/node_modules\/(?!zod\/)/.test(file) ? false : onDisk.fileExists(file));
  return ts.createProgram([ENTRY], { ...options, types: [] }, host);
}

const textOf = (parts: ts.SymbolDisplayPart[] | undefined) =>
  ts.displayPartsToString(parts).replace(/\s+/g, " ").trim();

function commentOf(symbol: ts.Symbol, checker: ts.TypeChecker): Comment {
  const tag = symbol.getJsDocTags(checker).find(({ name }) => name === "default");
  return { text: textOf(symbol.getDocumentationComment(checker)), ...(tag && { default: textOf(tag.text) }) };
}

/** The comments of all keys and groups, by their path. Any key of a record is called `<name>`. */
export function comments(): Map<string, Comment> {
  const program = compile();
  const checker = program.getTypeChecker();
  const found = new Map<string, Comment>();
  const visit = (type: ts.Type, place: string[]) => {
    const here = checker.getNonNullableType(type);
    if (!(here.flags & ts.TypeFlags.Object) || checker.isArrayType(here)) {
      return;
    }
    const anyKey = checker.getIndexInfoOfType(here, ts.IndexKind.String);
    if (anyKey) {
      visit(anyKey.type, [...place, "<name>"]);
    }
    for (const symbol of anyKey ? [] : checker.getPropertiesOfType(here)) {
      const inside = [...place, symbol.name];
      found.set(inside.join("."), commentOf(symbol, checker));
      visit(checker.getTypeOfSymbol(symbol), inside);
    }
  };
  const input = program.getSourceFile(ENTRY)?.statements.find(ts.isVariableStatement)?.declarationList.declarations[0];
  visit(checker.getTypeAtLocation(input as ts.Node), []);
  return found;
}
