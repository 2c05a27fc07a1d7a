import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { alarmDefinitions, replicaAlarmDefinitions } from "../../model/observability/alarms";
import { PARAMETERS } from "../../model/parameters";
import { LISTS, prove } from "../../compliance";
import { Control, everywhere, List, resource, unit } from "../../compliance/control";
import { Evidence, gatherEvidence } from "../../compliance/proof/evidence";
import { compliancePage } from "../../tools/docs/compliance-page";
import { stateOf } from "../../tools/docs/compliance-tables";
import { AWS_CHECKS } from "../../ops/checks/aws";
import { DATABASE_CHECKS } from "../../ops/checks/database";
import { ROOT } from "../../platform/shared/paths";

const CHECKS = [...DATABASE_CHECKS, ...AWS_CHECKS];
const IDS = LISTS.flatMap(({ asks }) => Object.keys(asks));

let evidence: Evidence;
beforeAll(async () => {
  evidence = await gatherEvidence();
});

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("the map of controls", () => {
  it("says what is so", () => {
    expect(() => prove(evidence)).not.toThrow();
  });

  it("is the one of today (`make docs` writes it)", () => {
    expect(readFileSync(path.join(ROOT, "docs/compliance.md"), "utf8")).toBe(compliancePage());
  });

  it.each([
    ["FSBP RDS.", [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 13, 17, 18, 20, 21, 22, 23, 25, 26, 36, 38, 46]],
    ["FSBP S3.", [1, 2, 3, 5, 6, 7, 8, 9, 12, 13, 14, 15, 17]],
    ["FSBP KMS.", range(1, 5)],
    ["FSBP SecretsManager.", range(1, 4)],
    ["FSBP EC2.", [2, 3, 6, 8, 9, 15, 18, 19, 21, 172]],
    ["FSBP CloudWatch.", range(15, 17)],
    ["FSBP SNS.", [1, 4]],
    ["FSBP IAM.", [1, 21]],
    ["FSBP Backup.", [1]],
    ["FSBP CloudTrail.", [1, 2, 4, 5]],
    ["FSBP GuardDuty.", [9, 10]],
    ["CIS 3.1.", range(14, 26)],
    ["CIS 4.", [3, 4, 5, 6, 7, 9, 10]],
    ["CIS 5.", [1, 5, 6]],
    ["CIS 6.", [...range(2, 6), 8, 9, 10]],
  ])("has each of %s%j once, and no other", (prefix, numbers) => {
    const found = IDS.filter((id) => id.startsWith(prefix)).map((id) => Number(id.slice(prefix.length)));
    expect(found.sort((a, b) => a - b)).toEqual(numbers);
  });

  it("has what stands on its own, and each line of the guide's lists", () => {
    expect(IDS).toEqual(expect.arrayContaining(["CIS 1.8", "CIS 3.2", "CIS 7.2", "FSBP CloudTrail data events"]));
    const lines = LISTS.map(({ title, asks }) => [title, Object.keys(asks).length]);
    expect(lines.slice(7)).toEqual([
      ["OWASP database security, by the guide's checklist", 9],
      ["GDPR, by the guide's checklist", 7],
      ['The guide\'s "Network Security"', 7],
      ['The guide\'s "Backup Access Control"', 6],
      ['The guide\'s "Key Metrics to Monitor"', 6],
      ['The guide\'s "Superuser Role": access control', 4],
      ['The guide\'s "Automated Security Checks"', 6],
      ['The guide\'s "Next Steps"', 12],
    ]);
  });

  const served = [
    ...CHECKS.map(({ check, controls }) => [`check ${check}`, controls] as const),
    ...PARAMETERS.map(({ name, controls }) => [`parameter ${name}`, controls] as const),
    ...[alarmDefinitions, replicaAlarmDefinitions]
      .flatMap((definitionsOf) =>
        definitionsOf({ stack: "", maxConnections: 1, memoryBytes: 0, allocatedGb: 0, burstable: true }),
      )
      .map(({ name, controls }) => [`alarm ${name}`, controls] as const),
  ];
  const ofLists = (controls: readonly string[]) =>
    controls.filter((id) => /^(FSBP|CIS) /.test(id)).map((id) => id.replace(/ \(exception\)$/, ""));

  it("knows every control that a check, a parameter or an alarm says to serve", () => {
    const unknown = served.flatMap(([what, controls]) =>
      ofLists(controls)
        .filter((id) => !IDS.some((one) => one === id || one.startsWith(`${id}.`)))
        .map((id) => `${what}: ${id}`),
    );
    expect(unknown).toEqual([]);
  });

  it("names each check with the controls that the check says to serve", () => {
    const controls: Record<string, Control> = Object.assign({}, ...LISTS.map((list) => list.controls));
    const missing = CHECKS.flatMap(({ check, controls: ids }) =>
      ofLists(ids)
        .filter((id) => controls[id] && !controls[id].checks?.includes(check))
        .map((id) => `${id}: ${check}`),
    );
    expect(missing).toEqual([]);
  });
});

