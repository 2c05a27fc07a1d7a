import { describe, expect, it } from "vitest";
import { dangerousSteps } from "../../policy/dangerous-steps";

const urn = (type: string, name = "one") => `urn:pulumi:prod::markenmate::markenmate:components:Any$${type}::${name}`;
const step = (op: string, type: string, name?: string) => ({ op, urn: urn(type, name) });
const ROLE = "postgresql:index/role:Role";

describe("dangerous steps", () => {
  it.each([
    ["aws:rds/instance:Instance", "the database"],
    ["postgresql:index/database:Database", "the database"],
    ["aws:kms/key:Key", "a key"],
    ["aws:kms/replicaKey:ReplicaKey", "a key"],
    ["aws:s3/bucket:Bucket", "a bucket"],
  ])("are the end of %s", (type, what) => {
    expect(dangerousSteps([step("delete", type)])).toEqual([
      { urn: urn(type), op: "delete", what, why: expect.stringContaining("alias") as string },
    ]);
    expect(dangerousSteps([step("create", type), step("update", type), step("same", type)])).toEqual([]);
  });

  it("tell a replacement once, whatever the engine does first", () => {
    const type = "aws:rds/instance:Instance";
    const ops = ["create-replacement", "replace", "delete-replaced"];
    const found = dangerousSteps(ops.map((op) => step(op, type)));
    expect(found.map(({ op, what }) => `${op} ${what}`)).toEqual(["replace the database"]);
  });

  it("are about the role that owns the tables, and no other", () => {
    const steps = ["migrate", "migrate-clone", "app", "readonly"].map((role) =>
      step("delete", ROLE, `markenmate-prod-${role}`),
    );
    expect(dangerousSteps(steps).map(({ urn }) => urn)).toEqual([urn(ROLE, "markenmate-prod-migrate")]);
  });

  it("take a role for the owner that was protected under another name", () => {
    const found = dangerousSteps([{ ...step("delete", ROLE, "renamed"), oldState: { protect: true } }]);
    expect(found.map(({ what }) => what)).toEqual(["the role that owns the tables"]);
  });

  it("are none in what can be made again", () => {
    const types = ["aws:iam/role:Role", "postgresql:index/grant:Grant", "aws:rds/parameterGroup:ParameterGroup"];
    expect(dangerousSteps(types.map((type) => step("replace", type)))).toEqual([]);
  });
});
