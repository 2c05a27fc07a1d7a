import Module, { createRequire } from "node:module";

/**
 * The modules of Pulumi's SDK that are loaded only when one of these functions is called: they bring the TypeScript compiler and
 * npm's resolver, a sixth of the program's time, for dynamic providers alone, and this program has none. This file must be imported
 * before the SDK.
 */
const POSTPONED: Record<string, string[]> = {
  "@pulumi/pulumi/runtime/closure/serializeClosure": ["serializeFunction", "serializeFunctionAsync"],
  "@pulumi/pulumi/runtime/closure/codePaths": ["computeCodePaths"],
};

const load = createRequire(__filename);

function postpone(name: string, functions: string[]): void {
  const file = load.resolve(name);
  if (load.cache[file]) {
    return; // somebody has it already
  }
  const call =
    (name: string) =>
    (...args: unknown[]) => {
      Reflect.deleteProperty(load.cache, file);
      const loaded = load(file) as Record<string, (...args: unknown[]) => unknown>;
      return loaded[name]?.(...args);
    };
  const stub = new Module(file);
  stub.exports = Object.fromEntries(functions.map((name) => [name, call(name)]));
  stub.loaded = true;
  load.cache[file] = stub;
}

Object.entries(POSTPONED).forEach(([name, functions]) => postpone(name, functions));
