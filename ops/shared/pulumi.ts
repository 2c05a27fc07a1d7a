import { spawn } from "node:child_process";
import { once } from "node:events";
import { OpsError } from "./errors";

/** Pulumi's own command for one stack, in the project's folder. */
export class PulumiStack {
  constructor(
    readonly name: string,
    private readonly cwd = process.cwd(),
  ) {}

  /** What a command prints. Fails with what it says about its failure. */
  async read(...args: string[]): Promise<string> {
    const child = spawn("pulumi", this.args(args), { cwd: this.cwd, stdio: ["ignore", "pipe", "pipe"] });
    const told = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => (told[stream] += text));
    }
    const code = await exitCodeOf(child);
    if (code !== 0) {
      throw new OpsError(`pulumi ${args.join(" ")} failed:\n${(told.stderr || told.stdout).trim()}`);
    }
    return told.stdout;
  }

  async readJson<Result>(...args: string[]): Promise<Result> {
    return JSON.parse(await this.read(...args, "--json")) as Result;
  }

  /** Runs a command for people to watch, on standard error: standard output belongs to the caller's own result. */
  async watch(...args: string[]): Promise<boolean> {
    const child = spawn("pulumi", this.args(args), { cwd: this.cwd, stdio: ["ignore", 2, 2] });
    return (await exitCodeOf(child)) === 0;
  }

  private args(args: string[]): string[] {
    return [...args, "--stack", this.name, "--non-interactive"];
  }
}

/** Waits for the end of a process. */
async function exitCodeOf(child: ReturnType<typeof spawn>): Promise<number | null> {
  const failed = once(child, "error").then(([error]) => {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new OpsError(code === "ENOENT" ? "`pulumi` is not on the PATH; install the Pulumi CLI" : message);
  });
  const [code] = (await Promise.race([once(child, "close"), failed])) as [number | null];
  return code;
}
