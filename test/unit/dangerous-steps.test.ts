import { describe, expect, it } from "vitest";
import { dangerousSteps } from "../../.github/steps/dangerous-steps";
import { Step } from "../../.github/steps/preview-events";

const ROLE = "postgresql:index/role:Role";
const INSTANCE = "aws:rds/instance:Instance";
const step = (op: string, type: string, name = "it", more: Partial<Step> = {}): Step => ({
  ...{ op, urn: `urn:pulumi:prod::markenmate::markenmate:components:Any$${type}::${name}`, type },
  ...{ paths: [], before: {}, after: {}, isProtected: false },
  ...more,
});
const whys = (...steps: Step[]) => dangerousSteps(steps).map(({ name, why }) => `${name} ${why.split(":")[0]}`);

describe("what is dangerous", () => {
  it.each([
    [INSTANCE, "the database: all data in it go"],
    ["postgresql:index/database:Database", "the database: all data in it go"],
    ["aws:kms/key:Key", "a key: what it has encrypted can be read by nobody"],
    ["aws:kms/replicaKey:ReplicaKey", "a key: what it has encrypted can be read by nobody"],
    ["aws:s3/bucket:Bucket", "a bucket: backups and logs in it go"],
  ])("the end of %s, for good", (type, why) => {
    const found = ["create", "update", "delete", "replace", "import"].flatMap((op) => dangerousSteps([step(op, type)]));
    expect(found).toEqual([
      { name: "it", why: expect.stringMatching(`^deletes ${why}.*give it an alias`) as string },
      { name: "it", why: expect.stringMatching(`^replaces ${why}.*give it an alias`) as string },
    ]);
  });

  it.each([
    ["aws:secretsmanager/secret:Secret", {}, "a secret: whoever reads its login is shut out"],
    [ROLE, {}, "a login: whoever uses it is shut out, and its rights go with it"],
    [INSTANCE, { replicateSourceDb: "markenmate-prod" }, "a read replica: whoever reads from it is shut out"],
  ])("the end of %s, which shuts somebody out", (type, before, why) => {
    expect(dangerousSteps([step("delete", type, "it", { before })])).toEqual([{ name: "it", why: `deletes ${why}` }]);
  });

  it("of roles, for good, that which owns the tables, by its name or because it was protected", () => {
    const roles = ["migrate", "migrate-clone", "app"].map((role) => step("delete", ROLE, `markenmate-prod-${role}`));
    expect(whys(...roles, step("replace", ROLE, "renamed", { isProtected: true }))).toEqual([
      "markenmate-prod-migrate deletes the role that owns the tables",
      "renamed replaces the role that owns the tables",
      "markenmate-prod-migrate-clone deletes a login",
      "markenmate-prod-app deletes a login",
    ]);
  });

  it("first what is lost for good", () => {
    const restart = step("update", INSTANCE, "database", { paths: ["instanceClass"] });
    expect(whys(restart, step("delete", ROLE), step("replace", "aws:kms/key:Key", "key"))).toEqual([
      "key replaces a key",
      "database restarts the database",
      "it deletes a login",
    ]);
  });

  it("a restart of the database, at once or later", () => {
    const parameters = (value: string) => ({
      parameters: [
        { name: "max_connections", value, applyMethod: "pending-reboot" },
        { name: "lock_timeout", value, applyMethod: "immediate" },
        { name: "shared_buffers", value: "1", applyMethod: "pending-reboot" },
      ],
    });
    const [before, after] = [parameters("1"), parameters("2")];
    const steps = [
      step("update", INSTANCE, "database", { paths: ["instanceClass", "tags"] }),
      step("update", "aws:rds/parameterGroup:ParameterGroup", "group", { paths: ["parameters[0]"], before, after }),
    ];
    expect(dangerousSteps(steps)).toEqual([
      { name: "database", why: "restarts the database: instanceClass" },
      { name: "group", why: "takes effect with a restart of the database: max_connections" },
    ]);
  });

  it("not what happens every day: a rotation, a tag, something new", () => {
    const everyday = [
      step("replace", "random:index/randomPassword:RandomPassword", "app"),
      step("replace", "aws:secretsmanager/secretVersion:SecretVersion", "app"),
      step("update", ROLE, "app", { paths: ["password"] }),
      step("update", INSTANCE, "database", { paths: ["tags"] }),
      step("create", "aws:kms/key:Key", "key"),
    ];
    expect(dangerousSteps(everyday)).toEqual([]);
  });
});
