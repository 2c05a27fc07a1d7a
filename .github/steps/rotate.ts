import path from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { command, run } from "../../ops/shared/command";
import { OpsError } from "../../ops/shared/errors";
import { updating } from "./recovery";

const ROTATE = path.join(__dirname, "../../ops/rotate");

/** `ops/rotate` says which names it knows. Nothing of this goes through a shell. */
const rolesOf = (text: string) => (text.trim() === "" ? ["--all"] : text.trim().split(/[\s,]+/));

const program = command(
  ".github/steps/rotate.ts",
  "Gives roles new passwords, as ops/rotate does. ROLES in the environment names them; empty, it is all of them.",
  "0 rotated, 1 not rotated or not to the end, 2 wrongly called",
).argument("<stack>", "the Pulumi stack");

run(program, process.argv.slice(2), async ([stack = ""]) => {
  const { ROLES = "" } = process.env;
  const named = rolesOf(ROLES);
  const flag = named.find((name) => name.startsWith("-") && name !== "--all");
  if (flag !== undefined) {
    throw new OpsError(`ROLES: ${flag} is no role; name roles with blanks between them, or leave it empty for all`);
  }
  const code = await updating(stack, async () => {
    const child = spawn(ROTATE, ["--stack", stack, ...named], { stdio: ["ignore", 2, 2] });
    const [exit] = (await once(child, "close")) as [number | null];
    return exit;
  });
  if (code !== 0) {
    throw new OpsError(`ops/rotate ended with exit code ${code}; what it says is above`);
  }
  return { result: "rotated" };
});
