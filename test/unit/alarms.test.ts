import { runInNewContext } from "node:vm";
import { output } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { PolicyDocument } from "../../model/aws/account";
import { Alarms } from "../../components/observability/alarms";
import { capacityOf } from "../../model/observability/capacity";
import {
  alarmDefinitions,
  AlarmsInput,
  measuredMetrics,
  replicaAlarmDefinitions,
} from "../../model/observability/alarms";
import { ownWords } from "../../model/observability/hidden-columns";
import { logPatterns } from "../../model/observability/log-patterns";
import { Monitoring } from "../../components/observability/notifications";
import { withOverrides } from "../../model/parameters";
import { Tags } from "../../model/aws/tags";
import { mistakes } from "../support/mistakes";
import { among, record } from "../support/mocks";

const GIB = 1024 ** 3;
const input: AlarmsInput = {
  ...{
    stack: "shop-prod",
    maxConnections: 100,
    memoryBytes: 8 * GIB,
    allocatedGb: 100,
    burstable: false,
  },
};
const all = (change: Partial<AlarmsInput> = {}) =>
  [alarmDefinitions, replicaAlarmDefinitions].flatMap((definitionsOf) => definitionsOf({ ...input, ...change }));
const named = (name: string, change?: Partial<AlarmsInput>) => all(change).find((one) => one.name === name);

describe("alarms", () => {
  it.each([
    ["connections", "GreaterThanThreshold", 80, 60, 5],
    ["failed-logins", "GreaterThanThreshold", 10, 60, 1],
    ["slow-statements", "GreaterThanThreshold", 0, 300, 1],
    ["deadlocks", "GreaterThanThreshold", 0, 300, 1],
    ["free-storage", "LessThanThreshold", 20 * GIB, 300, 3],
    ["replica-lag", "GreaterThanThreshold", 5, 60, 3],
  ])("%s has the guide's threshold", (name, comparison, threshold, periodSeconds, periods) => {
    expect(named(name)).toMatchObject({ comparison, threshold, periodSeconds, periods });
  });

  it("measure one thing each, have names of their own, and stay within what CloudWatch evaluates", () => {
    const definitions = all();
    expect(new Set(definitions.map(({ name }) => name)).size).toBe(definitions.length);
    for (const { name, metric, formula, periodSeconds, periods, controls } of definitions) {
      expect([metric, formula].filter(Boolean), name).toHaveLength(1);
      // PutMetricAlarm: a day in all, or a week when a period is an hour or longer.
      expect(periodSeconds * periods, name).toBeLessThanOrEqual(periodSeconds < 3_600 ? 86_400 : 604_800);
      expect(controls, name).not.toEqual([]);
    }
  });

  it("tell of CPU credits where there are any", () => {
    expect(named("cpu-credits")).toBeUndefined();
    expect(named("cpu-credits", { burstable: true })?.threshold).toBe(20);
  });

  it("say of a replica all that RDS measures of the instance, with thresholds and sections of the same", () => {
    const ofInstance = alarmDefinitions({ ...input, burstable: true }).filter((alarm) =>
      measuredMetrics(alarm).some(({ of }) => of === "instance"),
    );
    expect(ofInstance.map(({ name }) => name)).toEqual([
      "connections",
      "free-storage",
      "storage-forecast",
      "cpu",
      "cpu-credits",
      "memory",
    ]);
    const ofReplica = replicaAlarmDefinitions({ ...input, burstable: true, allocatedGb: 40 });
    expect(ofReplica.map(({ name }) => name)).toEqual([
      "replica-lag",
      ...ofInstance.map(({ name }) => `replica-${name}`),
    ]);
    expect(ofReplica.map((alarm) => measuredMetrics(alarm).map(({ of }) => of))).toEqual(
      ofReplica.map(() => ["replica"]),
    );
    expect(ofReplica.slice(1).map(({ section, threshold }) => [section, threshold])).toEqual(
      ofInstance.map(({ name, threshold }) => [name, name === "free-storage" ? 8 * GIB : threshold]),
    );
  });

  it("take a replica that says nothing for one that does not follow, and a silent log for one without failures", () => {
    expect(named("replica-lag")?.missing).toBe("breaching");
    expect(named("failed-logins")?.missing).toBe("notBreaching");
  });
});

describe("a login that is refused", () => {
  const pattern = logPatterns("markenmate_admin").find(({ metric }) => metric === "failedLogins")?.pattern ?? "";
  const phrases = [...pattern.matchAll(/\?"([^"]+)"/g)].map(([, phrase]) => phrase as string);
  const lines = ownWords("shop").filter((line) => line.includes("FATAL:"));

  it.each([
    ["has a wrong password", "password authentication failed"],
    ["comes without TLS", "no encryption"],
    ["may not log in", "is not permitted to log in"],
  ])("counts as failed when it %s", (_, words) => {
    const written = lines.filter((line) => line.includes(words));
    expect(written).not.toEqual([]);
    expect(written.filter((line) => !phrases.some((phrase) => line.includes(phrase)))).toEqual([]);
  });
});

