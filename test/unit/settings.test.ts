import { EFFECTS, settingKeys, settingOf } from "../../model/settings/effects";
import { describe, expect, it } from "vitest";
import { parseSettings, SettingsError } from "../../model/settings";
import { NEVER_ROTATED } from "../../model/access/rotation";
import { mistakes } from "../support/mistakes";

describe("settings", () => {
  // test/stack/changes.test.ts compares each with what the engine shows.
  it("say of each what a change of it does", () => {
    expect([...new Set(Object.keys(EFFECTS).map(settingOf))].sort()).toEqual(settingKeys().sort());
  });

  it("has a default for everything", () => {
    expect(parseSettings("dev", {})).toEqual({
      environment: "dev",
      application: "markenmate",
      owner: "platform",
      network: {
        existing: undefined,
        vpcCidr: "10.20.0.0/16",
        availabilityZones: 3,
        endpoints: [],
        adminCidrs: [],
      },
      access: {
        mode: "direct",
        localPort: 15432,
        deployers: [],
        readers: { app: [], readonly: [], migrate: [], backup: [], monitor: [] },
        restorers: [],
      },
      backup: { retentionDays: 30, lockMode: "governance", lockDays: 7, verify: "monthly", validations: [] },
      logs: { retentionDays: 365, statements: "ddl", values: false, hiddenColumns: [] },
      notifications: { emails: [] },
      roles: NEVER_ROTATED,
      database: {
        engineVersion: "17",
        instanceClass: "db.t4g.micro",
        storageGb: 20,
        maxStorageGb: 100,
        port: 5432,
        multiAz: false,
        masterPassword: "rds",
        readReplica: false,
        backupRetentionDays: 7,
        backupWindow: "01:00-02:00",
        maintenanceWindow: "sun:03:00-sun:04:00",
        monitoringIntervalSeconds: 60,
        deletionProtection: true,
        applyImmediately: false,
        certificateAuthority: "rds-ca-rsa2048-g1",
        finalSnapshot: true,
        extensions: ["pg_stat_statements", "pgaudit"],
        parameters: {},
      },
      schemas: ["public"],
      rowLevelSecurity: [],
      applications: {},
    });
  });

  it("takes numbers as parameter values and hands them on as RDS wants them", () => {
    expect(parseSettings("dev", { database: { parameters: { lock_timeout: 8000 } } }).database.parameters).toEqual({
      lock_timeout: "8000",
    });
  });

  it("reports every mistake at once, under a line that names the file", () => {
    expect(() => parseSettings("dev", { database: { storageGb: 5, multiAz: "yes" }, schemas: [""] })).toThrowError(
      new SettingsError(
        "Pulumi.dev.yaml has 3 mistakes:\n" +
          "  database.storageGb: 5 is below RDS's minimum of 20; set 20 or more\n" +
          '  database.multiAz: "yes" must be true or false\n' +
          '  schemas[0]: "" is an empty schema name; name the schema, e.g. public, or take the entry out',
      ),
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      "storage too small",
      { database: { storageGb: 5 } },
      "database.storageGb: 5 is below RDS's minimum of 20; set 20 or more",
    ],
    [
      "storage too large",
      { database: { storageGb: 70000 } },
      "database.storageGb: 70000 is above RDS's maximum of 65536; set 65536 or less",
    ],
    ["storage not whole", { database: { storageGb: 20.5 } }, "database.storageGb: 20.5 must be a whole number of GiB"],
    ["storage as text", { database: { storageGb: "20" } }, 'database.storageGb: "20" must be a whole number of GiB'],
    [
      "version without quotes",
      { database: { engineVersion: 17 } },
      'database.engineVersion: 17 must be a version in quotes, e.g. "17"',
    ],
    [
      "version out of range",
      { database: { engineVersion: "13" } },
      'database.engineVersion: "13" is no version that this stack runs; set "15", "16", "17" or "18", with a minor version if need be',
    ],
    [
      "instance class",
      { database: { instanceClass: "t4g.micro" } },
      'database.instanceClass: "t4g.micro" is no RDS instance class; set one such as db.t4g.micro or db.m7g.large',
    ],
    ["port", { database: { port: 80 } }, "database.port: 80 is outside RDS's range; set a port from 1150 to 65535"],
    [
      "no backups",
      { database: { backupRetentionDays: 0 } },
      "database.backupRetentionDays: 0 turns point-in-time recovery off; set 1 to 35 days",
    ],
    [
      "extension",
      { database: { extensions: ["plpython3u"] } },
      'database.extensions[0]: "plpython3u" is not known here; set one of pg_stat_statements, pgaudit',
    ],
    [
      "unknown parameter",
      { database: { parameters: { log_statment: "all" } } },
      'database.parameters.log_statment: "all" is not among the stack\'s server settings; add it to model/parameters/index.ts, with its reason',
    ],
    [
      "empty CA file",
      { database: { caFile: "" } },
      'database.caFile: "" is empty; name a PEM file, or leave the key out for Amazon\'s RDS bundle',
    ],
    [
      "range",
      { network: { vpcCidr: "10.20.0.0" } },
      'network.vpcCidr: "10.20.0.0" is no IPv4 range; write it as 10.20.0.0/16',
    ],
    [
      "public range",
      { network: { vpcCidr: "8.8.0.0/16" } },
      'network.vpcCidr: "8.8.0.0/16" is not private; take a range from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16',
    ],
    [
      "range too large",
      { network: { vpcCidr: "10.0.0.0/8" } },
      'network.vpcCidr: "10.0.0.0/8" must be from /16 to /24: AWS allows no larger VPC, and smaller ones cannot hold the subnets',
    ],
    [
      "range that begins inside another",
      { network: { vpcCidr: "10.20.1.0/16" } },
      'network.vpcCidr: "10.20.1.0/16" does not begin at a multiple of its size; clear the bits after the first 16',
    ],
    [
      "one zone",
      { network: { availabilityZones: 1 } },
      "network.availabilityZones: 1 is below RDS's minimum of 2; set 2 or 3",
    ],
    [
      "four zones",
      { network: { availabilityZones: 4 } },
      "network.availabilityZones: 4 is more than is ever used; set 2 or 3",
    ],
    ["no schema", { schemas: [] }, "schemas: [] is empty; name at least one schema, e.g. [public]"],
    ["schema twice", { schemas: ["a", "a"] }, 'schemas: ["a","a"] names a schema twice; name each once'],
    [
      "schema name",
      { schemas: ["Sales"] },
      'schemas[0]: "Sales" is no plain schema name; use lower-case letters, digits and _',
    ],
    ["reserved schema", { schemas: ["pg_temp"] }, 'schemas[0]: "pg_temp" is reserved; choose another name'],
    [
      "application name",
      { application: "Marken Mate" },
      'application: "Marken Mate" must be lower-case letters and digits, beginning with a letter, e.g. markenmate',
    ],
    [
      "role name too long",
      { application: "a".repeat(60) },
      `application: "${"a".repeat(60)}" makes the role ${"a".repeat(60)}_readonly_clone, which has 75 bytes; PostgreSQL allows 63. Choose a name shorter by 12`,
    ],
    [
      "misspelt key",
      { database: { storageGB: 20 } },
      "database.storageGB: is not a known key; did you mean database.storageGb?",
    ],
    ["misspelt group", { databse: {} }, "databse: is not a known key; did you mean database?"],
    [
      "key unlike any other",
      { network: { colour: "red" } },
      "network.colour: is not a known key; known here: vpcCidr, availabilityZones, vpcId, databaseSubnetIds, endpointSecurityGroupId, endpoints, adminCidrs",
    ],
    ["text for a group", { database: "big" }, 'database: "big" must be a group of keys'],
    ["text for a list", { schemas: "public" }, 'schemas: "public" must be a list, e.g. [one, two]'],
  ])("names key, value and cure: %s", (_, raw, message) => {
    expect(mistakes(raw)).toEqual([message]);
  });
});
