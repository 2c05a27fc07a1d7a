// Pulumi's runner for policy packs compiles TypeScript with ts-node, types checked at every preview, and has no option
// against it. tsx only strips the types, several times faster; they are checked by `make lint`.
require("tsx/cjs");
require("./index.ts");