describe("the storage's forecast", () => {
  /** CloudWatch's RATE, by the second, and IF, over two readings six hours apart. */
  const days = (before: number, now: number) => {
    const { expression = "" } = named("storage-forecast")?.formula ?? {};
    const rate = (now - before) / 21_600;
    const script = expression
      .replaceAll("RATE(free)", "rate")
      .replace(/^IF\((.*?), (.*), (\d+)\)$/, "($1) ? ($2) : $3");
    return runInNewContext(script, { free: now, rate }) as number;
  };

  it.each([
    ["shrinks by a GiB in six hours, 12 are left", 13 * GIB, 12 * GIB, 3],
    ["shrinks by a GiB in six hours, 40 are left", 41 * GIB, 40 * GIB, 10],
    ["stays", 40 * GIB, 40 * GIB, 365],
    ["grows", 40 * GIB, 80 * GIB, 365],
  ])("%s", (_, before, now, expected) => {
    expect(days(before, now)).toBeCloseTo(expected);
  });
});

describe("what an instance class has", () => {
  const connections = (instanceClass: string, value?: string) =>
    capacityOf(instanceClass, withOverrides(value === undefined ? {} : { max_connections: value })).maxConnections;

  it("is the settings' number of connections, or what their formula comes to", () => {
    const formula = "LEAST({DBInstanceClassMemory/9531392},5000)";
    expect(connections("db.m7g.large")).toBe(100);
    expect(connections("db.m7g.large", "250")).toBe(250);
    expect(connections("db.t4g.micro", formula)).toBe(112);
    expect(connections("db.m7g.large", formula)).toBe(901);
    expect(connections("db.r7g.16xlarge", formula)).toBe(5000);
  });

  it("says whether it saves up credits", () => {
    expect(capacityOf("db.t4g.micro", withOverrides({})).burstable).toBe(true);
    expect(capacityOf("db.m7g.large", withOverrides({})).burstable).toBe(false);
  });

  it("must be known", () => {
    expect(mistakes({ database: { instanceClass: "db.q9.large" } })).toEqual([
      'database.instanceClass: "db.q9.large" has a memory that is not known here; add it to model/parameters/instance-memory.ts',
    ]);
  });
});

describe("what is registered", async () => {
  const server = { host: output("h"), port: output(5432), allocatedGb: output(20) };
  const database = {
    ...{ instanceIdentifier: output("db-1"), allocatedGb: output(20) },
    replica: { ...server, identifier: output("db-2") },
  };
  const tags = {} as Tags;
  const account = { id: "123456789012", partition: "aws", region: "eu-central-1" };
  const registered = await record(() => {
    const { topicArn } = new Monitoring("shop-prod", {
      ...{ account, instanceIdentifier: output("db-1"), parameterGroupName: output("group") },
      ...{ logsKeyArn: output("arn:logs-key"), emails: [], tags },
    });
    new Alarms("shop-prod", { database, instanceClass: "db.t4g.micro", parameters: withOverrides({}), topicArn, tags });
  });
  const { ofType, one } = among(() => registered);
  const metricAlarms = ofType("aws:cloudwatch/metricAlarm:MetricAlarm");

  it("are alarms that tell the topic of their beginning and their end", () => {
    expect(metricAlarms).toHaveLength(all({ burstable: true }).length);
    for (const { inputs, name } of metricAlarms) {
      expect([inputs.alarmActions, inputs.okActions], name).toEqual([
        ["arn:shop-prod-events"],
        ["arn:shop-prod-events"],
      ]);
    }
  });

  it("are alarms that watch their own server", () => {
    const servers = metricAlarms.flatMap(({ name, inputs }) =>
      [...JSON.stringify(inputs).matchAll(/"DBInstanceIdentifier":"([^"]+)"/g)].map(([, server]) => [name, server]),
    );
    expect(servers).toHaveLength(2 * 6 + 1);
    expect(servers).toEqual(servers.map(([name]) => [name, name?.includes("-replica-") ? "db-2" : "db-1"]));
  });

  it("is a topic that is encrypted, and takes nothing without TLS", () => {
    expect(one("aws:sns/topic:Topic").inputs.kmsMasterKeyId).toBe("arn:logs-key");
    const { Statement } = JSON.parse(one("aws:sns/topicPolicy:TopicPolicy").inputs.policy as string) as PolicyDocument;
    expect(Statement).toContainEqual(
      expect.objectContaining({
        ...{ Effect: "Deny", Principal: "*", Action: "sns:Publish" },
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
    );
  });
});

describe("who is told", () => {
  it.each([
    [["nobody"], 'notifications.emails[0]: "nobody" is no address; write one such as database-alarms@example.com'],
    [["a@b.de", "a@b.de"], "names an address twice; name each once"],
  ])("%j", (emails, message) => {
    expect(mistakes({ notifications: { emails } })).toEqual([expect.stringContaining(message)]);
  });
});
