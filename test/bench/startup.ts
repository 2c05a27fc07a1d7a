import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { capture } from "../../lib/process";
import { ROOT, RUNS_TYPESCRIPT } from "../../platform/shared/paths";
import { Platform, removePlatform } from "../../platform/host/platform";
import { median, seconds } from "../support/measure";
import { PROGRAM_RUNTIME } from "../support/program-runtime";
import { config, DIR } from "./stack";

/**
 * What the program's start-up costs: a no-change preview of the whole stack against an empty program on the same
 * engine, turn by turn in one run, so that both see the same machine. Then `make up` from nothing and without a change, and the memory
 * that the platform takes. `make bench` runs it; docs/performance.md has the figures.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 7);

interface Variant {
  name: string;
  dir: string;
  environment?: NodeJS.ProcessEnv;
}

/** Another project with the same stack name, state and engine. */
async function project(name: string, file: object, source: Record<string, string>): Promise<string> {
  const dir = path.join(DIR, name);
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, "Pulumi.yaml"), stringify(file));
  for (const [at, text] of Object.entries(source)) {
    await writeFile(path.join(dir, at), text);
  }
  return dir;
}

async function preview(platform: Platform, { dir, environment = {} }: Variant): Promise<void> {
  Object.assign(process.env, environment); // the language host, which starts the program, lives in this process
  const args = ["preview", "--stack", "local", "--expect-no-changes", "--non-interactive"];
  const { code, stdout, stderr } = await capture(platform.executable, args, {
    cwd: dir,
    env: platform.environment,
  });
  Object.keys(environment).forEach((name) => delete process.env[name]);
  if (code !== 0) {
    throw new Error(`The preview in ${dir} failed:\n${stdout}\n${stderr}`);
  }
}

/** Resident memory in MiB of every process whose command line names the platform's folder. */
async function memory(): Promise<number> {
  let kilobytes = 0;
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    try {
      const cwd = execFileSync("readlink", [`/proc/${pid}/cwd`], { stdio: ["ignore", "pipe", "ignore"] }).toString();
      if (cwd.startsWith(DIR) || Number(pid) === process.pid) {
        // Proportional set size: memory that PostgreSQL's processes share is counted once.
        const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
        kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
      }
    } catch {
      continue; // it ended meanwhile
    }
  }
  return kilobytes / 1024;
}

function makeUp(): Promise<unknown> {
  execFileSync(process.execPath, [...RUNS_TYPESCRIPT, path.join(__dirname, "up.ts")], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return Promise.resolve();
}

async function main(): Promise<void> {
  await removePlatform(DIR);
  console.log("make up from nothing, engine built …");
  const cold = await seconds(makeUp);
  console.log("make up without a change …");
  const warm: number[] = [];
  for (let round = 0; round < 3; round++) {
    warm.push(await seconds(makeUp));
  }

  const platform = await Platform.open({ dir: DIR });
  await platform.useStack("local", config());
  const program = { "package.json": '{ "name": "empty", "main": "index.ts" }', "index.ts": "export {};\n" };
  const stack = await readFile(path.join(platform.project.dir, "Pulumi.local.yaml"), "utf8");
  const empty = await project("empty", { name: "empty", runtime: PROGRAM_RUNTIME }, program);
  await capture(platform.executable, ["stack", "select", "--create", "local"], {
    cwd: empty,
    env: platform.environment,
  });
  await capture(platform.executable, ["up", "--yes", "--stack", "local"], { cwd: empty, env: platform.environment });
  const checked = await project(
    "type-checked",
    { name: "markenmate", main: ROOT, runtime: "nodejs" },
    {
      "Pulumi.local.yaml": stack,
      "tsconfig.json": JSON.stringify({
        extends: path.join(ROOT, "tsconfig.json"),
        compilerOptions: { module: "CommonJS", moduleResolution: "Node", noEmit: false },
        files: [path.join(ROOT, "index.ts")],
      }),
    },
  );
  const tsconfig = { PULUMI_NODEJS_TSCONFIG_PATH: path.join(checked, "tsconfig.json") };
  const variants: Variant[] = [
    { name: "empty program", dir: empty },
    { name: "whole stack", dir: platform.project.dir },
    { name: "whole stack, Pulumi's default (ts-node), compiled before", dir: checked, environment: tsconfig },
    {
      name: "whole stack, Pulumi's default (ts-node), types checked as on a new machine",
      dir: checked,
      environment: { ...tsconfig, TS_NODE_CACHE: "false" },
    },
  ];
  const times = new Map<string, number[]>(variants.map(({ name }) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const variant of variants) {
      const took = await seconds(() => preview(platform, variant));
      if (round >= 0) {
        times.get(variant.name)?.push(took);
      }
    }
    console.log(round < 0 ? "warm-up done" : `round ${round + 1} of ${ROUNDS}`);
  }
  const used = await memory();
  await platform.close();
  await removePlatform(DIR);

  const base = median(times.get("empty program") ?? []);
  console.log(`\nNo-change preview, median of ${ROUNDS} rounds (fastest to slowest):`);
  for (const [name, taken] of times) {
    const range = `${Math.min(...taken).toFixed(2)}–${Math.max(...taken).toFixed(2)}`;
    const ratio = (median(taken) / base).toFixed(2);
    console.log(`  ${median(taken).toFixed(2)} s (${range}), ${ratio} × the empty program: ${name}`);
  }
  console.log(`make up from nothing: ${cold.toFixed(1)} s; without a change: ${median(warm).toFixed(1)} s`);
  console.log(`Memory of the platform with its providers: ${used.toFixed(0)} MiB`);
}

void main();
