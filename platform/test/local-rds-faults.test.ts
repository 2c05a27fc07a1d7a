import { ChildProcess, spawn } from "node:child_process";
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { chown } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import {
  DBInstance,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  RebootDBInstanceCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from "@aws-sdk/client-rds";
import { ListSecretsCommand } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TOOLS_DIR } from "../shared/paths";
import { ensureDistribution } from "../rds/distribution";
import { temporaryFolder } from "../../test/support/engine";
import { LocalRds } from "../../test/support/local-rds";
import { childrenOf, killOutright, untilEnded } from "../../test/support/processes";

/** A process of the account that runs the server, which has nothing to do with it. */
function bystander(uid: number, gid: number): ChildProcess {
  const asRoot = process.getuid?.() === 0;
  return spawn("sleep", ["3600"], { stdio: "ignore", ...(asRoot && { uid, gid }) });
}

describe("when things go wrong in the local RDS", () => {
  const DBInstanceIdentifier = "sturdy";
  let local: LocalRds;
  let instance: DBInstance;
  const works = async () => expect(await local.value(instance, "SELECT 1")).toBe(1);
  const pidFile = () => path.join(local.dataDir, DBInstanceIdentifier, "data", "postmaster.pid");

  beforeAll(async () => {
    local = await LocalRds.open("local-rds-faults");
    instance = await local.create(DBInstanceIdentifier, { EngineVersion: "17" });
  });
  afterAll(() => local.close());

  it("a port that another process took is named", async () => {
    await local.stopInstances();
    const port = instance.Endpoint?.Port as number;
    const thief = createServer().listen(port, "127.0.0.1");
    await new Promise((listening) => thief.once("listening", listening));
    try {
      await expect(local.startInstances()).rejects.toThrowError(new RegExp(`port ${port} .*End that process`));
    } finally {
      await new Promise((closed) => thief.close(closed));
    }
    await local.startInstances();
    await works();
  });

  it("a server that was killed is started again", async () => {
    const server = Number(readFileSync(pidFile(), "utf8").split("\n")[0]);
    const workers = childrenOf(server); // they see that it is gone, and follow
    await killOutright([server]);
    await untilEnded(workers);
    await local.startInstances();
    await works();
  });

  it("a process that got a dead server's number is neither taken for it nor stopped", async () => {
    await local.stopInstances();
    const data = path.dirname(pidFile());
    const { uid, gid } = statSync(data);
    const other = bystander(uid, gid);
    try {
      writeFileSync(pidFile(), `${other.pid}\n${data}\n1\n1\n\n127.0.0.1\n\nready\n`, { mode: 0o600 });
      await chown(pidFile(), uid, gid);
      await local.stopInstances();
      expect([other.exitCode, other.signalCode]).toEqual([null, null]);
      await local.startInstances();
      await works();
      expect([other.exitCode, other.signalCode]).toEqual([null, null]);
    } finally {
      other.kill();
    }
  });

  it.each([
    ["InvalidParameterValue", { DBName: "x".repeat(64) }],
    ["InvalidParameterValue", { MasterUsername: "rdsadmin" }],
    ["InvalidParameterValue", { MasterUsername: "pg_master" }],
    ["InvalidParameterValue", { DBInstanceClass: "db.none" }],
    ["InvalidParameterValue", { ManageMasterUserPassword: false, MasterUserPassword: "short" }],
    ["DBParameterGroupNotFoundFault", { DBParameterGroupName: "nothing" }],
  ])("%s for %j, and nothing is left", async (name, settings) => {
    const secrets = async () => (await local.secrets.send(new ListSecretsCommand({}))).SecretList?.length;
    const before = await secrets();
    await expect(local.create("wrong", { EngineVersion: "17", ...settings })).rejects.toMatchObject({ name });
    expect(readdirSync(local.dataDir)).not.toContain("wrong");
    expect(await secrets()).toBe(before);
  });

  it("an instance that is not there is told in RDS's words", async () => {
    const of = { DBInstanceIdentifier: "nobody" };
    const name = "DBInstanceNotFoundFault";
    await expect(local.rds.send(new RebootDBInstanceCommand(of))).rejects.toMatchObject({ name });
    await expect(local.rds.send(new StopDBInstanceCommand(of))).rejects.toMatchObject({ name });
    await expect(local.rds.send(new StartDBInstanceCommand(of))).rejects.toMatchObject({ name });
    await expect(local.rds.send(new ModifyDBInstanceCommand(of))).rejects.toMatchObject({ name });
    await expect(local.rds.send(new DeleteDBInstanceCommand({ ...of, SkipFinalSnapshot: true }))).rejects.toMatchObject(
      { name },
    );
  });

  it("questions are answered while instances come and go", async () => {
    let done = false;
    const failures: string[] = [];
    const asking = (async () => {
      while (!done) {
        await local.rds.send(new DescribeDBInstancesCommand({})).catch((error: Error) => failures.push(error.message));
      }
    })();
    for (const short of ["one", "two", "three"]) {
      await local.create(short, { EngineVersion: "17" });
      await local.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: short, SkipFinalSnapshot: true }));
    }
    done = true;
    await asking;
    expect(failures).toEqual([]);
  });

  it("a folder that is closed to others is no hindrance, and another platform's instance of that name none of its business", async () => {
    const parent = await temporaryFolder("closed");
    chmodSync(parent, 0o700);
    const toolsDir = path.join(parent, "tools"); // its own, as in a clone that lies below a closed folder
    const { binDir } = await ensureDistribution({ toolsDir: TOOLS_DIR, engineVersion: "17", log: () => undefined });
    const distribution = path.dirname(binDir);
    cpSync(distribution, path.join(toolsDir, path.basename(distribution)), { recursive: true });
    const closed = await LocalRds.open("closed", { dir: path.join(parent, "platform"), toolsDir });
    try {
      const second = await closed.create(DBInstanceIdentifier, { EngineVersion: "17" });
      expect(await closed.value(second, "SHOW server_version")).toMatch(/^17/);
      await closed.stopInstances();
      await works();
    } finally {
      await closed.close();
      rmSync(parent, { recursive: true, force: true });
    }
  });
});
