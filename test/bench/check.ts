import path from "node:path";
import { capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { LocalStack } from "../support/local-stack";
import { median } from "../support/measure";

/** What the live check takes: on a new stack, and with a thousand tables of twenty columns. `make bench-check` (TABLES=, ROUNDS=). */
const TABLES = Number(process.env.TABLES ?? 1000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);

async function measured(stack: LocalStack): Promise<{ command: number; looking: number }> {
  const { cwd, env } = await stack.platform.forCommands();
  const rounds: { command: number; looking: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begin = Date.now();
    const { code, stdout, stderr } = await capture(path.join(ROOT, "ops", "check"), ["--stack", stack.name, "--json"], {
      cwd,
      env,
    });
    if (code !== 0) {
      throw new Error(`ops/check: exit code ${code}\n${stderr}`);
    }
    const { seconds } = JSON.parse(stdout) as { seconds: number };
    rounds.push({ command: (Date.now() - begin) / 1000, looking: seconds });
  }
  return {
    command: median(rounds.map(({ command }) => command)),
    looking: median(rounds.map(({ looking }) => looking)),
  };
}

async function main(): Promise<void> {
  const stack = await LocalStack.open("benchcheck");
  try {
    await stack.up();
    const tell = (what: string, { command, looking }: { command: number; looking: number }) =>
      console.log(
        `${what}: ${command.toFixed(2)} s for the command, ${looking.toFixed(2)} s of it looking (median of ${ROUNDS})`,
      );
    tell("A new stack", await measured(stack));
    await stack.as("migrate", async (client) => {
      const columns = Array.from({ length: 19 }, (_, index) => `c${index} text`).join(", ");
      for (let index = 0; index < TABLES; index++) {
        await client.query(`CREATE TABLE t${index} (id serial PRIMARY KEY, ${columns})`);
      }
    });
    tell(`With ${TABLES} tables of 20 columns`, await measured(stack));
  } finally {
    await stack.close();
  }
}

void main();
