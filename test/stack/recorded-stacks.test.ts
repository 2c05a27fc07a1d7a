import { afterAll, beforeAll, expect, it } from "vitest";
import { LocalStack } from "../support/local-stack";
import { RECORDED, recordState, restoreState } from "../support/recorded-stacks";

/**
 * Stacks that an earlier program brought up, as Pulumi remembers them: today's program finds nothing to change. Who changes on purpose
 * what is registered records anew, in the same commit:
 * `RECORD_STACKS=1 npx vitest run --project stack test/stack/recorded-stacks.test.ts`.
 */
const anew = Boolean(process.env.RECORD_STACKS);

let stack: LocalStack | undefined;

beforeAll(async () => {
  for (const name of anew ? Object.keys(RECORDED) : []) {
    await recordState(name);
  }
});
afterAll(() => stack?.close());

it.each(Object.entries(RECORDED))("%s previews without a change, and a change would show", async (name, settings) => {
  const { database, others } = settings();
  const restored = await (stack?.beside(name, database, others) ?? LocalStack.open(name, database, others));
  stack = restored;
  await restoreState(name, restored);
  await restored.succeed("preview", "--expect-no-changes");

  await restored.configure(database, { ...others, owner: "somebody-else" });
  const { changeSummary } = await restored.preview();
  expect(changeSummary).toEqual({ same: expect.any(Number) as number, update: expect.any(Number) as number });
});
