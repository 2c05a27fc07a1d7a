import {
  CloudWatchLogsClient,
  DescribeQueryDefinitionsCommand,
  PutQueryDefinitionCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { expect, test } from "vitest";
import { startEmulator } from "../emulator/emulator";
import { TOOLS_DIR } from "../shared/paths";
import { Values } from "../providers/protocol/model";
import { REGION, useAwsProvider } from "../../test/support/aws-provider";
import { temporaryFolder } from "../../test/support/engine";

const on = useAwsProvider({});
const definition = (more: Values = {}) => ({
  ...{ name: "shop/errors", queryString: "fields @message\n| limit 1", logGroupNames: ["/one", "/two"] },
  ...more,
});

test("QueryDefinition", async () => {
  const made = await on.create("cloudwatch.QueryDefinition", definition());
  expect(made.state.queryDefinitionId).toBe(made.id);
  expect(await made.drift()).toEqual([]);
  const changed = definition({ name: "shop/faults", queryString: "fields @timestamp", logGroupNames: ["/one"] });
  expect(made.plan(changed).replaces).toEqual([]);
  await made.update(changed);
  expect(made.state).toMatchObject({ name: "shop/faults", logGroupNames: ["/one"] });
  expect(await made.drift()).toEqual([]);
  await made.delete();
  const failures = (name: string) => on.managed("cloudwatch.QueryDefinition").failures(definition({ name }));
  expect(failures("a:b")[0]?.reason).toContain("invalid value for name");
  expect(failures("/a")[0]?.reason).toContain("invalid value for name");
});

test("the emulator keeps saved queries when it is started anew", async () => {
  const dataDir = await temporaryFolder("saved-queries");
  const within = async <Result>(work: (logs: CloudWatchLogsClient) => Promise<Result>) => {
    const emulator = await startEmulator({ toolsDir: TOOLS_DIR, dataDir });
    try {
      return await work(new CloudWatchLogsClient({ endpoint: emulator.url, region: REGION }));
    } finally {
      await emulator.stop();
    }
  };
  await within((logs) => logs.send(new PutQueryDefinitionCommand({ name: "a", queryString: "fields @message" })));
  const { queryDefinitions } = await within((logs) => logs.send(new DescribeQueryDefinitionsCommand({})));
  expect(queryDefinitions).toMatchObject([{ name: "a", queryString: "fields @message" }]);
});
