import { describe, expect, it } from "vitest";
import { mistakes } from "../support/mistakes";

/** Settings of network, access, logs and the environment as a whole. */
describe("settings for AWS", () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      "owner",
      { owner: "a;b" },
      'owner: "a;b" is no value of a tag; use letters, digits, spaces and _ . : / = + - @, 128 at most',
    ],
    ...(["0.0.0.0/0", "::/0"] as const).map((range): [string, Record<string, unknown>, string] => [
      `the internet as ${range}`,
      { network: { adminCidrs: [range] } },
      `network.adminCidrs[0]: "${range}" lets the whole internet in; name the range of your VPN, e.g. 10.8.0.0/24`,
    ]),
    [
      "IPv6",
      { network: { adminCidrs: ["fd00::/64"] } },
      "network.adminCidrs[0]: \"fd00::/64\" is IPv6, which the database's subnets do not have; name the VPN's IPv4 range",
    ],
    [
      "a wide range",
      { network: { adminCidrs: ["10.8.0.0/24", "10.0.0.0/15"] } },
      'network.adminCidrs[1]: "10.0.0.0/15" lets in 131072 addresses; whoever has one of them can try passwords. Name the VPN\'s own range, /16 or narrower',
    ],
    [
      "subnets without their VPC",
      { network: { databaseSubnetIds: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"] } },
      'network.databaseSubnetIds: ["subnet-0a1b2c3d","subnet-1a1b2c3d"] belongs to an existing VPC; set network.vpcId too, or leave it out',
    ],
    [
      "a VPC without subnets",
      { network: { vpcId: "vpc-0a1b2c3d" } },
      "network.databaseSubnetIds: is missing; with network.vpcId, name two or three subnets of that VPC",
    ],
    [
      "half of each",
      {
        network: {
          vpcId: "vpc-0a1b2c3d",
          databaseSubnetIds: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"],
          vpcCidr: "10.20.0.0/16",
        },
      },
      'network.vpcCidr: "10.20.0.0/16" describes a VPC of the stack\'s own, but network.vpcId names an existing one; leave one of the two out',
    ],
    [
      "one subnet",
      { network: { vpcId: "vpc-0a1b2c3d", databaseSubnetIds: ["subnet-0a1b2c3d"] } },
      'network.databaseSubnetIds: ["subnet-0a1b2c3d"] is fewer than the two subnets that RDS wants; name subnets of two or three zones',
    ],
    [
      "ssm without the group of endpoints",
      {
        network: { vpcId: "vpc-0a1b2c3d", databaseSubnetIds: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"] },
        access: { mode: "ssm" },
      },
      "network.endpointSecurityGroupId: is missing; with access.mode ssm in an existing VPC, name the security group of its endpoints for Systems Manager",
    ],
    [
      "no room to grow",
      { database: { storageGb: 100, maxStorageGb: 105 } },
      "database.maxStorageGb: 105 leaves no room to grow from storageGb 100; set 110 or more",
    ],
    [
      "master",
      { database: { masterUsername: "postgres" } },
      'database.masterUsername: "postgres" is the first name that an attacker tries; choose another one',
    ],
    [
      "a replica that AWS would not make",
      { database: { readReplica: true } },
      "database.readReplica: true is not possible while RDS manages the master's password; set database.masterPassword to stack too",
    ],
    [
      "monitoring interval",
      { database: { monitoringIntervalSeconds: 20 } },
      "database.monitoringIntervalSeconds: 20 is no interval that RDS knows; set 1, 5, 10, 15, 30 or 60, or 0 for none",
    ],
    [
      "backup window",
      { database: { backupWindow: "1:00-2:00" } },
      'database.backupWindow: "1:00-2:00" is no window that RDS knows; write it as 01:00-02:00, in UTC',
    ],
    [
      "maintenance window",
      { database: { maintenanceWindow: "sun:03:00-sun:03:20" } },
      'database.maintenanceWindow: "sun:03:00-sun:03:20" is shorter than RDS\'s minimum of 30 minutes; make it longer',
    ],
    [
      "windows that overlap",
      { database: { backupWindow: "23:30-00:30", maintenanceWindow: "mon:00:00-mon:01:00" } },
      'database.maintenanceWindow: "mon:00:00-mon:01:00" overlaps the backup at 23:30-00:30, which RDS refuses; move one of the two',
    ],
    [
      "an ARN for a name",
      { access: { deployers: ["arn:aws:iam::123456789012:role/x"] } },
      'access.deployers[0]: "arn:aws:iam::123456789012:role/x" is no name of an IAM role; write the role\'s name, with its path if it has one, without arn:aws:iam',
    ],
    [
      "readers without deployers",
      { access: { readers: { app: ["web"] } } },
      "access.deployers: is empty while readers.app is not; name the roles that run this stack, or they could not read the secrets",
    ],
    [
      "retention",
      { logs: { retentionDays: 100 } },
      "logs.retentionDays: 100 is no number of days that CloudWatch Logs can keep; set one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
    ],
    [
      "statements",
      { logs: { statements: "everything" } },
      'logs.statements: "everything" is not known here; set one of none, ddl, mod, all',
    ],
    ["values", { logs: { values: "no" } }, 'logs.values: "no" must be true or false'],
    [
      "a hidden column that is no plain name",
      { logs: { hiddenColumns: ["pass word"] } },
      'logs.hiddenColumns[0]: "pass word" is no plain name of a column; use letters, digits and _',
    ],
    [
      "a hidden column that CloudWatch has no room for",
      { logs: { hiddenColumns: ["a".repeat(41)] } },
      `logs.hiddenColumns[0]: "${"a".repeat(41)}" is too long: CloudWatch takes a pattern of 200 characters, which is that of 40 letters; a longer name cannot be hidden`,
    ],
    [
      "a hidden column twice",
      { logs: { hiddenColumns: ["email", "Email"] } },
      'logs.hiddenColumns: ["email","Email"] names a column twice; name each once, in upper or lower case',
    ],
    [
      "more hidden columns than CloudWatch takes",
      { logs: { hiddenColumns: [..."abcdefghijk"].map((letter) => `column_${letter}`) } },
      'logs.hiddenColumns: ["column_a","column_b","column_c","column_d","column_e","column_f","column_g","column_h","column_i","column_j","column_k"] are too many: CloudWatch takes 10 patterns; leave those with the least delicate values out',
    ],
    [
      "a hidden column that alarms look for",
      { logs: { hiddenColumns: ["email", "user"] } },
      'logs.hiddenColumns[1]: "user" is a word of PostgreSQL\'s own log as well, which would be hidden from alarms with it; leave it out, or give the column another name',
    ],
  ])("names key, value and cure in AWS: %s", (_, raw, message) => {
    expect(mistakes(raw)).toEqual([message]);
  });

  it("limits the stack's name to what AWS's names have room for", () => {
    expect(mistakes({}, "a".repeat(29))).toEqual([]);
    expect(mistakes({}, "a".repeat(30))).toEqual([
      `the name markenmate-${"a".repeat(30)} has 41 characters; AWS's limits leave 40. Shorten the stack's name or application by 1`,
    ]);
    expect(mistakes({}, "My_stack")).toEqual([
      "the stack's name My_stack must be lower-case letters, digits and single hyphens, e.g. prod: RDS takes no other names",
    ]);
  });

  it("asks more of prod, and of prod alone", () => {
    const raw = { database: { backupRetentionDays: 3 }, logs: { retentionDays: 30, values: true } };
    expect(mistakes(raw, "prod")).toEqual([
      "database.backupRetentionDays: 3 is below the 7 days that prod needs (FSBP RDS.11); set 7 to 35",
      "logs.retentionDays: 30 is below the year that prod needs (FSBP CloudWatch.16); set 365 or more",
      "logs.values: true writes the users' data, and every row that an error quotes, into prod's log; leave it false",
      "notifications.emails: is empty; in prod, name somebody whom alarms reach, e.g. [database-alarms@example.com]",
      "access.deployers: is empty; in prod, name the IAM roles that run this stack, e.g. [markenmate-deploy]",
    ]);
    expect(mistakes(raw, "dev")).toEqual([]);
  });
});
