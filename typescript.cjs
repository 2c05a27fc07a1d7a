// Lets Node.js load this project's TypeScript: `node --require ./typescript.cjs file.ts`. esbuild strips the types, which `make
// lint` checks, and makes an `import()` the `require` that it is in CommonJS, only later. What it has made is kept until the file
// changes. tsx does all of this too, but looks through every file of every package for ES modules, which Node.js can load by
// itself, and keeps nothing when a program ends with `process.exit`: a command took four times as long to start.
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const path = require("node:path");
const process = require("node:process");

const ROOT = module.path;
const KEPT = path.join(ROOT, "node_modules", ".cache", "typescript");
const OPTIONS = {
  loader: "ts",
  format: "cjs",
  platform: "node",
  target: "node20.19",
  supported: { "dynamic-import": false },
  sourcemap: "inline",
  sourcesContent: false,
};
const VERSION = JSON.stringify([OPTIONS, require("esbuild/package.json").version]);

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Renamed, so that nobody who starts at the same time reads half of it; where nothing can be written, as in the image, nothing is kept. */
function keep(file, code) {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, code);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // The next start compiles again.
  }
}

function compile(source, file) {
  const stamp = `\n// ${createHash("sha256").update(VERSION).update(file).update(source).digest("hex")}\n`;
  const name = path.relative(ROOT, file);
  const kept = path.join(KEPT, `${name.replaceAll(path.sep, "+")}.js`);
  const before = read(kept);
  if (before.endsWith(stamp)) {
    return before;
  }
  const code = require("esbuild").transformSync(source, { ...OPTIONS, sourcefile: file }).code + stamp;
  // Files of the moment, as tests write them, are not worth it.
  if (!name.startsWith("..") && !name.startsWith(".local")) {
    keep(kept, code);
  }
  return code;
}

require.extensions[".ts"] = (loaded, file) => loaded._compile(compile(readFileSync(file, "utf8"), file), file);

// Stack traces name lines of TypeScript.
process.setSourceMapsEnabled(true);
