import { describe, expect, it } from "vitest";
import { AclRule, databaseAcl, operationsAcl } from "../../model/network/acls";

const VPC = "10.20.0.0/16";
const brief = ({ egress, cidrBlock, fromPort, toPort }: AclRule) =>
  `${egress ? "to" : "from"} ${cidrBlock} ${fromPort}-${toPort}`;

describe("network ACLs", () => {
  it("of the database know the VPC and the administrators' ranges, and nobody else", () => {
    expect(databaseAcl(VPC, ["10.8.0.0/24"], 5433).map(brief)).toEqual([
      "from 10.20.0.0/16 1024-65535",
      "to 10.20.0.0/16 1024-65535",
      "from 10.8.0.0/24 5433-5433",
      "to 10.8.0.0/24 1024-65535",
    ]);
  });

  it("of endpoints and the admin host lead to S3 only when there is an endpoint for it", () => {
    const inside = operationsAcl(VPC, false).map(brief);
    expect(inside.filter((rule) => !rule.includes(VPC))).toEqual([]);
    expect(
      operationsAcl(VPC, true)
        .map(brief)
        .filter((rule) => !inside.includes(rule)),
    ).toEqual(["to 0.0.0.0/0 443-443", "from 0.0.0.0/0 32768-65535"]);
  });

  it("let nobody from anywhere in to SSH or RDP (FSBP EC2.21)", () => {
    const open = [...databaseAcl(VPC, [], 5432), ...operationsAcl(VPC, true)].filter(
      ({ egress, cidrBlock }) => !egress && cidrBlock === "0.0.0.0/0",
    );
    expect(
      open.filter(({ fromPort, toPort }) => [22, 3389].some((port) => fromPort <= port && port <= toPort)),
    ).toEqual([]);
  });

  it("give no number twice in one direction", () => {
    for (const rules of [databaseAcl(VPC, ["10.8.0.0/24", "10.9.0.0/24"], 5432), operationsAcl(VPC, true)]) {
      const numbers = rules.map(({ egress, ruleNumber }) => `${egress} ${ruleNumber}`);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });
});
