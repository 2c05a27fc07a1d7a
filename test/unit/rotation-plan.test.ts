import { describe, expect, it } from "vitest";
import { NEVER_ROTATED } from "../../model/access/rotation";
import { Refusal } from "../../ops/shared/errors";
import { besides, planRotation, tooEarly } from "../../ops/rotation/plan";

const deployed = { ...NEVER_ROTATED, app: { generation: 3, revokePrevious: false } };

describe("the plan of a rotation", () => {
  it.each([
    ["the next one", { app: { generation: 3 } }, { from: 3, to: 4, generation: 4, unfinished: false }],
    [
      "over what is set for all",
      { all: { generation: 2 }, app: { generation: 1 } },
      { from: 1, to: 2, generation: 4, unfinished: false },
    ],
    ["what was begun", { app: { generation: 4 } }, { from: 4, to: 4, generation: 4, unfinished: true }],
  ])("is %s", (_, configured, change) => {
    expect(planRotation(configured, deployed, ["app"])).toEqual([{ role: "app", ...change }]);
  });

  it("refuses a role that the stack has not yet", () => {
    const { monitor: _, ...earlier } = deployed;
    expect(() => planRotation({}, earlier, ["app", "monitor"])).toThrow(
      new Refusal("monitor: the stack has no such role yet. Run `pulumi up` first, which makes it"),
    );
  });

  it("waits for the login that it would end, and not when it ends none or finishes what was begun", () => {
    const now = new Date("2026-01-01T12:00:00Z");
    const changedAt = { app: new Date("2026-01-01T11:50:00Z"), readonly: new Date("2026-01-01T11:50:00Z") };
    const plan = (configured: object) => planRotation(configured, deployed, ["app", "readonly"]);
    expect(tooEarly(changedAt, plan({ app: { generation: 3 } }), now, 60)).toEqual([{ role: "app", minutes: 50 }]);
    expect(tooEarly(changedAt, plan({ app: { generation: 3 } }), now, 10)).toEqual([]);
    expect(tooEarly(changedAt, plan({ app: { generation: 4 } }), now, 60)).toEqual([]);
  });
});

describe("what an update does besides", () => {
  const urn = (types: string, name: string) => `urn:pulumi:prod::markenmate::${types}::${name}`;
  const step = (op: string, types: string, name: string) => ({ op, urn: urn(types, name) });
  const role = "markenmate:components:Roles$postgresql:index/role:Role";

  it("is nothing, when it rotates these roles", () => {
    const steps = [
      step("update", role, "markenmate-prod-app-clone"),
      step("create-replacement", "c:C$random:index/randomPassword:RandomPassword", "markenmate-prod-app"),
      step("replace", "c:C$random:index/randomBytes:RandomBytes", "markenmate-prod-app-clone-salt"),
      step("create-replacement", "c:C$aws:secretsmanager/secretVersion:SecretVersion", "markenmate-prod-app"),
      step("update", "c:R$pulumi:providers:postgresql", "markenmate-prod"),
      step("same", "aws:rds/instance:Instance", "markenmate-prod"),
    ];
    expect(besides(steps, ["app"])).toEqual([]);
  });

  it("is everything else, another role's password too", () => {
    const steps = [
      step("update", role, "markenmate-prod-readonly"),
      step("update", "markenmate:components:Roles$postgresql:index/grant:Grant", "markenmate-prod-app"),
      step("delete", "aws:rds/instance:Instance", "markenmate-prod-app"),
    ];
    expect(besides(steps, ["app"])).toEqual(steps);
  });
});
