import { readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import {
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
  RDSClient,
  RebootDBInstanceCommand,
} from "@aws-sdk/client-rds";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client, ClientConfig } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Emulator, startEmulator } from "../../local/platform/emulator";
import { TOOLS_DIR } from "../../local/platform/paths";
import { LocalRds, startLocalRds } from "../../local/rds/front";
import { startInstances, stopInstances } from "../../local/rds/instances";
import { temporaryFolder } from "../support/engine";

/** The local RDS as any client sees it: through AWS's SDK and PostgreSQL's protocol. */
const region = "eu-central-1";
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const lines: string[] = [];
let dir: string;
let emulator: Emulator;
let front: LocalRds;
let rds: RDSClient;
const options = () => ({
  dataDir: path.join(dir, "rds"),
  tlsDir: path.join(dir, "tls"),
  toolsDir: TOOLS_DIR,
  log: (line: string) => lines.push(line),
});

beforeAll(async () => {
  dir = await temporaryFolder("local-rds");
  emulator = await startEmulator({ toolsDir: TOOLS_DIR, dataDir: path.join(dir, "emulator"), region });
  front = await startLocalRds({ ...options(), emulatorUrl: emulator.url, region });
  rds = new RDSClient({ endpoint: front.url, region, credentials, maxAttempts: 1 });
});
afterAll(async () => {
  await front.close();
  await stopInstances(options());
  await emulator.stop();
  await rm(dir, { recursive: true, force: true });
});

const set = (group: string, parameters: [name: string, value: string, method?: "immediate" | "pending-reboot"][]) =>
  rds.send(
    new ModifyDBParameterGroupCommand({
      DBParameterGroupName: group,
      Parameters: parameters.map(([ParameterName, ParameterValue, ApplyMethod = "immediate"]) => ({
        ParameterName,
        ParameterValue,
        ApplyMethod,
      })),
    }),
  );

async function makeGroup(version: string): Promise<string> {
  const name = `group-${version}`;
  const DBParameterGroupFamily = `postgres${version}`;
  await rds.send(
    new CreateDBParameterGroupCommand({ DBParameterGroupName: name, DBParameterGroupFamily, Description: "d" }),
  );
  return name;
}

const instance = (version: string, more: object = {}) =>
  new CreateDBInstanceCommand({
    DBInstanceIdentifier: `db-${version}`,
    Engine: "postgres",
    EngineVersion: version,
    DBInstanceClass: "db.t4g.small",
    AllocatedStorage: 20,
    MasterUsername: "boss",
    ManageMasterUserPassword: true,
    DBName: "app",
    DBParameterGroupName: `group-${version}`,
    Port: 5432,
    ...more,
  });

async function describeInstance(version: string) {
  const { DBInstances = [] } = await rds.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: `db-${version}` }),
  );
  return DBInstances[0];
}

async function login(version: string, more: ClientConfig = {}): Promise<Client> {
  const { MasterUserSecret, Endpoint } = (await describeInstance(version)) ?? {};
  const secrets = new SecretsManagerClient({ endpoint: emulator.url, region, credentials });
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: MasterUserSecret?.SecretArn }));
  const { username, password } = JSON.parse(SecretString as string) as { username: string; password: string };
  const ca = readFileSync(path.join(dir, "tls", "ca.pem"), "utf8");
  const client = new Client({
    host: Endpoint?.Address,
    port: Endpoint?.Port,
    database: "app",
    user: username,
    password,
    ssl: { ca },
    ...more,
  });
  client.on("error", () => undefined); // a restart ends sessions
  await client.connect();
  return client;
}