describe("what is not so", () => {
  const instance = resource("database/database.ts", "aws:rds/instance:Instance");
  const title = "database > is private, encrypted with its own key, and hard to delete";
  const right: Control = {
    resources: [instance.is("publiclyAccessible", false)],
    checks: ["instance"],
    tests: [unit("components", title)],
  };
  const told = (control: Control, asks: Record<string, string> = { one: "" }) => {
    const list: List = { title: "", about: "", asks, controls: { one: control } };
    try {
      prove(evidence, [list]);
    } catch (error) {
      const [, ...lines] = (error as Error).message.split("\n");
      return lines.filter((line) => !line.includes("a policy serves it")).map((line) => line.trim());
    }
    return [];
  };

  it("is nothing, when all is", () => {
    expect(told(right)).toEqual([]);
  });

  it.each<[string, Partial<Control>, string]>([
    [
      "a test that does not exist",
      { tests: [unit("components", "database > is private")] },
      'one: test/unit/components.test.ts has no test, or more than one, called "database > is private"',
    ],
    [
      "a test with another word",
      { tests: [unit("components", title.replace("hard", "easy"))] },
      `one: test/unit/components.test.ts has no test, or more than one, called "${title.replace("hard", "easy")}"; did you mean "${title}"?`,
    ],
    [
      "a file that does not exist",
      { tests: [unit("component", title)] },
      'one: there is no test/unit/component.test.ts; did you mean "test/unit/components.test.ts"?',
    ],
    [
      "a line that a table does not have",
      { tests: [unit("check-aws", "an instance > %s", "a colour")] },
      'one: "an instance > %s" of test/unit/check-aws.test.ts has no line "a colour"',
    ],
    [
      "a check that does not exist",
      { checks: ["instances"] },
      'one: there is no check instances; did you mean "instance"?',
    ],
    ["a policy that does not exist", { policies: ["no-such-policy"] }, "one: there is no policy no-such-policy"],
    [
      "a wrong value",
      { resources: [instance.is("publiclyAccessible", true)] },
      "one: aws:rds/instance:Instance markenmate-dev in dev: publiclyAccessible is false, not true",
    ],
    [
      "a value that is too small",
      { resources: [instance.atLeast("backupRetentionPeriod", 8)] },
      "one: aws:rds/instance:Instance markenmate-dev in dev: backupRetentionPeriod is 7, not 8 at least",
    ],
    [
      "a list without the value",
      { resources: [instance.contains("enabledCloudwatchLogsExports", "audit")] },
      'one: aws:rds/instance:Instance markenmate-dev in dev: enabledCloudwatchLogsExports is ["postgresql","upgrade"], not audit',
    ],
    [
      "a type that is not registered",
      { resources: [resource("dashboard.ts", "aws:rds/cluster:Dashboard").exists()] },
      "one: no aws:rds/cluster:Dashboard is registered in dev",
    ],
    [
      "a component that does not make it",
      { resources: [resource("network/network.ts", "aws:rds/instance:Instance").exists()] },
      'one: components/network/network.ts does not make a aws:rds/instance:Instance: there is no ".Instance(" in it',
    ],
    [
      "none of a type, where there is one",
      { resources: [instance.exists({ none: true })] },
      "one: aws:rds/instance:Instance markenmate-dev is registered in dev, and there should be none",
    ],
    ["a page that does not exist", { pages: ["nothing.md"] }, "one: there is no docs/nothing.md"],
    ["a heading that does not exist", { pages: ["aws.md#nothing"] }, "one: docs/aws.md has no heading #nothing"],
    ["no test", { tests: [] }, "one: is said to be met, and no test shows it"],
    ["nothing but a test", { resources: [], checks: [] }, "one: is said to be met, and nothing is named that meets it"],
    ["no reason", { exceptions: everywhere(" ") }, "one: is an exception without a reason"],
    ["no environment", { exceptions: [{ environments: [], reason: "why" }] }, "one: is an exception in no environment"],
    [
      "two exceptions for one environment",
      { exceptions: [...everywhere("a"), ...everywhere("b")] },
      "one: has two exceptions for one environment",
    ],
  ])("is found: %s", (_, wrong, message) => {
    expect(told({ ...right, ...wrong })).toContain(message);
  });

  it("is found: a control without an entry, and an entry without a control", () => {
    expect(told(right, { one: "", two: "" })).toEqual(["two: has no entry"]);
    expect(told(right, {})).toEqual(["one: is on no list"]);
  });

  it("is found: an id on two lists", () => {
    const list: List = { title: "", about: "", asks: { one: "" }, controls: { one: right } };
    expect(() => prove(evidence, [list, list])).toThrowError("one: is on two lists");
  });

  it("is not asked of a control that is not met", () => {
    expect(told({ exceptions: everywhere("too dear") })).toEqual([]);
    expect(stateOf({ exceptions: everywhere("too dear") }, "dev")).toBe("exception");
    expect(stateOf({ exceptions: [{ environments: ["prod"], reason: "why", part: "a part" }] }, "prod")).toBe(
      "in part",
    );
    expect(stateOf(right, "prod")).toBe("met");
  });
});
