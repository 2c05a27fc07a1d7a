import { applications, Measured, measure, schemas } from "../support/growth";
import { LocalStack } from "../support/local-stack";
import { seconds } from "../support/measure";

/**
 * What more schemas and more applications cost: time and memory of the update that makes all of it, and of a preview that
 * finds nothing. The largest ones a second time with `PULUMI_SKIP_CHECKPOINTS`, which shows what of it is Pulumi's own writing of
 * the state: a backend that is a bucket or a folder writes all of it before and after each step. `make bench-growth`
 * runs it; docs/performance.md has the figures.
 */
const WITHOUT_CHECKPOINTS = { PULUMI_SKIP_CHECKPOINTS: "true" };
const STACKS: [string, ReturnType<typeof schemas>, Record<string, string>?][] = [
  ["1 schema", schemas(1)],
  ["5 schemas", schemas(5)],
  ["10 schemas", schemas(10)],
  ["20 schemas", schemas(20)],
  ["20 schemas, state not written", schemas(20), WITHOUT_CHECKPOINTS],
  ["10 applications", applications(10)],
  ["20 applications", applications(20)],
  ["20 applications, state not written", applications(20), WITHOUT_CHECKPOINTS],
];

async function main(): Promise<void> {
  const rows: Record<string, Measured & { previewSeconds: number }> = {};
  for (const [title, settings, environment] of STACKS) {
    console.log(`${title} …`);
    const stack = await LocalStack.open("bench-growth", {}, settings);
    try {
      const measured = await measure(stack, environment);
      const previewSeconds = await seconds(() => stack.succeed("preview", "--expect-no-changes"));
      rows[title] = { ...measured, previewSeconds };
    } finally {
      await stack.close();
    }
  }
  console.table(rows);
}

void main();
