import { CreateDBParameterGroupCommand, DBInstance, ModifyDBParameterGroupCommand } from "@aws-sdk/client-rds";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PARAMETERS, ServerParameter } from "../../model/parameters";
import { evaluateFormula } from "../../model/parameters/formula";
import { memoryOf } from "../../model/parameters/instance-memory";
import { hasPgaudit, LocalRds } from "../support/local-rds";

interface Setting {
  name: string;
  setting: string;
  unit: string | null;
  context: string;
  vartype: string;
  pending_restart: boolean;
}

const UNITS: Record<string, ServerParameter["unit"]> = { B: "bytes", kB: "kB", ms: "ms", "8kB": "8 kB pages" };
const DBInstanceClass = "db.t4g.small";
/** The local RDS gives no server more shared memory than this, in pages. */
const LOCAL_SHARED_BUFFERS = 16_384;

/** The whole of model/parameters/index.ts in a real server, of every version that the settings allow. */
describe.each(["15", "16", "17", "18"])("the server settings on PostgreSQL %s", async (version) => {
  const audited = await hasPgaudit(version);
  const known = PARAMETERS.filter(({ name }) => !name.startsWith("rds.")).filter(
    ({ name }) => audited || !name.startsWith("pgaudit."),
  );
  let local: LocalRds;
  let settings: Map<string, Setting>;

  beforeAll(async () => {
    local = await LocalRds.open(`server-parameters-${version}`);
    const DBParameterGroupName = `whole-set-${version}`;
    await local.rds.send(
      new CreateDBParameterGroupCommand({
        DBParameterGroupName,
        DBParameterGroupFamily: `postgres${version}`,
        Description: "made by a test",
      }),
    );
    for (let at = 0; at < PARAMETERS.length; at += 20) {
      const Parameters = PARAMETERS.slice(at, at + 20).map(({ name, value, apply }) => ({
        ParameterName: name,
        ParameterValue: value,
        ApplyMethod: apply === "static" ? ("pending-reboot" as const) : ("immediate" as const),
      }));
      await local.rds.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName, Parameters }));
    }
    const instance: DBInstance = await local.create(`whole-set-${version}`, {
      EngineVersion: version,
      DBInstanceClass,
      DBParameterGroupName,
    });
    const { rows } = await local.as(instance, (master) => master.query<Setting>("SELECT * FROM pg_settings"));
    settings = new Map(rows.map((row) => [row.name, row]));
  });
  afterAll(() => local.close());

  const inForce = ({ name, value }: ServerParameter) => {
    if (name === "shared_preload_libraries") {
      return audited ? value : "pg_stat_statements";
    }
    const wanted = evaluateFormula(value, memoryOf(DBInstanceClass));
    if (name === "shared_buffers") {
      return String(Math.min(Number(wanted), LOCAL_SHARED_BUFFERS));
    }
    return settings.get(name)?.vartype === "bool" ? (wanted === "1" ? "on" : "off") : wanted;
  };
  const seen = (value: (setting: Setting) => unknown) =>
    Object.fromEntries(known.map(({ name }) => [name, value(settings.get(name) as Setting)]));

  it("are in force, every one", () => {
    expect(seen(({ setting }) => setting)).toEqual(
      Object.fromEntries(known.map((parameter) => [parameter.name, inForce(parameter)])),
    );
    expect(known.filter(({ name }) => settings.get(name)?.pending_restart)).toEqual([]);
  });

  it("are given in PostgreSQL's own units", () => {
    expect(seen(({ unit }) => UNITS[unit ?? ""])).toEqual(
      Object.fromEntries(known.map(({ name, unit }) => [name, unit])),
    );
  });

  it("are static where PostgreSQL needs a restart, and nowhere else", () => {
    expect(seen(({ context }) => (context === "postmaster" ? "static" : "dynamic"))).toEqual(
      Object.fromEntries(known.map(({ name, apply }) => [name, apply])),
    );
  });
});
