import {
  CloudWatchLogsClient,
  GetLogEventsCommand,
  PutDataProtectionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hidingPolicy } from "../../model/observability/hidden-columns";
import { useAwsProvider } from "../../test/support/aws-provider";
import { openLogStream } from "../../test/support/log-stream";

const GROUP = "/aws/rds/instance/shop/postgresql";
type Policy = ReturnType<typeof hidingPolicy>;

const document = (change: (policy: Policy) => void = () => undefined, columns = ["password", "token"]) => {
  const policy = hidingPolicy("shop", columns);
  change(policy);
  return JSON.stringify(policy);
};
const policy = (policyDocument = document()) => ({ logGroupName: GROUP, policyDocument });

describe("the local aws provider: protected logs", () => {
  const on = useAwsProvider({});
  let logs: CloudWatchLogsClient;
  beforeAll(async () => {
    logs = new CloudWatchLogsClient({});
    await on.create("cloudwatch.LogGroup", { name: GROUP });
  });
  afterAll(() => logs.destroy());

  test("LogDataProtectionPolicy", async () => {
    const made = await on.create("cloudwatch.LogDataProtectionPolicy", policy());
    expect(made.id).toBe(GROUP);
    expect(await made.drift()).toEqual([]);
    expect(made.plan(policy(JSON.stringify(JSON.parse(document()), null, 2))).changes).toEqual([]);
    expect(made.plan({ ...policy(), logGroupName: "/other" }).replaces).toEqual(["logGroupName"]);
    await made.update(policy(document(undefined, ["password"])));
    expect(await made.drift()).toEqual([]);
    await logs.send(new PutDataProtectionPolicyCommand({ logGroupIdentifier: GROUP, policyDocument: document() }));
    expect(await made.drift()).toEqual(["policyDocument"]);
    expect(await made.imported(GROUP)).toMatchObject({ logGroupName: GROUP });

    const stream = { logGroupName: GROUP, logStreamName: "one" };
    const write = await openLogStream(stream);
    const put = async (message: string) => {
      await write([message]);
      return (await logs.send(new GetLogEventsCommand(stream))).events?.at(-1)?.message;
    };
    expect(await put("set token = 'x'")).toBe("set************");
    await made.delete();
    expect(await made.read()).toBeUndefined();
    expect(await put("set token = 'x'")).toBe("set token = 'x'");
  });

  test("what the plugin and CloudWatch Logs refuse", async () => {
    const managed = on.managed("cloudwatch.LogDataProtectionPolicy");
    expect(managed.failures(policy("{"))[0]?.reason).toContain("contains an invalid JSON");
    const refused = (change: (policy: Policy) => void, columns?: string[]) =>
      expect(on.create("cloudwatch.LogDataProtectionPolicy", policy(document(change, columns)))).rejects;
    const first = (of: Policy) => of.Configuration.CustomDataIdentifier[0] as { Name: string; Regex: string };
    await refused((of) => (first(of).Regex = "'[^']*'")).toThrow("The regex of the custom data identifier");
    await refused((of) => (first(of).Regex = "a".repeat(201))).toThrow("The regex of the custom data identifier");
    await refused((of) => (first(of).Name = "a name")).toThrow("name a name is not valid");
    await refused(() => undefined, [..."abcdefghijk"]).toThrow("10 custom data identifiers at most");
    await refused((of) => of.Statement.pop()).toThrow("needs a statement with a Deidentify operation");
    await refused((of) => of.Statement.shift()).toThrow("needs one statement with an Audit operation");
    await refused((of) => Object.assign(of.Statement[1] as object, { DataIdentifier: ["column-token"] })).toThrow(
      "have to be the same",
    );
    const missing = { ...policy(), logGroupName: "/nowhere" };
    await expect(on.create("cloudwatch.LogDataProtectionPolicy", missing)).rejects.toThrow("ResourceNotFoundException");
  });
});
