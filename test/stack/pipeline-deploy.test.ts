import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalStack } from "../support/local-stack";
import { Pipeline } from "../support/pipeline";

describe("a deployment", () => {
  let stack: LocalStack;
  let pipeline: Pipeline;
  beforeAll(async () => {
    stack = await LocalStack.open("deploy");
    pipeline = new Pipeline(stack);
  });
  afterAll(() => stack.close());

  it.each([/Updating[^]*aws:kms\/key/, /Updating[^]*aws:rds\/instance/, /Updating[^]*postgresql:index\/grant:Grant/])(
    "killed at %s",
    async (moment) => {
      const told = await pipeline.kill("deploy", [stack.name], moment);
      console.log(told.split("\n").filter((l)=>/^deploy:|rror/.test(l)).join("\n"));
      const exported = JSON.parse(await stack.succeed("stack", "export")) as { deployment: { pending_operations: unknown[] } };
      console.log(JSON.stringify(exported.deployment.pending_operations?.map((o: any) => [o.type, o.resource.urn, o.resource.inputs?.name])));
      console.log(await stack.succeed("stack", "tag", "list"));
    },
  );

  it("finishes", async () => {
    const { code, stderr } = await pipeline.step("deploy", [stack.name]);
    console.log(stderr.split("\n").filter((l)=>/^deploy:|rror/.test(l)).join("\n"), stderr.slice(-2000));
    expect(code).toBe(0);
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });
});
