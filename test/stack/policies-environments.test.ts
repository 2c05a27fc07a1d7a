import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environmentSettings } from "../support/environments";
import { LocalStack } from "../support/local-stack";

const PACK = ["--policy-pack", "policy"];
/** What AWS has and this machine has not: pgaudit on PostgreSQL 17. */
const HERE = { extensions: ["pg_stat_statements"] };

/** All of them on one platform, on which nothing is built. */
let platform: LocalStack | undefined;
afterAll(() => platform?.close());

/** The first preview of a stack knows least, and the engine fails it for one violation alone. */
describe.each([
  ["local", { parameters: { "rds.force_ssl": "0" } }, "force-ssl"],
  ["dev", { parameters: { "rds.force_ssl": "0" } }, "force-ssl"],
  // The settings themselves refuse the others.
  ["prod", { deletionProtection: false }, "deletion-protection"],
])("a new stack %s", (environment, weaker, policy) => {
  let stack: LocalStack;
  const { database, ...others } = environmentSettings(environment);

  beforeAll(async () => {
    const settings = [environment, { ...database, ...HERE }, others] as const;
    stack = await (platform?.beside(...settings) ?? LocalStack.open(...settings));
    platform = stack;
  });

  it("breaks no policy", async () => {
    const said = await stack.succeed("preview", ...PACK);
    expect(said).toMatch(/Policies:\n\s+✅ markenmate@v1\.0\.0/);
    expect(said).not.toMatch(/\[(advisory|mandatory)\]/);
  });

  it("is refused as soon as it does", async () => {
    await stack.configure({ ...database, ...HERE, ...weaker }, others);
    const { code, stdout } = await stack.pulumi("preview", ...PACK);
    expect(code).not.toBe(0);
    expect(stdout).toMatch(new RegExp(`\\[mandatory\\]\\s+${policy}`));
  });
});
