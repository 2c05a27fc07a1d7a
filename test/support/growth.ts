import { readFile } from "node:fs/promises";
import { LocalStack } from "./local-stack";
import { seconds } from "./measure";
import { programsOf } from "./processes";

/** What one stack takes. Seconds, and MiB at the program's peak. */
export interface Measured {
  resources: number;
  /** On how many others a resource depends, by the state: the most of any, but for the one that guards all. */
  mostDependencies: number;
  upSeconds: number;
  previewSeconds: number;
  programMib: number;
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

/** The program's peak so far, in MiB. The kernel keeps it, so that it may be looked at now and then. */
async function peakOf(stack: LocalStack): Promise<number> {
  const peaks = (await programsOf(stack.platform.dir)).map(async (pid) => {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => ""); // it ended meanwhile
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
  });
  return Math.max(0, ...(await Promise.all(peaks)));
}

/** Brings a stack up that is not there yet, and previews it. */
export async function measure(stack: LocalStack, environment: Record<string, string> = {}): Promise<Measured> {
  let programMib = 0;
  const watch = setInterval(() => {
    void peakOf(stack).then((peak) => (programMib = Math.max(programMib, peak)));
  }, 100);
  try {
    Object.assign(stack.platform.environment, environment);
    const upSeconds = await seconds(() => stack.up());
    const previewSeconds = await seconds(() => stack.succeed("preview", "--expect-no-changes"));
    const { resources } = (JSON.parse(await stack.succeed("stack", "export")) as State).deployment;
    const counts = resources
      .filter(({ type }) => !type.endsWith(":DeletionGuard"))
      .map(({ dependencies = [] }) => dependencies.length);
    return {
      resources: resources.length,
      mostDependencies: Math.max(...counts),
      ...{ upSeconds, previewSeconds, programMib },
    };
  } finally {
    clearInterval(watch);
  }
}
