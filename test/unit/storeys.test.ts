import { describe, expect, it } from "vitest";
import { saidByEslint } from "../support/eslint";

/** What eslint says of an import, if it stood in that file. */
const saidOf = (module: string, file: string) => saidByEslint(`import "${module}";`, file, ["no-restricted-imports"]);

describe("eslint", () => {
  it.each([
    ["model/access/some.ts", "@pulumi/pulumi", "model/ decides, and does nothing"],
    ["model/access/some.ts", "@aws-sdk/client-rds", "model/ decides, and does nothing"],
    ["model/access/some.ts", "node:fs", "model/ decides, and does nothing"],
    ["model/some.ts", "../components/access/roles", "model/ decides, and does nothing"],
    ["model/some.ts", "../ops/shared/pulumi", "model/ decides, and does nothing"],
    ["lib/some.ts", "../model/settings", "lib/ is what every program needs"],
    ["components/access/some.ts", "../../ops/shared/pulumi", "the program does not know who runs it"],
    ["index.ts", "./platform/host/platform", "the program does not know who runs it"],
    ["ops/checks/some.ts", "../../components/access/roles", "components/ belongs to the program"],
    ["policy/rules/some.ts", "../../components/stack/context", "components/ belongs to the program"],
    ["local/some.ts", "../components/stack/context", "components/ belongs to the program"],
    ["platform/host/some.ts", "../../components/stack/context", "platform/ runs any program"],
    ["platform/rds/some.ts", "../../model/access/matrix", "platform/ runs any program"],
    ["platform/host/some.ts", "../../ops/shared/pulumi", "platform/ runs any program"],
    ["ops/checks/some.ts", "../../platform/host/platform", "components/ belongs to the program"],
    ["tools/docs/some.ts", "../../components/stack/context", "components/ belongs to the program"],
    ["test/unit/some.ts", "../../docs/costs", "docs/ is for readers"],
    [".github/steps/some.ts", "../../platform/host/platform", "a job has no local platform"],
  ])("refuses that %s imports %s", async (file, module, message) => {
    expect(await saidOf(module, file)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ["components/access/some.ts", "../../model/access/matrix"],
    ["ops/checks/some.ts", "../../model/access/matrix"],
    ["model/access/some.ts", "node:crypto"],
    ["platform/rds/some.ts", "../../model/access/scram"],
    ["platform/rds/some.ts", "../../model/parameters/formula"],
    ["platform/rds/some.ts", "../../lib/process"],
    ["model/settings/some.ts", "../../lib/user-error"],
    [".github/steps/some.ts", "../../lib/process"],
    ["test/unit/some.ts", "../../docs/examples/rotating-pool"],
  ])("has nothing against it that %s imports %s", async (file, module) => {
    expect(await saidOf(module, file)).toEqual([]);
  });
});
