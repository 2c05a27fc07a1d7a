// Pulumi's runner for policy packs compiles TypeScript with ts-node, types checked, and has no option against it: 3.8 s where
// nothing is in ts-node's cache, as in CI. esbuild only strips the types, in 1.3 s; they are checked by `make lint`.
require("../typescript.cjs");
require("./index.ts");
