import { describe, expect, it } from "vitest";
import { databaseSubnets } from "../../model/network/subnets";

describe("database subnets", () => {
  it.each([
    ["10.20.0.0/16", 3, ["10.20.0.0/20", "10.20.16.0/20", "10.20.32.0/20"]],
    ["192.168.4.0/24", 2, ["192.168.4.0/28", "192.168.4.16/28"]],
    ["172.31.0.0/20", 2, ["172.31.0.0/24", "172.31.1.0/24"]],
  ])("of %s in %i zones", (cidr, zones, subnets) => {
    expect(databaseSubnets(cidr, zones)).toEqual(subnets);
  });
});
