import { describe, expect, it } from "vitest";
import { Deployed, factsOf, findRefusals } from "../../model/deployed";
import { parseSettings } from "../../model/settings";

const account = { id: "123456789012", partition: "aws", region: "eu-central-1" };
const before = factsOf(parseSettings("dev", {}), account);
const after = (raw: Record<string, unknown>) => factsOf(parseSettings("dev", raw), account);
const ELSEWHERE = "build a second stack with the new value, restore the data into it, then destroy this one";
const EXISTING = { vpcId: "vpc-0a1b2c3d", databaseSubnetIds: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"] };

describe("what may not change on a stack that is there", () => {
  it.each<[string, Deployed, string]>([
    [
      "the account",
      { ...before, accountId: "210987654321" },
      "the credentials belong to account 210987654321, but the stack lives in 123456789012; use that account's credentials",
    ],
    [
      "the region",
      { ...before, region: "eu-west-1" },
      `aws:region: eu-west-1 would build everything anew beside what is in eu-central-1; set eu-central-1 again, or ${ELSEWHERE}`,
    ],
    [
      "the application's name",
      after({ application: "shop" }),
      `application: "shop" would replace the database, its keys, the backup bucket and the role that owns the tables, all named after "markenmate"; set markenmate again, or ${ELSEWHERE}`,
    ],
    [
      "the master's name",
      after({ database: { masterUsername: "chief" } }),
      `database.masterUsername: "chief" would replace the database, whose master is "markenmate_admin"; set markenmate_admin again, or ${ELSEWHERE}`,
    ],
    [
      "the VPC's range",
      after({ network: { vpcCidr: "10.30.0.0/16" } }),
      `network.vpcCidr: 10.30.0.0/16 would move the database out of 10.20.0.0/16, which RDS does only by replacing it; set what was there again, or ${ELSEWHERE}`,
    ],
    [
      "the VPC for another one",
      after({ network: EXISTING }),
      `network.vpcId: vpc-0a1b2c3d would move the database out of 10.20.0.0/16, which RDS does only by replacing it; set what was there again, or ${ELSEWHERE}`,
    ],
    [
      "fewer zones",
      after({ network: { availabilityZones: 2 } }),
      "network.availabilityZones: 2 would delete a subnet that the database may be in; keep 3, a subnet costs nothing",
    ],
    [
      "an older version",
      after({ database: { engineVersion: "16" } }),
      `database.engineVersion: "16" is older than the 17 that runs, and PostgreSQL never goes back; set "17" or later, or ${ELSEWHERE}`,
    ],
  ])("%s", (_, changed, message) => {
    expect(findRefusals(before, changed)).toEqual([message]);
  });

  it("less storage than is allocated", () => {
    expect(findRefusals(after({ database: { storageGb: 50 } }), before)).toEqual([
      `database.storageGb: 20 is less than the 50 GiB that are allocated, and RDS never shrinks storage; set 50 or more, or ${ELSEWHERE}`,
    ]);
  });

  it("an upgrade that would end in the middle", () => {
    const at = (engineVersion: string, more = {}) => after({ database: { engineVersion, ...more } });
    expect(findRefusals(before, at("18"))).toEqual([
      `database.engineVersion: "18" is an upgrade of the 17 that runs, and would wait for the maintenance window without its parameter group; set database.applyImmediately to true for the update that makes it`,
    ]);
    const now = { applyImmediately: true };
    expect(findRefusals(before, at("18", now))).toEqual([]);
    const replicated = { ...now, masterPassword: "stack", readReplica: true };
    expect(findRefusals(at("17", replicated), at("18", replicated))).toEqual([
      `database.engineVersion: "18" is an upgrade of the 17 that runs, and its read replica cannot come along; set database.readReplica to false and update, then upgrade`,
    ]);
    expect(findRefusals(before, at("17.11"))).toEqual([]);
  });

  it("a subnet of an existing VPC that the database may be in", () => {
    const more = { ...EXISTING, databaseSubnetIds: [...EXISTING.databaseSubnetIds, "subnet-2a1b2c3d"] };
    expect(findRefusals(after({ network: EXISTING }), after({ network: more }))).toEqual([]);
    expect(findRefusals(after({ network: more }), after({ network: EXISTING }))).toEqual([
      "network.databaseSubnetIds: subnet-2a1b2c3d may hold the database; keep it in the list, and add to it only",
    ]);
  });

  it("the region of the copies of backups, once there are any", () => {
    const [west, north] = ["eu-west-1", "eu-north-1"].map((replicaRegion) => after({ backup: { replicaRegion } }));
    expect(findRefusals(west as Deployed, north as Deployed)).toEqual([
      "backup.replicaRegion: eu-north-1 would replace the bucket in eu-west-1 and all copies in it; set eu-west-1 again, or leave the setting out first, which deletes that bucket once it is empty",
    ]);
    expect(findRefusals(before, west as Deployed)).toEqual([]);
    expect(findRefusals(west as Deployed, before)).toEqual([]);
  });

  it("lets everything else change", () => {
    expect(findRefusals(before, before)).toEqual([]);
    expect(
      findRefusals(
        after({ network: { availabilityZones: 2 } }),
        after({
          database: {
            storageGb: 200,
            engineVersion: "18",
            applyImmediately: true,
            instanceClass: "db.m7g.large",
            port: 6000,
          },
        }),
      ),
    ).toEqual([]);
  });
});
