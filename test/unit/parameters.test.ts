import { describe, expect, it } from "vitest";
import { logParameters, MANAGED_ELSEWHERE, PARAMETERS, withOverrides } from "../../model/parameters";
import { evaluateFormula } from "../../model/parameters/formula";
import { memoryOf } from "../../model/parameters/instance-memory";
import { parseSettings } from "../../model/settings";
import { mistakes } from "../support/mistakes";

const KB = 1024;
const PAGE = 8 * KB;
const CLASSES = [
  ...["db.t4g.micro", "db.t4g.small", "db.t4g.medium", "db.m7g.large", "db.m7g.xlarge", "db.m7g.4xlarge"],
  ...["db.r7g.large", "db.r7g.xlarge", "db.r7g.8xlarge", "db.r7g.16xlarge"],
];

describe("server parameters", () => {
  it("names each once, with a reason and with what it serves", () => {
    expect(new Set(PARAMETERS.map(({ name }) => name)).size).toBe(PARAMETERS.length);
    expect(PARAMETERS.filter(({ why, controls }) => why.length < 20 || controls.length === 0)).toEqual([]);
  });

  it("keep verifiers of passwords from those who read the statistics of statements", () => {
    expect(withOverrides({}).find(({ name }) => name === "pg_stat_statements.track_utility")?.value).toBe("0");
  });

  it("takes an environment's own value in place of the default", () => {
    const own = withOverrides({ lock_timeout: "9000" });
    expect(own.find(({ name }) => name === "lock_timeout")?.value).toBe("9000");
    expect(own.filter(({ value }, index) => value !== PARAMETERS[index]?.value)).toHaveLength(1);
  });

  it.each(CLASSES)("fit the memory of %s, with every session sorting and every autovacuum worker at work", (name) => {
    const memory = memoryOf(name);
    const of = (parameter: string) =>
      Number(evaluateFormula(PARAMETERS.find((entry) => entry.name === parameter)?.value ?? "", memory));
    const used =
      of("shared_buffers") * PAGE + of("max_connections") * of("work_mem") * KB + 3 * of("maintenance_work_mem") * KB;
    expect(used / memory).toBeLessThan(0.9);
    expect((of("shared_buffers") * PAGE) / memory).toBeCloseTo(0.25, 2);
    expect(of("work_mem")).toBeGreaterThanOrEqual(4096);
  });
});

describe("what logs.statements and logs.values decide", () => {
  const { statements, values } = parseSettings("dev", {}).logs;
  const byDefault = logParameters({ statements, values });

  it("is what the parameters say, when nothing is set", () => {
    const said = PARAMETERS.filter(({ name }) => name in byDefault).map(({ name, value }) => [name, value]);
    expect(Object.fromEntries(said)).toEqual(byDefault);
  });

  it("is set nowhere else", () => {
    expect(Object.keys(byDefault).filter((name) => !MANAGED_ELSEWHERE[name])).toEqual([]);
  });

  it("writes values and all that an error has to tell, or none of both", () => {
    expect(logParameters({ statements: "all", values: true })).toEqual({
      log_statement: "all",
      log_parameter_max_length: "-1",
      log_parameter_max_length_on_error: "-1",
      "pgaudit.log_parameter": "1",
      log_error_verbosity: "verbose",
    });
    expect(logParameters({ statements: "none", values: false })).toMatchObject({
      log_parameter_max_length: "0",
      log_parameter_max_length_on_error: "0",
      "pgaudit.log_parameter": "0",
      log_error_verbosity: "terse",
    });
  });
});

describe("an environment's own values", () => {
  const parameters = (values: Record<string, unknown>) => ({ database: { parameters: values } });

  it.each<[Record<string, unknown>, string]>([
    [{ work_mem: 1 }, "database.parameters.work_mem: 1 is below the minimum of 64 (kB); set 64 or more"],
    [
      { work_mem: "16MB" },
      'database.parameters.work_mem: "16MB" must be a whole number (kB), or a formula such as {DBInstanceClassMemory/32768}',
    ],
    [
      { max_connections: 9000 },
      "database.parameters.max_connections: 9000 is above the maximum of 5000; set 5000 or less",
    ],
    [
      { log_min_duration_statement: -2 },
      "database.parameters.log_min_duration_statement: -2 is below the minimum of -1 (ms); set -1 or more",
    ],
    [{ lc_messages: "de_DE" }, 'database.parameters.lc_messages: "de_DE" is not known here; set one of C'],
    [
      { log_statement: "all" },
      'database.parameters.log_statement: "all" is not set here; whose text is logged is logs.statements',
    ],
    ...["log_parameter_max_length", "log_parameter_max_length_on_error", "pgaudit.log_parameter"].map(
      (name): [Record<string, unknown>, string] => [
        { [name]: 1 },
        `database.parameters.${name}: 1 is not set here; whether values get into the log is logs.values`,
      ],
    ),
    [
      { log_error_verbosity: "verbose" },
      'database.parameters.log_error_verbosity: "verbose" is not set here; whether values get into the log is logs.values',
    ],
    [{ port: 5433 }, "database.parameters.port: 5433 is not set here; the port is database.port"],
  ])("%j", (values, message) => {
    expect(mistakes(parameters(values))).toEqual([message]);
  });

  it("may be a formula", () => {
    expect(mistakes(parameters({ work_mem: "{DBInstanceClassMemory/524288}" }))).toEqual([]);
  });

  it("may be the lowest and the highest that there is", () => {
    for (const max_connections of [10, 5000]) {
      expect(mistakes(parameters({ max_connections, work_mem: 64, log_min_duration_statement: -1 }))).toEqual([]);
    }
  });

  it("weaken no protection in prod", () => {
    const weak = {
      ...parameters({ "rds.force_ssl": 0, password_encryption: "md5" }),
      access: { deployers: ["deploy"] },
      notifications: { emails: ["ops@example.com"] },
    };
    expect(mistakes(weak, "prod")).toEqual([
      'database.parameters.rds.force_ssl: "0" weakens a protection that prod needs; leave it at 1',
      'database.parameters.password_encryption: "md5" weakens a protection that prod needs; leave it at scram-sha-256',
    ]);
    expect(mistakes(weak, "dev")).toEqual([]);
  });
});
