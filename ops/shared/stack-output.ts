import { Misuse, OpsError } from "./errors";
import { PulumiStack } from "./pulumi";

/** The outputs that commands are configured by, and what stands in for them in tasks and scheduled jobs, which have no Pulumi. */
const VARIABLES = { backups: "BACKUPS", check: "CHECK" } as const;

type Output = keyof typeof VARIABLES;

/** Whether the environment has what stands in for an output. */
export const isInEnvironment = (output: Output) => Boolean(process.env[VARIABLES[output]]);

export const notDeployed = (stack: string) =>
  new OpsError(`The stack ${stack} is not deployed, or by a program of before; run \`pulumi up\` first`);

/** Reads a stack's outputs. Fails when one that is needed is not there. */
export async function readOutputs<Outputs extends object, Needed extends keyof Outputs>(
  stack: PulumiStack,
  ...needed: Needed[]
): Promise<Outputs & Required<Pick<Outputs, Needed>>> {
  const outputs = await stack.readJson<Outputs & Required<Pick<Outputs, Needed>>>("stack", "output");
  if (needed.some((name) => !outputs[name])) {
    throw notDeployed(stack.name);
  }
  return outputs;
}

async function readUnparsed(stack: string | undefined, output: Output): Promise<unknown> {
  if (stack !== undefined) {
    return (await readOutputs<Partial<Record<Output, unknown>>, Output>(new PulumiStack(stack), output))[output];
  }
  const variable = VARIABLES[output];
  const text = process.env[variable];
  if (!text) {
    throw new Misuse(`Name the Pulumi stack with --stack, or set ${variable} to its output \`${output}\` as JSON`);
  }
  return JSON.parse(text);
}

/**
 * Reads one output of a stack; or, without a stack's name, what stands in for it in the environment. The schema is loaded while
 * Pulumi answers, and so is what a command imports beside this.
 */
export async function readOutput<Config>(
  stack: string | undefined,
  output: Output,
  loadSchema: () => Promise<{ parse(unparsed: unknown): Config }>,
): Promise<Config> {
  const [unparsed, schema] = await Promise.all([readUnparsed(stack, output), loadSchema()]);
  return schema.parse(unparsed);
}
