import { checkPolicy } from "../../model/policies/live-check";
import { describe, expect, it } from "vitest";
import { ACCESS, APPLICATION_ROLES } from "../../model/access/matrix";
import { applicationsOf, ownerIn, roleIn, rolesOf } from "../../model/access/applications";
import { computeAuditSettings } from "../../model/access/audit";
import { factsOf, findRefusals, describeAllRotations } from "../../model/deployed";
import { computeDefaultPrivileges, computeGrants } from "../../model/access/grants";
import { parseSettings } from "../../model/settings";
import { configOf, registeredBy } from "../support/environments";
import { mistakes } from "../support/mistakes";
import { Registered } from "../support/mocks";

const THREE = { shop: {}, stock: { database: "shop" }, jobs: { database: "markenmate", schemas: ["jobs", "queue"] } };
const settings = (applications: object, more: object = {}) => parseSettings("dev", { applications, ...more });
const all = applicationsOf(settings(THREE));
const named = (name: string) => all.find((one) => one.name === name) as (typeof all)[0];

describe("applications on one server", () => {
  it("have a database of their own and its schema public, or their own schema in another's", () => {
    expect(all.map(({ name, database, schemas, opensDatabase }) => [name, database, schemas, opensDatabase])).toEqual([
      ["markenmate", "markenmate", ["public"], true],
      ["shop", "shop", ["public"], true],
      ["stock", "shop", ["stock"], false],
      ["jobs", "markenmate", ["jobs", "queue"], false],
    ]);
  });

  it("come after the one whose database they share, in whatever order they are written", () => {
    const order = applicationsOf(settings({ stock: { database: "shop" }, shop: {} })).map(({ name }) => name);
    expect(order).toEqual(["markenmate", "shop", "stock"]);
  });

  it("have their own roles, and share those of the server", () => {
    expect(rolesOf(named("markenmate"))).toEqual(["app", "readonly", "migrate", "backup", "monitor"]);
    expect(rolesOf(named("shop"))).toEqual(APPLICATION_ROLES);
    expect(roleIn(named("shop"), "app")).toBe("shop_app");
    expect(roleIn(named("shop"), "backup")).toBe("markenmate_backup");
    expect(ownerIn(named("stock"))).toBe("stock_migrate");
  });

  it("have one grant for each role, database, schema and kind of object: of two the last would win", () => {
    const keys = all.flatMap((application) =>
      computeGrants(ACCESS, application).map(({ role, schema, objectType }) =>
        [application.database, role, schema, objectType].join(),
      ),
    );
    expect(keys.length).toBeGreaterThan(50);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("give nobody but their own roles and the server's a right", () => {
    const roles = new Set([
      ...computeGrants(ACCESS, named("stock")).map(({ role }) => role),
      ...computeDefaultPrivileges(ACCESS, named("stock")).map(({ role }) => role),
    ]);
    expect([...roles].sort()).toEqual([
      ...["markenmate_backup", "public", "stock_app", "stock_migrate", "stock_readonly"],
    ]);
  });

  it("let backups into each database once, and read in every schema what each owner will make", () => {
    const toDatabase = all.filter((application) =>
      computeGrants(ACCESS, application).some(
        ({ role, objectType }) => role === "markenmate_backup" && objectType === "database",
      ),
    );
    expect(toDatabase.map(({ name }) => name)).toEqual(["markenmate", "shop"]);
    for (const application of all) {
      expect(computeDefaultPrivileges(ACCESS, application)).toContainEqual({
        name: "backup-table",
        owner: ownerIn(application),
        role: "markenmate_backup",
        schema: undefined,
        objectType: "table",
        privileges: ["SELECT"],
      });
    }
  });

  it("are audited as the first one's roles are, the master once", () => {
    expect(computeAuditSettings(named("shop"), "chief", true)).toContainEqual({
      login: "shop_readonly_clone",
      name: "pgaudit.log",
      value: "all",
    });
    const ofMaster = all
      .flatMap((one) => computeAuditSettings(one, "chief", true))
      .filter(({ login }) => login === "chief");
    expect(ofMaster).toHaveLength(1);
  });
});

describe("mistakes", () => {
  it.each<[string, object, string]>([
    [
      "a name",
      { Shop: {} },
      "applications.Shop: must be lower-case letters and digits, beginning with a letter, e.g. markenmate",
    ],
    ["a reserved name", { postgres: {} }, "applications.postgres: is reserved by PostgreSQL; choose another name"],
    [
      "a name that begins roles with pg_",
      { pg: {} },
      "applications.pg: is reserved by PostgreSQL; choose another name",
    ],
    [
      "the first one again",
      { markenmate: {} },
      "applications.markenmate: is the application that the stack is named after; its settings stand at the top",
    ],
    [
      "a key",
      { shop: { schema: ["a"] } },
      "applications.shop.schema: is not a known key; did you mean applications.shop.schemas?",
    ],
    [
      "a database that is nobody's",
      { shop: { database: "shops" }, stock: {} },
      'applications.shop.database: "shops" is no application with a database of its own; set one of markenmate, stock, or leave it out',
    ],
    [
      "a database of somebody who has none",
      { shop: { database: "markenmate" }, stock: { database: "shop" } },
      'applications.stock.database: "shop" is no application with a database of its own; set one of markenmate, or leave it out',
    ],
    [
      "a schema that is another's",
      { shop: { database: "markenmate", schemas: ["public"] } },
      'applications.shop.schemas: "public" of the database markenmate is markenmate\'s; name another schema',
    ],
    [
      "readers that nobody may make",
      { shop: { readers: { app: ["web"] } } },
      "access.deployers: is empty while applications.shop.readers.app is not; name the roles that run this stack, or they could not read the secrets",
    ],
  ])("%s", (_, applications, message) => {
    expect(mistakes({ applications })).toEqual([message]);
  });
});

describe("an update", () => {
  const account = { id: "123456789012", partition: "aws", region: "eu-central-1" };
  const at = (applications: object, more: object = {}) => factsOf(settings(applications, more), account);
  const unprotected = { database: { deletionProtection: false } };

  it("adds applications, and takes out none whose tables are protected", () => {
    expect(findRefusals(at({}), at(THREE))).toEqual([]);
    expect(findRefusals(at(THREE), at({ shop: {} }, unprotected))).toEqual([
      "applications.stock: is gone, which would delete the role that owns its tables; put it back, or first set database.deletionProtection to false and update",
      "applications.jobs: is gone, which would delete the role that owns its tables; put it back, or first set database.deletionProtection to false and update",
    ]);
    expect(findRefusals(at({ shop: {} }), at({}))).toEqual([
      "applications.shop: is gone, which would delete the role that owns its tables and the database shop with them; put it back, or first set database.deletionProtection to false and update",
    ]);
    expect(findRefusals(at(THREE, unprotected), at({}))).toEqual([]);
  });

  it("leaves them in their database", () => {
    expect(findRefusals(at({ shop: {} }), at({ shop: { database: "markenmate" } }))).toEqual([
      'applications.shop.database: "markenmate" would leave its tables behind in shop; set shop again, or add an application with another name and move the data',
    ]);
  });

  it("rotates their passwords by one generation, and says so", () => {
    const [first, second] = [1, 2].map((generation) => at({ shop: { roles: { app: { generation } } } }));
    expect(findRefusals(at({ shop: {} }), second as never)).toEqual([
      "applications.shop.roles.app.generation: 2 (with applications.shop.roles.all) skips 1, and would change the password that is in use now; raise it by one, update, and raise it again",
    ]);
    expect(describeAllRotations(at({ shop: {} }), first as never)).toEqual([
      "shop: app: password generation 1 is set on the login shop_app_clone, then the secret points to it; shop_app keeps its password until generation 2",
    ]);
  });
});

/** What AWS takes once in an account and region, or once in the world. */
const NAMED =
  /(Instance|Role|Policy|Alias|Secret|LogGroup|Topic|Document|Cluster|TaskDefinition|Schedule|EventRule|Trail)$/;
const ALSO_NAMED =
  /(MetricAlarm|Dashboard|QueryDefinition|ParameterGroup|SubnetGroup|EventSubscription|InstanceProfile|Bucket)$/;

function namesIn(resources: Registered[]): string[] {
  const taking = resources.filter(({ type }) => type.startsWith("aws:") && (NAMED.test(type) || ALSO_NAMED.test(type)));
  return taking.flatMap(({ type, name, inputs }) => {
    const given = (inputs.name ?? inputs.identifier ?? inputs.family ?? inputs.dashboardName ?? name) as string;
    const isPart = ["aws:secretsmanager/secretPolicy:SecretPolicy", "aws:iam/rolePolicy:RolePolicy"].includes(type);
    return isPart ? [] : [`${type} ${given}`];
  });
}

describe("several stacks in one account", () => {
  it("never name two things alike, whatever the stacks and applications are called", async () => {
    const config = configOf("prod");
    // As treacherous as they get: stacks that are called like parts of another one's names.
    const applications = JSON.stringify({ shop: {}, app: {}, backup: {} });
    const stacks = ["prod", "prod-app", "prod-backup", "prod-shop", "prod-shop-app", "prod-master", "prod-app-clone"];
    const owners = new Map<string, string>();
    const clashes: string[] = [];
    for (const stack of stacks) {
      const resources = await registeredBy(stack, { ...config, "markenmate:applications": applications });
      const names = namesIn(resources);
      expect(names.length).toBeGreaterThan(60);
      expect(new Set(names).size, stack).toBe(names.length);
      for (const name of names) {
        const owner = owners.get(name);
        owners.set(name, stack);
        if (owner) {
          clashes.push(`${name}: ${owner} and ${stack}`);
        }
      }
    }
    expect(clashes).toEqual([]);
  });
});

describe("the role of the live check", () => {
  it("has room for any number of applications in the 10,240 characters that IAM leaves it", () => {
    const arn = (service: string, rest: string) => `arn:aws:${service}:eu-central-1:123456789012:${rest}`;
    const policy = checkPolicy({
      account: { id: "123456789012", partition: "aws", region: "eu-central-1" },
      stack: "markenmate-prod",
      bucketArn: "arn:aws:s3:::markenmate-prod-backups-1a2b3c4",
      topicArn: arn("sns", "markenmate-prod-events"),
      keyArns: [arn("kms", "key/1234")],
      secretArns: [arn("secretsmanager", "secret:markenmate-prod-app-AbCdEf")],
    });
    const secrets = policy.Statement.find(({ Sid }) => Sid === "Secrets")?.Resource as string[];
    // The dot keeps out the secrets of a stack whose name begins with this one's.
    expect(secrets).toContain(arn("secretsmanager", "secret:markenmate-prod-for.*"));
    expect(JSON.stringify(policy).length).toBeLessThan(10_240 / 2);
  });
});
