import process from "node:process";
import { ESLint } from "eslint";
import ts from "typescript";

/**
 * Types and eslint, for `make lint`: both ask the compiler about the same million lines of declarations, so they ask one program. By
 * themselves, one after the other, they take twice as long. An editor's eslint makes a program of its own (eslint.config.mjs).
 */
const host = {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
    throw new Error(ts.flattenDiagnosticMessageText(messageText, "\n"));
  },
};
const { fileNames, options } = ts.getParsedCommandLineOfConfigFile("tsconfig.json", {}, host);
const program = ts.createProgram(fileNames, options);

const mistakes = ts.getPreEmitDiagnostics(program);
process.stdout.write(ts.formatDiagnostics(mistakes, { ...ts.createCompilerHost(options), getNewLine: () => "\n" }));

const parserOptions = { project: null, programs: [program] };
const eslint = new ESLint({ overrideConfig: { files: ["**/*.ts"], languageOptions: { parserOptions } } });
const results = await eslint.lintFiles(["."]);
process.stdout.write(await (await eslint.loadFormatter("stylish")).format(results));

const complaints = results.reduce((sum, { errorCount, warningCount }) => sum + errorCount + warningCount, 0);
process.exitCode = mistakes.length + complaints > 0 ? 1 : 0;
