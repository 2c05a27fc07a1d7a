import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { alarmDefinitions } from "../../components/alarms/definitions";
import { OLD_VERSION_DAYS } from "../../components/closed-bucket";
import { PARAMETERS } from "../../components/parameters";
import { compliancePage, LISTS, prove } from "../../docs/compliance";
import { Control, ENVIRONMENTS, everywhere, List, resource, unit } from "../../docs/compliance/control";
import { Evidence, gatherEvidence } from "../../docs/compliance/evidence";
import { valuesAt } from "../../docs/compliance/property";
import { listTable, stateOf } from "../../docs/compliance/render";
import { readTests } from "../../docs/compliance/titles";
import { RETENTIONS, settingsOf } from "../../docs/retention";
import { AWS_CHECKS } from "../../ops/checks/aws";
import { DATABASE_CHECKS } from "../../ops/checks/database";
import { ROOT } from "../../local/platform/paths";

const CHECKS = [...DATABASE_CHECKS, ...AWS_CHECKS];
const IDS = LISTS.flatMap(({ asks }) => Object.keys(asks));

let evidence: Evidence;
beforeAll(async () => {
  evidence = await gatherEvidence();
}, 60_000);

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
    ...alarmDefinitions({
      stack: "",
      maxConnections: 1,
      memoryBytes: 0,
      allocatedGb: 0,
      burstable: true,
      replica: true,
    }).map(({ name, controls }) => [`alarm ${name}`, controls] as const),
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
  const instance = resource("database.ts", "aws:rds/instance:Instance");
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
      { resources: [resource("network.ts", "aws:rds/instance:Instance").exists()] },
      'one: components/network.ts does not make a aws:rds/instance:Instance: there is no ".Instance(" in it',
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

describe("the titles of tests", () => {
  it("are read as they are written: nested, in tables, in templates; not those that do not run", () => {
    const { titles, texts, imports } = readTests(
      `import { x } from "./x";
       describe.each(["a", "b"])("the %s", (name) => {
         it("is", () => {});
         describe("inner", () => { it.each([["line", 1]])("has %s", () => {}); });
         it.skip("rests", () => {});
         test(\`knows \${name}\`, () => {});
       });
       describe.skip("asleep", () => { it("dreams", () => {}); });
       other("is none", () => {});`,
      "x.test.ts",
    );
    expect(titles).toEqual(["the %s > is", "the %s > inner > has %s", "the %s > knows ${name}"]);
    expect(texts).toContain("line");
    expect(imports).toEqual(["./x"]);
  });
});

describe("a property", () => {
  const inputs = {
    plain: 1,
    parameters: [
      { name: "a.b", value: "on" },
      { name: "c", value: "off" },
    ],
    rules: [{ days: 1 }, { days: 2 }],
  };

  it.each([
    ["plain", [1]],
    ["parameters[name=a.b].value", ["on"]],
    ["parameters[name=d].value", []],
    ["rules.*.days", [1, 2]],
    ["nothing.there", [undefined]],
  ])("%s", (place, values) => {
    expect(valuesAt(inputs, place)).toEqual(values);
  });
});

describe("the page", () => {
  it("shows an exception with its reason, and no cell ends too early", () => {
    const text = listTable({
      title: "",
      about: "",
      asks: { one: "a | b" },
      controls: { one: { exceptions: everywhere("too dear") } },
    });
    expect(text.split("\n")[2]).toBe("| one | a \\| b | **Exception**: too dear | exception | exception |");
  });
});

describe("personal data", () => {
  /** What a row of the table says, in numbers. */
  const days = (where: string) => {
    const row = RETENTIONS.find((one) => one.where === where);
    return ENVIRONMENTS.map((environment) => [...(row?.[environment] ?? "").matchAll(/\d+/g)].map(Number));
  };
  const registered = (environment: "dev" | "prod", type: string, name: string, property: string) => {
    const all = evidence.registered[environment].filter((one) => one.type === type && one.name.endsWith(name));
    expect(all, `${type} ${name}`).toHaveLength(1);
    return valuesAt(all[0]?.inputs, property)[0];
  };
  const both = (type: string, name: string, property: string) =>
    ENVIRONMENTS.map((environment) => registered(environment, type, `${environment}${name}`, property));

  it("live as long as the table says, by what the program registers", () => {
    const rule = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
    const kept = both(rule, "-backups", "rules.*.expiration.days");
    expect(days("the daily dumps")).toEqual(kept.map((count) => [count, OLD_VERSION_DAYS]));
    expect(both(rule, "-backups", "rules.*.noncurrentVersionExpiration.noncurrentDays")).toEqual([
      OLD_VERSION_DAYS,
      OLD_VERSION_DAYS,
    ]);
    const instance = both("aws:rds/instance:Instance", "", "backupRetentionPeriod");
    expect(days("RDS's snapshots and logs of changes")).toEqual(instance.map((count) => [count]));
    const lock = both(
      "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
      "-backups",
      "rule.defaultRetention.days",
    );
    expect(days("of these, what nobody can delete before")).toEqual(lock.map((count) => [count]));
    const insights = both("aws:rds/instance:Instance", "", "performanceInsightsRetentionPeriod");
    expect(days("Performance Insights")).toEqual(insights.map((count) => [count]));
    const logs = both("aws:cloudwatch/logGroup:LogGroup", "-postgresql", "retentionInDays");
    expect(days("PostgreSQL's log")).toEqual(logs.map((count) => [count]));
    const flows = both("aws:cloudwatch/logGroup:LogGroup", "-flow-logs", "retentionInDays");
    const accesses = both(rule, "-backups-access", "rules.*.expiration.days");
    const others = days("flow logs, logs of shell sessions and of accesses to the bucket");
    expect(others).toEqual(flows.map((count) => [count]));
    expect(others).toEqual(accesses.map((count) => [count]));
  });

  it("are kept until somebody deletes them where the table says so", () => {
    const row = RETENTIONS.find(({ where }) => where === "the final snapshot");
    expect(ENVIRONMENTS.map((environment) => row?.[environment] === "there is none")).toEqual(
      ENVIRONMENTS.map((environment) => !settingsOf(environment).database.finalSnapshot),
    );
  });
});
