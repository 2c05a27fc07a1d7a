import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { temporaryFolder } from "./engine";
import { LocalStack } from "./local-stack";
import { seconds } from "./measure";
import { processesOf, programsOf } from "./processes";

/** What one stack takes. Seconds, and MiB at the program's peak. */
export interface Measured {
  resources: number;
  /** On how many others a resource depends, by the state: the most of any, but for the one that guards all. */
  mostDependencies: number;
  upSeconds: number;
  programMib: number;
  /** By the engine: its state above all. */
  writtenMib: number;
}

type Settings = Parameters<LocalStack["configure"]>[1];
interface State {
  deployment: { resources: { type: string; dependencies?: string[] }[] };
}

/** `schemas` of the application, the first of them `public`. */
export const schemas = (count: number): Settings => ({
  schemas: Array.from({ length: count }, (_, index) => (index === 0 ? "public" : `part_${index}`)),
});

/** Applications that share a database, each with a schema, roles and secrets of its own. */
export const applications = (count: number): Settings => ({
  applications: Object.fromEntries(
    Array.from({ length: count - 1 }, (_, index) => [`part${index + 1}`, { database: "markenmate" }]),
  ),
});

/** What the kernel keeps of processes so far: the largest number of that name, which may be looked at now and then. */
async function largest(pids: string[], file: "status" | "io", number: RegExp): Promise<number> {
  const numbers = pids.map(async (pid) => {
    const text = await readFile(`/proc/${pid}/${file}`, "utf8").catch(() => ""); // it ended meanwhile
    return Number(number.exec(text)?.[1] ?? 0);
  });
  return Math.max(0, ...(await Promise.all(numbers)));
}

/** Brings a stack up that is not there yet. */
export async function measure(stack: LocalStack, environment: Record<string, string> = {}): Promise<Measured> {
  let [programMib, writtenMib] = [0, 0];
  const look = async () => {
    const { dir, executable } = stack.platform;
    const programs = await programsOf(dir);
    const engines = await processesOf(
      (command) => command.startsWith(`${executable}\0up\0`) && command.includes(stack.name),
    );
    programMib = Math.max(programMib, (await largest(programs, "status", /^VmHWM:\s+(\d+)/m)) / 1024);
    writtenMib = Math.max(writtenMib, (await largest(engines, "io", /^wchar: (\d+)/m)) / 1024 ** 2);
  };
  const watch = setInterval(() => void look(), 100);
  try {
    Object.assign(stack.platform.environment, environment);
    const upSeconds = await seconds(() => stack.up());
    const { resources } = (JSON.parse(await stack.succeed("stack", "export")) as State).deployment;
    const counts = resources
      .filter(({ type }) => !type.endsWith(":DeletionGuard"))
      .map(({ dependencies = [] }) => dependencies.length);
    return { resources: resources.length, mostDependencies: Math.max(...counts), upSeconds, programMib, writtenMib };
  } finally {
    clearInterval(watch);
  }
}

/** What the program does in a preview, counted: the same on every machine. */
export interface Counted {
  /** Messages to the engine, and their bytes with the answers. */
  messages: number;
  messageBytes: number;
  /** Calls of functions, its own and those of everything that it uses. */
  calls: number;
}

interface Coverage {
  result: { functions: { ranges: { count: number }[] }[] }[];
}

/** Counts it by the engine's log of its messages, and by what V8 tells of a program at its end. */
export async function count(stack: LocalStack): Promise<Counted> {
  const folder = await temporaryFolder("counted");
  const [log, coverage] = [path.join(folder, "messages"), path.join(folder, "coverage")];
  stack.platform.environment.PULUMI_DEBUG_GRPC = log;
  process.env.NODE_V8_COVERAGE = coverage; // the language host, which starts the program, lives in this process
  try {
    await stack.succeed("preview");
  } finally {
    delete stack.platform.environment.PULUMI_DEBUG_GRPC;
    delete process.env.NODE_V8_COVERAGE;
  }
  const isToEngine = (line: string) => line.includes('"method":"/pulumirpc.ResourceMonitor/');
  const messages = (await readFile(log, "utf8")).split("\n").filter(isToEngine);
  let calls = 0;
  for (const file of await readdir(coverage)) {
    const { result } = JSON.parse(await readFile(path.join(coverage, file), "utf8")) as Coverage;
    const functions = result.flatMap((script) => script.functions);
    calls += functions.reduce((sum, { ranges: [whole] }) => sum + (whole?.count ?? 0), 0);
  }
  return { messages: messages.length, messageBytes: messages.join("").length, calls };
}