async function query<Row>(version: string, sql: string, more: ClientConfig = {}): Promise<Row[]> {
  const client = await login(version, more);
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

const show = async (version: string, name: string) =>
  (await query<{ value: string }>(version, `SELECT current_setting('${name}') AS value`))[0]?.value;

describe.each(["15", "17"])("PostgreSQL %s", (version) => {
  const group = `group-${version}`;

  beforeAll(async () => {
    await makeGroup(version);
    await set(group, [
      ["rds.force_ssl", "1"],
      ["max_connections", "50", "pending-reboot"],
      ["lock_timeout", "5000"],
      ["shared_preload_libraries", "pg_stat_statements,pgaudit", "pending-reboot"],
      ["pgaudit.log", "ddl"],
    ]);
    await rds.send(instance(version));
  });

  it("tells where it listens and where the master's password is", async () => {
    const described = await describeInstance(version);
    expect(described?.Endpoint).toMatchObject({ Address: "localhost", Port: expect.any(Number) as number });
    expect(described?.MasterUserSecret).toMatchObject({ SecretStatus: "active" });
  });

  it("is configured from the parameter group", async () => {
    expect(await show(version, "max_connections")).toBe("50");
    expect(await show(version, "lock_timeout")).toBe("5s");
    expect(await show(version, "server_version")).toMatch(new RegExp(`^${version}\\.`));
  });

  it("has a master that is no superuser, but a member of rds_superuser who owns the database", async () => {
    expect(
      await query(
        version,
        `SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, pg_has_role('rds_superuser', 'member') AS member,
                (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'app') AS owner
         FROM pg_roles WHERE rolname = current_user`,
      ),
    ).toEqual([
      { rolsuper: false, rolcreaterole: true, rolcreatedb: true, rolbypassrls: false, member: true, owner: "boss" },
    ]);
  });

  it("lets the master create and drop what PostgreSQL reserves to superusers", async () => {
    const extensions =
      version === "15" && lines.join().includes("pgaudit is not installed") ? [] : ["pg_stat_statements"];
    for (const extension of extensions) {
      await query(version, `CREATE EXTENSION ${extension}; DROP EXTENSION ${extension}; CREATE EXTENSION ${extension}`);
    }
    expect(extensions).not.toEqual([]);
  });

  it("refuses whoever comes without TLS, with another name, with a wrong password, or as the superuser", async () => {
    const attempt = (more: ClientConfig) => query(version, "SELECT 1", more);
    await expect(attempt({ ssl: false })).rejects.toThrowError(/no pg_hba.conf entry .* no encryption/);
    const ca = readFileSync(path.join(dir, "tls", "ca.pem"), "utf8");
    await expect(attempt({ host: "127.0.0.1", ssl: { ca, servername: "other" } })).rejects.toThrowError(
      "does not match certificate",
    );
    await expect(attempt({ ssl: {} })).rejects.toThrowError(/self-signed|unable to (verify|get)/);
    await expect(attempt({ password: "wrong" })).rejects.toThrowError("password authentication failed");
    await expect(attempt({ user: "rdsadmin" })).rejects.toThrowError("requires a valid client certificate");
  });

  it("refuses a wrong parameter in PostgreSQL's own words, and changes nothing", async () => {
    await expect(set(group, [["lock_timeoutt", "1"]])).rejects.toMatchObject({
      name: "InvalidParameterValue",
      message: 'unrecognized configuration parameter "lock_timeoutt"',
    });
    await expect(set(group, [["lock_timeout", "abc"]])).rejects.toThrowError(
      'invalid value for parameter "lock_timeout": "abc"',
    );
    await expect(set(group, [["work_mem", "1"]])).rejects.toThrowError(
      /^1 kB is outside the valid range for parameter "work_mem"/,
    );
    await expect(set(group, [["rds.nonsense", "1"]])).rejects.toThrowError('"rds.nonsense"');
    await expect(set(group, [["max_connections", "60"]])).rejects.toMatchObject({
      name: "InvalidParameterCombination",
    });
    expect(await show(version, "lock_timeout")).toBe("5s");
    await set(group, [["lock_timeout", "5000"]]); // the group is as before, so this still works
  });

  it("takes a dynamic parameter at once, in the same session", async () => {
    const client = await login(version);
    await set(group, [["lock_timeout", "7000"]]);
    const { rows } = await client.query<{ lock_timeout: string }>("SHOW lock_timeout");
    expect(rows).toEqual([{ lock_timeout: "7s" }]);
    await client.end();
  });

  it("restarts for a static parameter, and says so", async () => {
    await set(group, [["max_connections", "60", "pending-reboot"]]);
    expect(await show(version, "max_connections")).toBe("60");
    expect(lines).toContain(`Local RDS, db-${version}: restarting for max_connections`);
    expect(await query(version, "SELECT name FROM pg_settings WHERE pending_restart")).toEqual([]);
  });

  it("goes on as before when the server does not start with a change", async () => {
    // Each value is fine by itself; together they leave no connection for users.
    await expect(set(group, [["superuser_reserved_connections", "60", "pending-reboot"]])).rejects.toThrowError(
      /superuser_reserved_connections/,
    );
    expect(await show(version, "max_connections")).toBe("60");
  });

  it("keeps its data and its port when the platform stops and starts", async () => {
    await query(version, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)");
    const before = (await describeInstance(version))?.Endpoint?.Port;
    await stopInstances(options());
    await expect(login(version)).rejects.toThrowError("ECONNREFUSED");
    await startInstances(options());
    expect(await query(version, "SELECT id FROM kept")).toEqual([{ id: 7 }]);
    expect((await describeInstance(version))?.Endpoint?.Port).toBe(before);
  });

  it("accepts connections without TLS only when the group says so", async () => {
    await set(group, [["rds.force_ssl", "0"]]);
    expect(await query(version, "SELECT 1 AS one", { ssl: false })).toEqual([{ one: 1 }]);
    await set(group, [["rds.force_ssl", "1"]]);
    await expect(login(version, { ssl: false })).rejects.toThrowError("no encryption");
  });

  it("takes another group, a reboot and a new master password", async () => {
    const DBInstanceIdentifier = `db-${version}`;
    await rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier }));
    await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, MasterUserPassword: "another-password" }));
    expect(await query(version, "SELECT 1 AS one", { password: "another-password" })).toEqual([{ one: 1 }]);
  });

  it("refuses a major upgrade, and says what to do instead", async () => {
    const upgrade = new ModifyDBInstanceCommand({ DBInstanceIdentifier: `db-${version}`, EngineVersion: "18" });
    await expect(rds.send(upgrade)).rejects.toThrowError(/makes no major upgrades. Destroy the local stack/);
  });

  it("knows no password: the log has verifiers at most", async () => {
    const log = readFileSync(path.join(dir, "rds", `db-${version}`, "postgresql.log"), "utf8");
    expect(log).not.toContain("another-password");
    expect(log).not.toMatch(/PASSWORD '/);
  });

  it("leaves nothing behind when it is deleted", async () => {
    const { MasterUserSecret } = (await describeInstance(version)) ?? {};
    await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: `db-${version}`, SkipFinalSnapshot: true }));
    expect(await readdir(path.join(dir, "rds"))).not.toContain(`db-${version}`);
    const secrets = new SecretsManagerClient({ endpoint: emulator.url, region, credentials });
    await expect(
      secrets.send(new GetSecretValueCommand({ SecretId: MasterUserSecret?.SecretArn })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

describe("extensions' own parameters", () => {
  const hasPgaudit = () => !lines.join().includes("pgaudit exists on this machine for PostgreSQL 15 only; version 15");

  it("says once where pgaudit is missing", () => {
    expect(lines.filter((line) => line.includes("db-17") && line.includes("pgaudit"))).toHaveLength(1);
  });

  it("are refused in the extension's words, and nothing of the new instance is left", async (context) => {
    if (!hasPgaudit()) {
      context.skip("Debian's postgresql-15-pgaudit is not installed");
    }
    await set("group-15", [["pgaudit.log", "nonsense"]]); // no instance uses the group now, so nobody can tell
    await expect(rds.send(instance("15"))).rejects.toThrowError(/pgaudit\.log/);
    expect(await readdir(path.join(dir, "rds"))).not.toContain("db-15");
  });
});

describe("engine versions", () => {
  it("that are not there are refused in RDS's words", async () => {
    await expect(rds.send(instance("17", { EngineVersion: "12" }))).rejects.toMatchObject({
      name: "InvalidParameterCombination",
      message: "Cannot find version 12 for postgres. On this machine there is 15, 16, 17, 18",
    });
  });
});
