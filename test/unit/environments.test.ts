import { describe, expect, it } from "vitest";
import { COSTS, costsOf, TASK_COSTS } from "../../model/costs";
import { Cost } from "../../model/resources/billing";
import { RESOURCE_TYPES, takesTags } from "../../model/resources/types";
import { LONGEST_NAME } from "../../model/settings";
import { configOf, registeredBy } from "../support/environments";
import { Registered } from "../support/mocks";

const sorted = (costs: Cost[]) => costs.map(({ unit, count, what }) => `${count} ${unit} ${what}`).sort();

/** What Pulumi adds to the logical name where none is given: "-" and seven characters. */
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
    .filter(({ type }) => takesTags(type))
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
      ...Object.entries(RESOURCE_TYPES[type]?.nameLimits ?? {}).filter(
        ([property, limit]) => String(inputs[property]).length > limit,
      ),
      ...(name.length + SUFFIX > (RESOURCE_TYPES[type]?.generatedNameLimit ?? Infinity) ? [name] : []),
    ]);
    expect(tooLong).toEqual([]);
  });

  it("are checked for every type whose name the program gives", () => {
    const named = inAws(resources).filter(({ inputs }) => inputs.name ?? inputs.identifier);
    expect([...new Set(named.map(({ type }) => type))].filter((type) => !RESOURCE_TYPES[type]?.nameLimits)).toEqual([]);
  });
});
