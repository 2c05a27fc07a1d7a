import { describe, expect, it } from "vitest";
import { aws } from "../../platform/providers/aws";
import { postgresql } from "../../platform/providers/postgresql";
import { random } from "../../platform/providers/random";
import { asDeployed } from "../../ops/importing/as-deployed";
import { importFiles } from "../../ops/importing/import-file";
import { nextUpdate, refuseHarm } from "../../ops/importing/next-update";
import { generationProblem, pairsOf } from "../../ops/importing/passwords";
import { refuseAmbiguous } from "../../ops/importing/search";
import { TABLE } from "../../ops/importing/table";
import { PreviewStep, Program } from "../../ops/importing/wanted";
import { configOf, registeredBy } from "../support/environments";

const IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/markenmate-backups:1";
const json = JSON.stringify;

/** Everything that can be had of the program at once, which is more than any one stack has. */
const everything = async () => {
  const config = {
    ...configOf("prod"),
    "markenmate:backup": json({ image: IMAGE, replicaRegion: "eu-west-1" }),
    "markenmate:database": json({ masterPassword: "stack", readReplica: true }),
    "markenmate:network": json({ endpoints: ["s3", "secretsmanager", "kms", "logs", "sts"] }),
  };
  return [...(await registeredBy("dev")), ...(await registeredBy("prod")), ...(await registeredBy("prod", config))];
};

const step = (type: string, name: string, more: Partial<PreviewStep> & { inputs?: object } = {}): PreviewStep => ({
  op: "create",
  urn: `urn:pulumi:s::p::${type}::${name}`,
  ...more,
  newState: { custom: true, inputs: (more.inputs ?? {}) as Record<string, unknown>, ...more.newState },
});
const PASSWORD = "random:index/randomPassword:RandomPassword";
const ROLE = "postgresql:index/role:Role";

describe("the table of types", async () => {
  const resources = await everything();
  const types = [...new Set(resources.map(({ type }) => type))].filter((type) =>
    /^(aws|postgresql|random):/.test(type),
  );
  const models = { ...aws.resources, ...postgresql.resources, ...random.resources };

  it("has every type of the program's, and no other", () => {
    expect(Object.keys(TABLE).sort()).toEqual([...types].sort());
  });

  it("says of each how it is found, or why it is made again", () => {
    const silent = Object.entries(TABLE).filter(([, { find, again, password }]) => !find && !again && !password);
    expect(silent.map(([type]) => type)).toEqual([]);
  });

  it("names what no service tells of what the program sets", () => {
    const unsaid = resources.flatMap(({ type, inputs }) => {
      const { properties = {} } = models[type] ?? {};
      return Object.keys(inputs)
        .filter((name) => properties[name]?.notRead)
        .filter((name) => !TABLE[type]?.untold?.includes(name))
        .map((name) => `${type} ${name}`);
    });
    expect([...new Set(unsaid)].sort()).toEqual([
      // AWS tells the second and third of the instance itself (types/server.ts, told); the next update sets the others.
      "aws:rds/instance:Instance finalSnapshotIdentifier",
      "aws:rds/instance:Instance manageMasterUserPassword",
      "aws:rds/instance:Instance masterUserSecretKmsKeyId",
      "aws:rds/instance:Instance password",
      "aws:rds/instance:Instance port",
    ]);
  });

  it("finds each key by an alias of its own name", () => {
    const names = (type: string) => resources.filter((one) => one.type === type).map(({ name }) => name);
    const aliases = new Set(names("aws:kms/alias:Alias"));
    const keys = [...names("aws:kms/key:Key"), ...names("aws:kms/replicaKey:ReplicaKey")];
    expect(keys.filter((name) => !aliases.has(name))).toEqual([]);
  });

  it("reads each role's passwords from a secret of the same name", () => {
    const secrets = new Set(
      resources.filter(({ type }) => type.endsWith("secret:Secret")).map(({ inputs }) => inputs.name),
    );
    const passwords = resources.filter(({ type }) => type === PASSWORD).map(({ name }) => name.replace(/-clone$/, ""));
    expect(passwords.filter((name) => !secrets.has(name))).toEqual([]);
  });
});

