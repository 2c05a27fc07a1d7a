import { createInterface } from "node:readline/promises";
import { Refusal } from "./errors";

/** Asks at the terminal; where there is none, `refusal` says what to call the command with. */
export async function askAtTerminal(refusal: string, nothing: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new Refusal(refusal);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question("Really? (y/N) ").finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw new Refusal(nothing);
  }
}
