import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeQueryDefinitionsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { ClientConfig } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalStack, PreviewSummary } from "../support/local-stack";
import { openLogStream, REFUSED_LOGIN } from "../support/log-stream";

/** A replica by setting, for a stack that is there and has data. */
describe("a read replica", () => {
  let stack: LocalStack;
  let masterSecretBefore: string;
  let planned: PreviewSummary["steps"];
  let before: string[];

  beforeAll(async () => {
    stack = await LocalStack.prepared();
    ({ masterSecretArn: masterSecretBefore } = await stack.outputs());
    before = named(await stack.leftovers());
    await stack.as("migrate", (client) => client.query("CREATE TABLE orders (id int)"));
    await stack.as("app", (client) => client.query("INSERT INTO orders VALUES (1)"));
    await stack.configure({ masterPassword: "stack", readReplica: true });
    planned = (JSON.parse(await stack.succeed("preview", "--json")) as PreviewSummary).steps;
    await stack.up();
  });
  afterAll(() => stack.close());

  /** Without what AWS calls by chance: the master's secret is another one afterwards. */
  const named = (left: string[]) => left.map((line) => line.replace(/rds!db-.*/, "rds!db-")).sort();

  const replica = async (): Promise<ClientConfig> => {
    const { databaseReplicaHost: host, databaseReplicaPort: port } = await stack.outputs();
    return { host, port };
  };
  const count = async () => {
    const { rows } = await stack.as("readonly", (client) => client.query("SELECT count(*)::int FROM orders"), {
      ...(await replica()),
    });
    return (rows[0] as { count: number }).count;
  };

  it("has what the database had, and follows it", async () => {
    expect(await count()).toBe(1);
    await stack.as("app", (client) => client.query("INSERT INTO orders VALUES (2)"));
    await expect.poll(count).toBe(2);
  });

  it("takes the same logins, over TLS only, and nothing that writes", async () => {
    const here = await replica();
    const write = () => stack.as("app", (client) => client.query("INSERT INTO orders VALUES (3)"), here);
    await expect(write()).rejects.toThrowError("cannot execute INSERT in a read-only transaction");
    await expect(stack.as("app", (client) => client.query("SELECT"), { ...here, ssl: false })).rejects.toThrowError(
      "no encryption",
    );
  });

  it("is watched: who guesses a password there rings as well, and the saved queries ask both logs", async () => {
    const groups = ["markenmate-test", "markenmate-test-replica"].map((name) => `/aws/rds/instance/${name}/postgresql`);
    const refused = async (logGroupName: string | undefined, count: number) => {
      const write = await openLogStream({ logGroupName: logGroupName as string, logStreamName: "refused" });
      await write(Array.from({ length: count }, () => REFUSED_LOGIN));
    };
    const AlarmNames = ["markenmate-test-failed-logins"];
    const state = async () => {
      const { MetricAlarms = [] } = await new CloudWatchClient({}).send(new DescribeAlarmsCommand({ AlarmNames }));
      return MetricAlarms[0]?.StateValue;
    };
    await refused(groups[0], 4);
    expect(await state()).not.toBe("ALARM");
    await refused(groups[1], 8);
    await expect.poll(state).toBe("ALARM");

    const { queryDefinitions = [] } = await new CloudWatchLogsClient({}).send(
      new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: "markenmate-test/" }),
    );
    expect(queryDefinitions.length).toBeGreaterThan(0);
    expect(queryDefinitions.map(({ logGroupNames }) => logGroupNames)).toEqual(queryDefinitions.map(() => groups));
  });

  it("has alarms of its own for what RDS measures of a server, and the instance's stay as they are", async () => {
    const { MetricAlarms = [] } = await new CloudWatchClient({}).send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: "markenmate-test-" }),
    );
    const measured = MetricAlarms.map(({ AlarmName = "", Dimensions = [], Metrics = [], Threshold, AlarmActions }) => ({
      ...{ name: AlarmName.replace("markenmate-test-", ""), threshold: Threshold, topics: AlarmActions?.length },
      of: [...Dimensions, ...Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric?.Dimensions ?? [])].map(
        ({ Value }) => Value,
      ),
    }));
    const own = ["replica-connections", "replica-cpu", "replica-cpu-credits", "replica-free-storage"];
    expect(
      measured
        .filter(({ of }) => of.includes("markenmate-test-replica"))
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...own, "replica-lag", "replica-memory", "replica-storage-forecast"]);
    const threshold = 0.2 * 20 * 1024 ** 3; // of the storage that it has from its source
    expect(measured).toContainEqual({
      ...{ name: "replica-free-storage", threshold, topics: 1, of: ["markenmate-test-replica"] },
    });
    expect(measured.filter(({ topics }) => topics !== 1)).toEqual([]);

    // A preview names no step of what stays.
    const alarms = planned.filter(({ urn }) => urn.includes("aws:cloudwatch/metricAlarm:MetricAlarm::"));
    expect(alarms.map(({ op }) => op)).toEqual(Array(7).fill("create"));
  });

  it("moves the master's password into a secret of the stack's own", async () => {
    const { masterSecretArn } = await stack.outputs();
    expect(masterSecretArn).toContain(":secret:markenmate-test-master-");
    const { rows } = await stack.as("master", (client) => client.query("SELECT session_user"));
    expect(rows).toEqual([{ session_user: "markenmate_admin" }]);
    await expect(stack.secret(masterSecretBefore)).rejects.toThrowError("can't find the specified secret");
  });

  it("is found without changes, with or without a refresh", async () => {
    await stack.succeed("preview", "--expect-no-changes");
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("is given up again, and then RDS has the password back", async () => {
    await stack.configure({ masterPassword: "stack" });
    await stack.up();
    expect((await stack.outputs()).databaseReplicaHost).toBeUndefined();
    await stack.configure({});
    await stack.up();
    expect((await stack.outputs()).masterSecretArn).toContain(":secret:rds!db-");
    const { rows } = await stack.as("app", (client) => client.query("SELECT count(*)::int FROM orders"));
    expect(rows).toEqual([{ count: 2 }]);
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
    expect(named(await stack.leftovers())).toEqual(before);
  });
});
