import path from "node:path";

/** The clone: what Pulumi calls the program. */
export const ROOT = path.resolve(__dirname, "..", "..");

/** The arguments with which Node.js runs one of the clone's files from another folder. */
export const RUNS_TYPESCRIPT = ["--require", path.join(ROOT, "typescript.cjs")];

/** What every platform of the clone shares: the built CLI, the emulator, PostgreSQL's distributions. */
export const TOOLS_DIR = path.join(ROOT, ".local", "tools");

/** Where `make up` keeps its platform. */
export const DEFAULT_DIR = path.join(ROOT, ".local", "run");
