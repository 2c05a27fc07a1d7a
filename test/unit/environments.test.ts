import { describe, expect, it } from "vitest";
import { Cost, COSTS, costsOf, TASK_COSTS } from "../../model/costs";
import { UNTAGGED } from "../../policy/untagged";
import { LONGEST_NAME } from "../../model/settings";
import { configOf, registeredBy } from "../support/environments";
import { Registered } from "../support/mocks";

const sorted = (costs: Cost[]) => costs.map(({ unit, count, what }) => `${count} ${unit} ${what}`).sort();

/** AWS's limits to names, by the property that holds them (AWS: quotas of each service, API references). */
const LIMITS: Record<string, Record<string, number>> = {
  "aws:rds/instance:Instance": { identifier: 63, finalSnapshotIdentifier: 255 },
  "aws:rds/parameterGroup:ParameterGroup": { name: 255 },
  "aws:rds/subnetGroup:SubnetGroup": { name: 255 },
  "aws:rds/eventSubscription:EventSubscription": { name: 255 },
  "aws:iam/role:Role": { name: 64 },
  "aws:iam/instanceProfile:InstanceProfile": { name: 128 },
  "aws:iam/policy:Policy": { name: 128 },
  "aws:kms/alias:Alias": { name: 256 },
  "aws:secretsmanager/secret:Secret": { name: 512 },
  "aws:cloudwatch/logGroup:LogGroup": { name: 512 },
  "aws:sns/topic:Topic": { name: 256 },
  "aws:ssm/document:Document": { name: 128 },
  "aws:ecs/cluster:Cluster": { name: 255 },
  "aws:ecs/taskDefinition:TaskDefinition": { family: 255 },
  "aws:scheduler/schedule:Schedule": { name: 64 },
  "aws:cloudwatch/eventRule:EventRule": { name: 64 },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": { name: 512 },
  "aws:cloudwatch/metricAlarm:MetricAlarm": { name: 255 },
  "aws:cloudwatch/dashboard:Dashboard": { dashboardName: 255 },
  "aws:cloudtrail/trail:Trail": { name: 128 },
  "aws:cloudwatch/queryDefinition:QueryDefinition": { name: 255 },
};
/** Pulumi adds "-" and seven characters to the logical name where none is given. */
const GENERATED: Record<string, number> = {
  "aws:s3/bucket:Bucket": 63,
  "aws:ec2/securityGroup:SecurityGroup": 255,
};
const SUFFIX = 8;

const TAGS = ["Application", "DataClassification", "Environment", "Owner", "Purpose"];

const IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/markenmate-backups:1";
/** A stack's settings with the tasks about backups. */
function withTasks(environment: string): Record<string, string> {
  const config = configOf(environment);
  const backup = JSON.parse(config["markenmate:backup"] ?? "{}") as object;
  return { ...config, "markenmate:backup": JSON.stringify({ ...backup, image: IMAGE }) };
}

const inAws = (resources: Registered[]) => resources.filter(({ type }) => type.startsWith("aws:"));

const untagged = (resources: Registered[]) =>
  inAws(resources)
    .filter(({ type }) => !UNTAGGED.includes(type))
    .filter(({ inputs }) => TAGS.some((tag) => !(inputs.tags as Record<string, string> | undefined)?.[tag]))
    .map(({ type, name }) => `${type} ${name}`);

describe.each(["dev", "prod"] as const)("%s", async (environment) => {
  const resources = await registeredBy(environment);

  it("costs what the list says", () => {
    expect(sorted(costsOf(resources))).toEqual(sorted(COSTS[environment]));
  });

  it("tags everything that takes tags", () => {
    expect(untagged(resources)).toEqual([]);
  });

  /**
   * A new logical name, type or parent is a new resource to Pulumi: the old one is deleted, a grant or a database with it.
   * Give the resource an alias of its old name (`aliases: [{ name: … }]`), try an update of a stack that has the old one,
   * and only then write the list anew with `vitest -u`.
   */
  it("keeps everything's logical name", async () => {
    const names = resources.map(({ type, name, parent }) => `${parent.split("::")[2] ?? ""}$${type}::${name}`);
    await expect(`${names.sort().join("\n")}\n`).toMatchFileSnapshot(`logical-names-${environment}.txt`);
  });

  it("has no NAT gateway and no internet gateway", () => {
    expect(resources.filter(({ type }) => /gateway/i.test(type)).map(({ name }) => name)).toEqual([]);
  });
});

describe("the tasks about backups", async () => {
  const [without, resources] = [await registeredBy("dev"), await registeredBy("dev", withTasks("dev"))];

  it("add to the costs what the list says", () => {
    const before = new Map(costsOf(without).map(({ unit, what, count }) => [`${unit} ${what}`, count]));
    const added = costsOf(resources)
      .map((cost) => ({ ...cost, count: cost.count - (before.get(`${cost.unit} ${cost.what}`) ?? 0) }))
      .filter(({ count }) => count !== 0);
    expect(sorted(added)).toEqual(sorted(TASK_COSTS));
  });

  it("are tagged, all that take tags", () => {
    expect(untagged(resources)).toEqual([]);
  });
});

describe("copies of backups in another region", async () => {
  const config = configOf("prod");
  const backup = JSON.parse(config["markenmate:backup"] ?? "{}") as object;
  const copied = { "markenmate:backup": JSON.stringify({ ...backup, replicaRegion: "eu-west-1" }) };
  const [without, resources] = [await registeredBy("prod"), await registeredBy("prod", { ...config, ...copied })];
  const added = resources.filter(({ name, type }) => !without.some((one) => one.name === name && one.type === type));

  it("add a key, a bucket and what is copied to the costs", () => {
    expect(sorted(costsOf(added))).toEqual([
      "1 GB and month bucket, by what is in it",
      "1 GB what is copied to the bucket in another region",
      "1 month KMS key",
    ]);
    expect(resources).toHaveLength(without.length + added.length);
  });

  it("are tagged, all that take tags", () => {
    expect(untagged(resources)).toEqual([]);
  });
});

describe("names", async () => {
  const environment = "e".repeat(LONGEST_NAME - "markenmate-".length);
  const resources = await registeredBy(environment, {
    "aws:region": "eu-central-1",
    "markenmate:access": JSON.stringify({ mode: "ssm" }),
    "markenmate:backup": JSON.stringify({ image: IMAGE, replicaRegion: "eu-west-1" }),
    "markenmate:database": JSON.stringify({ masterPassword: "stack", readReplica: true }),
    "markenmate:network": JSON.stringify({ endpoints: ["s3", "secretsmanager", "kms", "logs", "sts"] }),
  });

  it("fit AWS's limits for the longest stack name that is allowed", () => {
    const tooLong = resources.flatMap(({ type, name, inputs }) => [
      ...Object.entries(LIMITS[type] ?? {}).filter(([property, limit]) => String(inputs[property]).length > limit),
      ...(name.length + SUFFIX > (GENERATED[type] ?? Infinity) ? [name] : []),
    ]);
    expect(tooLong).toEqual([]);
  });

  it("are checked for every type whose name the program gives", () => {
    const named = inAws(resources).filter(({ inputs }) => inputs.name ?? inputs.identifier);
    expect([...new Set(named.map(({ type }) => type))].filter((type) => !LIMITS[type])).toEqual([]);
  });
});
