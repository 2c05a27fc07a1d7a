import { describe, expect, it } from "vitest";
import { OLD_VERSION_DAYS } from "../../model/policies/backups";
import { ENVIRONMENTS } from "../../compliance/control";
import { valuesAt } from "../../compliance/proof/property";
import { registrations } from "../../compliance/proof/registrations";
import { retentionsOf } from "../../model/retention";
import { settingsOf } from "../../tools/docs/environment-settings";

const retentions = retentionsOf(settingsOf("dev"), settingsOf("prod"));

describe("personal data", async () => {
  const all = await registrations();
  /** What a row of the table says, in numbers. */
  const days = (where: string) => {
    const row = retentions.find((one) => one.where === where);
    return ENVIRONMENTS.map((environment) => [...(row?.[environment] ?? "").matchAll(/\d+/g)].map(Number));
  };
  const registered = (environment: "dev" | "prod", type: string, name: string, property: string) => {
    const found = all[environment].filter((one) => one.type === type && one.name.endsWith(name));
    expect(found, `${type} ${name}`).toHaveLength(1);
    return valuesAt(found[0]?.inputs, property)[0];
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
    const row = retentions.find(({ where }) => where === "the final snapshot");
    expect(ENVIRONMENTS.map((environment) => row?.[environment] === "there is none")).toEqual(
      ENVIRONMENTS.map((environment) => !settingsOf(environment).database.finalSnapshot),
    );
  });
});
