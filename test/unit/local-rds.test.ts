import { describe, expect, it } from "vitest";
import { evaluateFormula } from "../../model/parameters/formula";
import { renderConfiguration, serverParameters } from "../../platform/rds/configuration";
import { InstanceRecord } from "../../platform/rds/instances";
import { memoryOf } from "../../model/parameters/instance-memory";
import { serverMessage } from "../../platform/rds/server";
import { addToInstances, errorXml } from "../../platform/rds/xml";

const GIB = 1024 ** 3;
const base = { majorVersion: 17, memoryBytes: 2 * GIB, hasPgaudit: true };
const tls = { cert: "/i/server.crt", key: "/i/server.key", ca: "/i/ca.pem" };
const render = (parameters: Record<string, string>, more = {}) =>
  renderConfiguration({ ...base, parameters, port: 15000, tls, ...more });

describe("instance classes", () => {
  it.each([
    ["db.t4g.micro", 1],
    ["db.t4g.small", 2],
    ["db.m7g.large", 8],
    ["db.r6g.large", 16],
    ["db.m7g.4xlarge", 64],
    ["db.r7g.2xlarge", 64],
    ["db.x2g.large", 32],
    ["db.x2iedn.xlarge", 128],
    ["db.c6gd.large", 4],
  ])("%s has %i GiB", (name, gib) => {
    expect(memoryOf(name)).toBe(gib * GIB);
  });

  it("that cannot be read are refused", () => {
    expect(() => memoryOf("db.huge")).toThrowError("Invalid DB Instance class: db.huge");
  });
});

describe("RDS's formulas", () => {
  it.each([
    ["{DBInstanceClassMemory/32768}", "65536"],
    ["LEAST({DBInstanceClassMemory/9531392},5000)", "225"],
    ["GREATEST({DBInstanceClassMemory/1024}, 65536)", "2097152"],
    ["SUM({DBInstanceClassMemory/12038}, -50003)", "128389"],
    ["{DBInstanceClassMemory*3/32768}", "196608"],
    ["{AllocatedStorage*3}", "{AllocatedStorage*3}"],
    ["LEAST({AllocatedStorage},5)", "LEAST({AllocatedStorage},5)"],
    ["5000", "5000"],
    ["scram-sha-256", "scram-sha-256"],
  ])("%s", (formula, value) => {
    expect(evaluateFormula(formula, 2 * GIB)).toBe(value);
  });
});

describe("configuration", () => {
  it("quotes values, so that none can add a line", () => {
    expect(render({ log_line_prefix: "it's" }).postgresqlConf).toContain("log_line_prefix = 'it''s'\n");
    expect(render({ log_line_prefix: "a\nssl = off" }).postgresqlConf).toContain("log_line_prefix = 'a\\nssl = off'\n");
    // A backslash alone would take the closing quote with it.
    expect(render({ log_line_prefix: "a\\" }).postgresqlConf).toContain("log_line_prefix = 'a\\\\'\n");
  });

  it("lets nobody in without TLS, and the superuser with a certificate alone", () => {
    expect(
      render({})
        .pgHbaConf.split("\n")
        .filter((line) => !line.startsWith("#") && line),
    ).toEqual([
      "hostssl    all,replication rdsadmin 127.0.0.1/32 cert",
      "host       all       rdsadmin   0.0.0.0/0      reject",
      "hostssl    all       all        127.0.0.1/32   scram-sha-256",
    ]);
    expect(render({ "rds.force_ssl": "0" }).pgHbaConf).toContain("host       all       all        127.0.0.1/32");
    expect(render({}, { majorVersion: 14 }).pgHbaConf).toContain("host       all       all        127.0.0.1/32");
  });

  it("listens on loopback only, whatever the group says", () => {
    const { postgresqlConf } = render({ listen_addresses: "*", port: "1" });
    expect(postgresqlConf).toContain("listen_addresses = '127.0.0.1'\n");
    expect(postgresqlConf.match(/^(port|listen_addresses) =/gm)).toHaveLength(2);
  });

  it("keeps RDS's own parameters from the server", () => {
    const { parameters } = serverParameters({
      ...base,
      parameters: { "rds.force_ssl": "1", "rds.logical_replication": "1" },
    });
    expect(Object.keys(parameters).filter((name) => name.startsWith("rds."))).toEqual([]);
    expect(parameters.wal_level).toBe("logical");
  });

  it("leaves pgaudit out where it does not exist, and says so", () => {
    const parameters = { shared_preload_libraries: "pgaudit,pg_stat_statements", "pgaudit.log": "ddl" };
    const without = serverParameters({ ...base, hasPgaudit: false, parameters });
    expect(without.parameters).toMatchObject({ shared_preload_libraries: "pg_stat_statements" });
    expect(without.parameters["pgaudit.log"]).toBeUndefined();
    expect(without.omitted).toEqual([expect.stringContaining("version 17 runs without it")]);
    const having = serverParameters({ ...base, parameters });
    expect(having.parameters).toMatchObject({ "pgaudit.log": "ddl" });
    expect(having.omitted).toEqual([]);
  });

  it("gives away no more of a laptop's memory than is needed", () => {
    expect(serverParameters({ ...base, memoryBytes: 64 * GIB, parameters: {} }).parameters.shared_buffers).toBe(
      "16384",
    );
  });
});

describe("what a server says", () => {
  it.each([
    ['2026-01-01 UTC [1] FATAL:  invalid value for parameter "x": "y"\n', 'invalid value for parameter "x": "y"'],
    ["2026-01-01 UTC [1] LOG:  starting\n2026 FATAL:  data directory is broken\n", "data directory is broken"],
    [
      "postgres: superuser_reserved_connections (60) must be less\n",
      "superuser_reserved_connections (60) must be less",
    ],
    ["2026-01-01 UTC [1] LOG:  database system is ready\n", undefined],
  ])("%j", (log, message) => {
    expect(serverMessage(log)).toBe(message);
  });
});

describe("answers", () => {
  const secret = { arn: "arn:secret", kmsKeyId: "key" };
  const record = { identifier: "one", secret, logExports: ["postgresql"] } as InstanceRecord;
  const block = (name: string) => `<DBInstance><DBInstanceIdentifier>${name}</DBInstanceIdentifier></DBInstance>`;

  it("tell of a master's secret and of logs that are handed on, in their own instance alone", () => {
    const xml = addToInstances(`<A>${block("one")}${block("two")}</A>`, new Map([["one", record]]));
    expect(xml).toBe(
      "<A><DBInstance><DBInstanceIdentifier>one</DBInstanceIdentifier><MasterUserSecret><SecretArn>arn:secret</SecretArn>" +
        `<SecretStatus>active</SecretStatus><KmsKeyId>key</KmsKeyId></MasterUserSecret>` +
        `<EnabledCloudwatchLogsExports><member>postgresql</member></EnabledCloudwatchLogsExports></DBInstance>${block("two")}</A>`,
    );
  });

  it("keep an error's text an error's text", () => {
    expect(errorXml("Code", 'a < b & "c"')).toContain('<Message>a &lt; b &amp; "c"</Message>');
  });
});
