import { Misuse, OpsError } from "../shared/errors";
import { PulumiStack } from "../shared/pulumi";
import type { CheckConfig } from "../../model/outputs/check";

/** In a scheduled job, what is a stack's output elsewhere. */
const VARIABLE = "CHECK";

/** What the stack says; or, without a stack's name, what the environment says. */
async function readOutput(stack: string | undefined): Promise<unknown> {
  if (stack !== undefined) {
    const { check } = await new PulumiStack(stack).readJson<{ check?: unknown }>("stack", "output");
    if (!check) {
      throw new OpsError(`The stack ${stack} is not deployed, or by a program of before; run \`pulumi up\` first`);
    }
    return check;
  }
  const text = process.env[VARIABLE];
  if (!text) {
    throw new Misuse(`Name the Pulumi stack with --stack, or set ${VARIABLE} to its output \`check\` as JSON`);
  }
  return JSON.parse(text);
}

/** What the live check has to know. The schema is loaded while Pulumi answers, and so is what a command imports beside this. */
export async function readCheckConfig(stack: string | undefined): Promise<CheckConfig> {
  const [output, { checkConfig }] = await Promise.all([readOutput(stack), import("../../model/outputs/check")]);
  return checkConfig.parse(output);
}