describe("which login is in use", () => {
  const program = (first: number, second: number, cloneCanLogin: boolean) => {
    const keepers = (generation: number) => (generation ? { keepers: { generation: String(generation) } } : {});
    return new Program([
      step(PASSWORD, "shop-prod-app", { inputs: keepers(first) }),
      step(PASSWORD, "shop-prod-app-clone", { inputs: keepers(second) }),
      step(ROLE, "shop-prod-app", { inputs: { name: "shop_app", login: true } }),
      step(ROLE, "shop-prod-app-clone", { inputs: { name: "shop_app_clone", login: cloneCanLogin } }),
    ]);
  };
  const catalog = (cloneCanLogin: boolean) => ({
    roles: new Map([["shop_app_clone", { canLogin: cloneCanLogin }]]),
    schemas: new Set<string>(),
    extensions: new Set<string>(),
  });
  const pair = (...args: Parameters<typeof program>) => {
    const [found] = pairsOf(program(...args));
    expect(found).toBeDefined();
    return found as NonNullable<typeof found>;
  };

  it.each([
    [0, 0, "shop_app", 0],
    [0, 1, "shop_app_clone", 1],
    [2, 1, "shop_app", 2],
    [2, 3, "shop_app_clone", 3],
  ])("generations %i and %i: %s", (first, second, login, generation) => {
    const { active, idle, ...found } = pair(first, second, true);
    expect([active.login, found.generation]).toEqual([login, generation]);
    expect([active.login, idle.login].sort()).toEqual(["shop_app", "shop_app_clone"]);
  });

  it("goes with the settings, or the settings are wrong", () => {
    expect(generationProblem(pair(0, 1, true), "shop_app_clone", catalog(true))).toBeUndefined();
    expect(generationProblem(pair(0, 0, false), "shop_app", catalog(false))).toBeUndefined();
    expect(generationProblem(pair(0, 0, false), undefined, undefined)).toBeUndefined();
    expect(generationProblem(pair(2, 1, true), "shop_app_clone", catalog(true))).toBe(
      "roles.app.generation: with 2 the login shop_app would be in use, but the secret shop-prod-app has shop_app_clone; " +
        "set 3 or 1, whichever was deployed last",
    );
    expect(generationProblem(pair(0, 0, false), "shop_app", catalog(true))).toBe(
      "roles.app.generation: 0 says that shop_app_clone was never in use, but it may log in; " +
        "set the number that was deployed last, 2 if nobody knows",
    );
    expect(generationProblem(pair(2, 1, false), "shop_app", catalog(true))).toBe(
      "roles.app.revokePrevious: true would shut shop_app_clone out, which may log in now; leave it out until the stack is back",
    );
  });
});

describe("what Pulumi is told", () => {
  const provider = "urn:pulumi:s::p::pulumi:providers:random::default_4_21_2::04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const inputs = { length: 32, keepers: { generation: "1" }, __defaults: ["lower"], lower: true };
  const password = step(PASSWORD, "shop", { newState: { custom: true, inputs, provider } });
  const bucket = step("aws:s3/bucket:Bucket", "dumps", { inputs: { bucket: "dumps-1234567", __defaults: ["bucket"] } });
  const program = new Program([step("shop:Part", "part", { newState: { custom: false } }), password, bucket]);

  it("components come first, a password with its generation and as a secret", () => {
    const it = program.get(password.urn);
    const found = it ? [{ it, id: "none", told: {} }] : [];
    const files = importFiles({ program, found, passwords: new Map([[password.urn, "s3cret"]]), provider: undefined });
    expect(files.map(({ resources }) => resources.map(({ logicalName }) => logicalName))).toEqual([["part"], ["shop"]]);
    expect(files[1]?.resources[0]).toMatchObject({
      ...{ id: "none", version: "4.21.2", inputs },
      outputs: { length: 32, keepers: { generation: "1" }, result: { plaintext: '"s3cret"' } },
    });
  });

  it("a made-up name stays one, and so does the bucket", () => {
    const it = program.get(bucket.urn);
    const read = { urn: bucket.urn, inputs: { bucket: "dumps-7654321", __defaults: [] }, outputs: { arn: "arn" } };
    const state = { version: 3, deployment: { resources: [read, { urn: "other" }] } };
    expect(asDeployed(state, it ? [{ it, id: "", told: { more: 1 } }] : [])).toEqual({
      version: 3,
      deployment: {
        resources: [
          {
            urn: bucket.urn,
            inputs: { bucket: "dumps-7654321", __defaults: ["bucket"], more: 1 },
            outputs: { arn: "arn", more: 1 },
          },
          { urn: "other" },
        ],
      },
    });
  });

  it("two that could be meant are told apart by a person", () => {
    const it = program.get(bucket.urn);
    expect(() => refuseAmbiguous(it ? [[it, { ids: ["one", "two"] }]] : [])).toThrow(
      "More than one could be meant, and nothing was changed:\n" +
        "  aws:s3/bucket:Bucket::dumps: one, two; choose with --id 'aws:s3/bucket:Bucket::dumps=…'",
    );
  });
});

describe("the next update", () => {
  const grant = step("postgresql:index/grant:Grant", "known");
  const steps = (...more: PreviewStep[]) => nextUpdate([grant, ...more], new Set([grant.urn]));

  it("may make what is known, change in place, and write a secret once more", () => {
    const next = steps(
      step("aws:rds/instance:Instance", "db", { op: "update" }),
      step("aws:secretsmanager/secretVersion:SecretVersion", "app", { op: "replace" }),
      step("pulumi:providers:aws", "default", {}),
      step("aws:ec2/vpc:Vpc", "net", { op: "same" }),
    );
    expect(next).toEqual({
      creates: ["postgresql:index/grant:Grant::known", "pulumi:providers:aws::default"],
      updates: 2,
      hurts: [],
    });
    expect(() => refuseHarm(next, "prod")).not.toThrow();
  });

  it("may not make, replace or delete anything else", () => {
    const next = steps(
      step("postgresql:index/grant:Grant", "other"),
      step("aws:s3/bucket:Bucket", "dumps", { op: "replace", replaceReasons: ["bucket"] }),
      step("aws:kms/key:Key", "old", { op: "delete" }),
    );
    expect(next.hurts).toEqual([
      "create postgresql:index/grant:Grant::other",
      "replace aws:s3/bucket:Bucket::dumps (bucket)",
      "delete aws:kms/key:Key::old",
    ]);
    expect(() => refuseHarm(next, "prod")).toThrow(
      /do not run it yet:\n {2}create .*\n.*\n.*\nLook with `pulumi preview --diff --stack prod`/,
    );
  });
});
